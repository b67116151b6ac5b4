import type { GraphQLSchema } from 'graphql';
import { isObjectType } from 'graphql';

/**
 * `extensions` of a field whose value is no matter of what ModelArts answers alone (it depends on the clock, or on what the
 * gateway remembers), or is a secret. An answer that holds one is never kept, not even for the caller it was given to.
 */
export const volatile = { isVolatile: true } as const;

/** Names of the volatile fields. */
export function volatileFields(schema: GraphQLSchema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields()))
      if (field.extensions.isVolatile === true) names.add(field.name);
  }
  return names;
}
