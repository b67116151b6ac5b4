import { defaultFieldResolver, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import type { Context } from './context.ts';

/** Has every field of `Mutation` report to `context.audit` what became of it. Reporting changes no answer. */
export function reportChanges(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (
      source: unknown,
      args: Record<string, unknown>,
      context: Context,
      info: GraphQLResolveInfo,
    ) => {
      const { audit } = context;
      if (audit === null) return resolve(source, args, context, info);
      try {
        const result: unknown = await resolve(source, args, context, info);
        audit({ field: field.name, args, result, error: null });
        return result;
      } catch (error) {
        audit({ field: field.name, args, result: null, error });
        throw error;
      }
    };
  }
  return schema;
}
