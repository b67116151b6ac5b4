import {
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLBoolean,
  GraphQLID,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLString,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { collectSubfields } from 'graphql/execution/collectFields.js';
import type { Compiler, Selected } from './compiler.ts';
import type { Serialize } from './fields-code.ts';
import { type Complete, isPromise, LeftToGraphqlError, letGo, type Place, type Run } from './run.ts';

/** Where values of a type come from. */
type Origin = {
  readonly nodes: readonly FieldNode[];
  info(run: Run): GraphQLResolveInfo;
};

/** What graphql-js does to the value of a field, as long as nothing is wrong with it. */
export function completerOf(compiler: Compiler, type: GraphQLOutputType, origin: Origin): Complete {
  if (isNonNullType(type)) {
    const complete = presentOf(compiler, type.ofType, origin);
    return (run, value, place, key) => {
      if (value === null || value === undefined) throw new LeftToGraphqlError();
      complete(run, value, place, key);
    };
  }
  const complete = presentOf(compiler, type, origin);
  return (run, value, place, key) => {
    if (value === null || value === undefined) place[key] = null;
    else complete(run, value, place, key);
  };
}

/** For values that are not null. */
function presentOf(compiler: Compiler, type: GraphQLOutputType, origin: Origin): Complete {
  if (isLeafType(type)) return leafOf(type);
  if (isListType(type)) return listOf(completerOf(compiler, type.ofType, origin));
  if (isObjectType(type)) return objectCompleter(compiler, type, origin);
  // the kind that is left once null was taken off by `completerOf`
  return abstractOf(compiler, type as GraphQLAbstractType, origin);
}

/** Kinds of value that their type leaves as they are. */
const unchanged = new Map<GraphQLLeafType, string>([
  [GraphQLString, 'string'],
  [GraphQLID, 'string'],
  [GraphQLBoolean, 'boolean'],
]);

function leafOf(type: GraphQLLeafType): Complete {
  const serialize = serializerOf(type);
  return (_run, value, place, key) => {
    place[key] = serialize(value);
  };
}

/** What a leaf type makes of a value that is not null. */
export function serializerOf(type: GraphQLLeafType): Serialize {
  const kind = unchanged.get(type);
  return (value) => {
    if (typeof value === kind) return value;
    if (value instanceof Error) throw new LeftToGraphqlError();
    const serialized = type.serialize(value);
    if (serialized === null || serialized === undefined) throw new LeftToGraphqlError();
    return serialized;
  };
}

const listOf =
  (complete: Complete): Complete =>
  (run, value, place, key) => {
    // other iterables are rare
    if (!Array.isArray(value)) throw new LeftToGraphqlError();
    // written to by index, as an object is by name
    const list = new Array<unknown>(value.length) as unknown[] & Place;
    place[key] = list;
    try {
      for (let index = 0; index < value.length; index++) {
        const item: unknown = value[index];
        if (isPromise(item)) run.wait(item, complete, list, index);
        else complete(run, item, list, index);
      }
    } catch (error) {
      letGo(value);
      throw error;
    }
  };

function objectCompleter(compiler: Compiler, type: GraphQLObjectType, { nodes, info }: Origin): Complete {
  const { schema, fragments, variables } = compiler;
  // graphql-js declares a list it does not change
  const selected = collectSubfields(schema, fragments, variables, type, nodes as FieldNode[]);
  // what graphql-js collects has a node at least for each name
  const fields = compiler.fieldsOf(type, selected as Selected);
  const isTypeOf = type.isTypeOf?.bind(type) ?? null;
  return (run, value, place, key) => {
    if (value instanceof Error || (isTypeOf !== null && isTypeOf(value, run.context, info(run)) !== true)) {
      throw new LeftToGraphqlError();
    }
    place[key] = fields(run, value);
  };
}

function abstractOf(compiler: Compiler, type: GraphQLAbstractType, origin: Origin): Complete {
  const completers = new Map<string, Complete>();
  for (const possible of compiler.schema.getPossibleTypes(type)) {
    completers.set(possible.name, objectCompleter(compiler, possible, origin));
  }
  const resolveType = type.resolveType ?? defaultTypeResolver;
  return (run, value, place, key) => {
    const name = resolveType(value, run.context, origin.info(run), type);
    const complete = typeof name === 'string' ? completers.get(name) : undefined;
    if (complete === undefined) throw new LeftToGraphqlError();
    complete(run, value, place, key);
  };
}
