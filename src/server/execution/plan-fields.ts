import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
} from 'graphql';
import type { Compiler, Fields, Selected } from './compiler.ts';
import { completerOf } from './plan-values.ts';
import { type Complete, type Data, isPromise, LeftToGraphqlError, type Run } from './run.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** A field of an object of a known type. */
type PlannedField = {
  /** name in the answer */
  readonly key: string;
  readonly typename: null;
  readonly index: number;
  readonly fieldName: string;
  /** null: the property of the field's name */
  readonly resolve: Resolver | null;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly complete: Complete;
};

type PlannedTypename = { readonly key: string; readonly typename: string };

/** Resolves and completes the selected fields of an object. */
export function fieldsOf(compiler: Compiler, parentType: GraphQLObjectType, selected: Selected): Fields {
  const definitions = parentType.getFields();
  const fields: (PlannedField | PlannedTypename)[] = [];
  for (const [key, nodes] of selected) {
    const fieldName = nodes[0]?.name.value ?? '';
    const definition = definitions[fieldName];
    const index = compiler.fieldCount++;
    // what a plain object cannot hold
    if (key === '__proto__') compiler.isPossible = false;
    else if (fieldName === '__typename') fields.push({ key, typename: parentType.name });
    // `__schema` and `__type`, fields of no type
    else if (definition === undefined) compiler.isPossible = false;
    else {
      const resolve = (definition.resolve as Resolver | undefined) ?? null;
      const own = { key, typename: null, index, fieldName, resolve, definition, nodes, parentType };
      const complete: Complete = completerOf(compiler, definition.type, {
        nodes,
        info: (run) => infoOf(compiler, run, own),
      });
      fields.push({ ...own, complete });
    }
  }
  return (run, source, data) => {
    for (const field of fields) {
      const { key, typename } = field;
      if (typename !== null) {
        data[key] = typename;
        continue;
      }
      const { resolve, complete } = field;
      const value =
        resolve === null
          ? propertyOf(source, field.fieldName)
          : resolve(source, argsOf(run, field), run.context, infoOf(compiler, run, field));
      if (isPromise(value)) run.wait(value, complete, data, key);
      else complete(run, value, data, key);
    }
  };
}

function propertyOf(source: unknown, name: string): unknown {
  const value = (source as Data | null | undefined)?.[name];
  if (typeof value === 'function') throw new LeftToGraphqlError();
  return value;
}

const noArgs: Record<string, unknown> = Object.freeze({});

function argsOf(run: Run, { index, definition, nodes: [node] }: PlannedField): Record<string, unknown> {
  const known = run.args[index];
  if (known !== undefined) return known;
  const hasArgs = (definition?.args as readonly GraphQLArgument[] | undefined)?.length;
  const args = hasArgs && node !== undefined ? getArgumentValues(definition, node, run.variables) : noArgs;
  run.args[index] = args;
  return args;
}

type InfoField = Pick<PlannedField, 'index' | 'fieldName' | 'definition' | 'nodes' | 'parentType'>;

function infoOf(compiler: Compiler, run: Run, field: InfoField): GraphQLResolveInfo {
  const known = run.infos[field.index];
  if (known !== undefined) return known;
  const info = new ResolveInfo(compiler, field, run.variables);
  run.infos[field.index] = info;
  return info;
}

/** One for all objects that have the field, so it has no path: a resolver that wants it is left to graphql-js. */
class ResolveInfo implements GraphQLResolveInfo {
  readonly fieldName;
  readonly fieldNodes;
  readonly returnType;
  readonly parentType;
  readonly schema;
  readonly fragments;
  readonly rootValue = undefined;
  readonly operation;
  readonly variableValues;

  constructor({ schema, fragments, operation }: Compiler, field: InfoField, variables: Data) {
    this.fieldName = field.fieldName;
    this.fieldNodes = field.nodes;
    this.returnType = field.definition?.type;
    this.parentType = field.parentType;
    this.schema = schema;
    this.fragments = fragments;
    this.operation = operation;
    this.variableValues = variables;
  }

  get path(): never {
    throw new LeftToGraphqlError();
  }
}
