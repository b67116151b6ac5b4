import fc from 'fast-check';
import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import type { Given } from './written.ts';

/** Where a value is to stand: its own name and that of the field or type around it. */
export type Place = { readonly name: string; readonly around: string };

/**
 * Values that a literal of the type can have. What names an object of the simulator is written as `@{…}`, for it is another
 * one in each run (`Stock`).
 */
export function literals(type: GraphQLInputType, place: Place): fc.Arbitrary<Given> {
  if (isNonNullType(type)) return literals(type.ofType, place);
  if (isListType(type)) return listOf(type.ofType, place, literals);
  if (isEnumType(type)) return enumsOf(type);
  if (isInputObjectType(type)) return objectOf(type, (inner, at) => orVariable(literals(inner, at), at.name));
  return scalars(type.name, place);
}

/** Values that a variable of the type can be given: those of literals, what is coerced, and some that cannot be taken. */
export function variables(type: GraphQLInputType, place: Place): fc.Arbitrary<Given> {
  const right = rightVariables(type, place);
  return fc.oneof({ arbitrary: right, weight: 24 }, { arbitrary: fc.constantFrom(...wrong), weight: 1 });
}

const nothing = fc.constant(null);
const wrong: readonly Given[] = [true, 1.5, 'NOPE', 'running', {}, [], [null], { nope: 1 }, 2_147_483_648, '', '1'];

function rightVariables(type: GraphQLInputType, place: Place): fc.Arbitrary<Given> {
  if (isNonNullType(type)) return rightVariables(type.ofType, place);
  if (isListType(type)) return listOf(type.ofType, place, rightVariables);
  if (isInputObjectType(type)) return objectOf(type, rightVariables);
  if (isEnumType(type)) return literals(type, place);
  if (type.name === 'Int')
    return fc.oneof(literals(type, place), fc.constantFrom<Given>({ pointed: 1 }, { pointed: 2 }));
  return scalars(type.name, place);
}

function enumsOf(type: GraphQLEnumType): fc.Arbitrary<Given> {
  const names = type.getValues().map(({ name }) => name);
  // what stands for values nobody knows is refused in requests
  const [others, usual] = [names.filter((name) => name === 'UNKNOWN'), names.filter((name) => name !== 'UNKNOWN')];
  const known = { arbitrary: fc.constantFrom(...usual), weight: 16 };
  return others.length === 0 ? known.arbitrary : fc.oneof(known, fc.constantFrom(...others));
}

type Values = (type: GraphQLInputType, place: Place) => fc.Arbitrary<Given>;

function objectOf(object: GraphQLInputObjectType, values: Values): fc.Arbitrary<Given> {
  const fields = Object.values(object.getFields());
  const entries = fields.map(({ name, type }) => {
    const value = values(type, { name, around: object.name });
    return [name, isNonNullType(type) ? value : fc.oneof({ arbitrary: value, weight: 6 }, nothing)] as const;
  });
  const requiredKeys = fields.filter(isRequiredInputField).map(({ name }) => name);
  return fc.record(Object.fromEntries(entries), { requiredKeys }) as fc.Arbitrary<Given>;
}

/** Also a single value for a list of it. */
const listOf = (itemType: GraphQLInputType, place: Place, values: Values): fc.Arbitrary<Given> =>
  fc.oneof(
    { arbitrary: fc.array(orVariable(values(itemType, place), 'item'), { maxLength: 4 }), weight: 4 },
    { arbitrary: values(itemType, place), weight: 1 },
  );

/** Now and then a variable stands for a part of a value. */
const orVariable = (value: fc.Arbitrary<Given>, name: string): fc.Arbitrary<Given> =>
  fc.oneof(
    { arbitrary: value, weight: 12 },
    {
      arbitrary: fc.option(value, { nil: undefined, freq: 3 }).map((given) => ({ inner: { name, given } })),
      weight: 1,
    },
  );

function scalars(typeName: string, place: Place): fc.Arbitrary<Given> {
  if (typeName === 'Boolean') return fc.boolean();
  if (typeName === 'Int') return integersAt(place);
  if (typeName === 'ID') return idsAt(place);
  return textsAt(place);
}

function integersAt({ name }: Place): fc.Arbitrary<Given> {
  if (name === 'first' || name === 'last')
    return fc.oneof({ arbitrary: fc.integer({ min: 0, max: 3 }), weight: 24 }, fc.constantFrom(-1, 7, 200, 201));
  return fc.constantFrom(1, 0, 5, 50, 3600, 86_400, -1, 4097);
}

/** Ids of objects that are there, of some that are not, of other types, and what can be no id. */
function idsAt({ name, around }: Place): fc.Arbitrary<Given> {
  const there = thereAt[name === 'id' ? around : name] ?? everything;
  const missing = '00000000-0000-0000-0000-00000000000f';
  return fc.oneof(
    { arbitrary: fc.constantFrom(...there), weight: 16 },
    { arbitrary: fc.constantFrom<Given>(missing, '@{Notebook:missing}', '@{Image:missing}'), weight: 2 },
    { arbitrary: fc.constantFrom<Given>('..', '', 'a b', 'ä', 17, -1, 'x'.repeat(129), 'Tm90ZWJvb2s6'), weight: 1 },
  );
}

const everything = [
  ...['@{Notebook:running}', '@{Notebook:stopped}', '@{Notebook:creating}', '@{Notebook:failed}', '@{Image:cpu}'],
  ...['@{Flavor:cpu}', '@{DevEnvInstance:showcase}', '@{StorageMount:mount}'],
];
const notebooks = ['@{running}', '@{Notebook:running}', '@{stopped}', '@{creating}', '@{Notebook:failed}'];
const thereAt: Readonly<Record<string, readonly Given[]>> = {
  notebook: notebooks,
  image: ['@{cpu}', '@{Image:cpu}', '@{other}', '@{cpu}', '@{Notebook:running}'],
  flavor: ['@{flavor}', '@{Flavor:cpu}', 'modelarts.vm.cpu.2u', 'none'],
  devEnvInstance: ['@{showcase}', '@{DevEnvInstance:showcase}'],
  storageMount: ['@{mount}', '@{StorageMount:mount}'],
  imageId: ['@{cpu}', '@{Image:cpu}', '@{other}'],
  flavorId: ['@{flavor}', '@{Flavor:cpu}', 'none'],
};

function textsAt({ name, around }: Place): fc.Arbitrary<Given> {
  if (name === 'after' || name === 'before') {
    const cursors = [0, 1].map((index) => `@{cursor:${around}:${index}}`);
    return fc.oneof(
      { arbitrary: fc.constantFrom(...cursors), weight: 12 },
      fc.constantFrom('', 'x', '@{cursor:images:1}'),
    );
  }
  return fc.constantFrom(...(textsOf[name] ?? texts));
}

const texts = ['a', '', 'running', 'größer-日本', 'a b', '"\\\n', '0', '@{running}', '__proto__'];
const textsOf: Readonly<Record<string, readonly string[]>> = {
  name: ['running', 'stopped', 'a', '', 'eu-de', 'a b', 'pytorch'],
  workspaceId: ['0', '0', 'x'],
  ownerId: ['10000000000000000000000000000001', 'x'],
  namespace: ['atelier', 'x', ''],
};
