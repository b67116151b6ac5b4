import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLID,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLString,
  isLeafType,
  isNonNullType,
} from 'graphql';
import type { Compiler, Fields, Selected } from './compiler.ts';
import { type FieldCode, objectCode } from './fields-code.ts';
import { argsOf } from './plan-args.ts';
import { completerOf, serializerOf } from './plan-values.ts';
import { type Complete, type Data, isPromise, LeftToGraphqlError, type Run } from './run.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** A field of an object of a known type. */
type PlannedField = {
  /** name in the answer */
  readonly key: string;
  readonly index: number;
  readonly fieldName: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
};

/** Of all types a selection may be of, each time they nest: what is larger takes tens of milliseconds to compile. */
const maxFields = 2000;

const nothing: Fields = () => ({});

export function fieldsOf(compiler: Compiler, parentType: GraphQLObjectType, selected: Selected): Fields {
  const definitions = parentType.getFields();
  const fields: FieldCode[] = [];
  for (const [key, nodes] of selected) {
    if (compiler.fieldCount >= maxFields) compiler.isPossible = false;
    if (!compiler.isPossible) return nothing;
    const fieldName = nodes[0]?.name.value ?? '';
    const definition = definitions[fieldName];
    const index = compiler.fieldCount++;
    // what a plain object cannot hold
    if (key === '__proto__') compiler.isPossible = false;
    else if (fieldName === '__typename') fields.push({ key, kind: 'typename', typename: parentType.name });
    // `__schema` and `__type`, fields of no type
    else if (definition === undefined) compiler.isPossible = false;
    else fields.push(codeOf(compiler, { key, index, fieldName, definition, nodes, parentType }));
  }
  return objectCode(fields);
}

function codeOf(compiler: Compiler, field: PlannedField): FieldCode {
  const { key, definition, nodes } = field;
  const { type } = definition;
  const complete = completerOf(compiler, type, { nodes, info: (run) => infoOf(compiler, run, field) });
  const property = propertyOf(compiler, field);
  if (property === null) {
    // resolvers are called with what graphql-js would give them
    const resolve = (definition.resolve as Resolver | undefined) ?? defaultFieldResolver;
    // a field that is selected has a node
    const args = argsOf(definition, nodes[0] as FieldNode);
    return {
      key,
      kind: 'resolved',
      resolve(run, source, data) {
        const value = resolve(source, argsIn(run, field, args), run.context, infoOf(compiler, run, field));
        if (isPromise(value)) run.wait(value, complete, data, key);
        else complete(run, value, data, key);
      },
    };
  }
  const named = isNonNullType(type) ? type.ofType : type;
  if (named === GraphQLString || named === GraphQLID) return { key, kind: 'text', property, complete };
  if (!isLeafType(named)) return { key, kind: 'property', property, complete: whenThere(complete) };
  return { key, kind: 'leaf', property, isRequired: isNonNullType(type), serialize: serializerOf(named) };
}

/** What is promised is waited for; a method is for graphql-js to call. */
const whenThere =
  (complete: Complete): Complete =>
  (run, value, data, key) => {
    if (isPromise(value)) run.wait(value, complete, data, key);
    else if (typeof value === 'function') throw new LeftToGraphqlError();
    else complete(run, value, data, key);
  };

/** Name of the property that is the field's value; null: it is resolved. */
function propertyOf({ root }: Compiler, { definition, fieldName, parentType }: PlannedField): string | null {
  const { resolve, extensions } = definition;
  // the root has no object
  if (parentType === root) return null;
  if (resolve === undefined) return fieldName;
  // what Pothos makes of `expose`
  const exposed = extensions.pothosExposedField;
  return typeof exposed === 'string' && extensions.pothosResolveWrapped === false ? exposed : null;
}

/** Made once for all objects that have the field. */
function argsIn(run: Run, { index }: PlannedField, args: (variables: Data) => Data): Data {
  const known = run.args[index];
  if (known !== undefined) return known;
  const made = args(run.variables);
  run.args[index] = made;
  return made;
}

function infoOf(compiler: Compiler, run: Run, field: PlannedField): GraphQLResolveInfo {
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

  constructor({ schema, fragments, operation }: Compiler, field: PlannedField, variables: Data) {
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
