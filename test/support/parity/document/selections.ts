import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../../../src/schema/index.ts';
import { literals, variables } from './values.ts';
import type { Given } from './written.ts';

/** How an argument, or the `if` of a directive, is given. */
export type Argued =
  | { readonly by: 'literal'; readonly value: Given }
  | {
      readonly by: 'variable';
      readonly name: string;
      /** a `!` where null would do as well; only for one that is given */
      readonly isStrict: boolean;
      /** undefined: it has none */
      readonly fallback: Given | undefined;
      /** undefined: it is not given */
      readonly given: Given | undefined;
    };

export type Directive = { readonly name: 'skip' | 'include'; readonly condition: Argued };

export type Selection = { readonly directives: readonly Directive[] } & (
  | {
      readonly kind: 'field';
      readonly name: string;
      readonly alias: string | null;
      readonly args: Readonly<Record<string, Argued>>;
      readonly selections: readonly Selection[];
      /** the same field once more, with these below it; null: it stands there once */
      readonly again: readonly Selection[] | null;
    }
  | { readonly kind: 'inline'; readonly on: string | null; readonly selections: readonly Selection[] }
  | { readonly kind: 'spread'; readonly on: string; readonly name: string; readonly selections: readonly Selection[] }
  /** of a fragment that stands there already, where there is one that fits */
  | { readonly kind: 'respread'; readonly index: number }
);

/** Names that mean something to JavaScript, to the answers of GraphQL or to what plans are written as. */
export const telling = [
  ...['then', 'toJSON', 'constructor', '__proto__', 'length', 'stringify', 'data', 'errors', 'extensions'],
  ...['toString', 'valueOf', 'hasOwnProperty', 'prototype', 'catch', 'id', 'name', 'key', 'run', 's', 'd', 'g', '_'],
];
export const names = fc.constantFrom('a', 'b', ...telling);

/** What stands first is simplest: a document that fails is made of it as far as it goes. */
export const smaller = { withCrossShrink: true };

/** Selections of an object, at most `depth` levels of them. */
export function selectionsOf(type: GraphQLCompositeType, depth: number): fc.Arbitrary<readonly Selection[]> {
  const key = `${type.name} ${depth}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const wide = type.name === 'Query' ? 3 : 5;
  const selections = fc.array(
    lazily(() => selectionOf(type, depth)),
    { minLength: 1, maxLength: wide },
  );
  made.set(key, selections);
  return selections;
}

/** Made when it is needed: types lead back to themselves. */
const lazily = <T>(make: () => fc.Arbitrary<T>): fc.Arbitrary<T> => fc.constant(null).chain(make);

const made = new Map<string, fc.Arbitrary<readonly Selection[]>>();
const single = new Map<string, fc.Arbitrary<Selection>>();

function selectionOf(type: GraphQLCompositeType, depth: number): fc.Arbitrary<Selection> {
  const key = `${type.name} ${depth}`;
  let selection = single.get(key);
  if (selection === undefined) {
    selection = fc.oneof(...kindsOf(type, depth));
    single.set(key, selection);
  }
  return selection;
}

function kindsOf(type: GraphQLCompositeType, depth: number): fc.WeightedArbitrary<Selection>[] {
  const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
  const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
  const others = fields.filter((field) => !leaves.includes(field));
  const kinds: fc.WeightedArbitrary<Selection>[] = [{ arbitrary: typename, weight: 2 }];
  if (leaves.length > 0)
    kinds.push({ arbitrary: fc.oneof(...leaves.map((field) => fieldOf(field, type, 0))), weight: 8 });
  if (depth === 0) return kinds;
  if (others.length > 0) {
    kinds.push({ arbitrary: fc.oneof(...others.map((field) => fieldOf(field, type, depth - 1))), weight: 10 });
  }
  const overlapping = fc.constantFrom(...overlappingWith(type));
  const weight = isAbstractType(type) ? 8 : 1;
  const inner = overlapping.chain((on) =>
    fc.record({ on: fc.constant(on), selections: selectionsOf(typeNamed(on ?? type.name), depth - 1) }),
  );
  const fragment = (kind: 'inline' | 'spread') =>
    fc
      .record({ kind: fc.constant(kind), directives, inner, name: names })
      .map(({ inner: { on, selections }, ...rest }) => ({
        ...rest,
        selections,
        on: kind === 'spread' ? (on ?? type.name) : on,
      })) as fc.Arbitrary<Selection>;
  kinds.push(
    { arbitrary: fragment('inline'), weight },
    { arbitrary: fragment('spread'), weight },
    { arbitrary: fc.record({ kind: fc.constant('respread' as const), directives, index: fc.nat(5) }), weight: 1 },
  );
  return kinds;
}

const typeNamed = (name: string): GraphQLCompositeType => schema.getType(name) as GraphQLCompositeType;

/** Type conditions a fragment can have there; null: none. */
function overlappingWith(type: GraphQLCompositeType): (string | null)[] {
  if (isAbstractType(type))
    return schema
      .getPossibleTypes(type)
      .map(({ name }) => name)
      .concat(type.name);
  const around = isObjectType(type) ? type.getInterfaces().map(({ name }) => name) : [];
  return [null, type.name, ...around];
}

/** What decides by a variable may have no value for it, or null. */
const condition: fc.Arbitrary<Argued> = fc.oneof(
  fc.record({ by: fc.constant('literal' as const), value: fc.boolean() }),
  fc.record({
    by: fc.constant('variable' as const),
    name: fc.constantFrom('v', 'w', 'constructor', '__proto__'),
    isStrict: fc.boolean(),
    fallback: fc.option(fc.boolean(), { nil: undefined, freq: 2 }),
    given: fc.oneof(
      { arbitrary: fc.boolean(), weight: 24 },
      { arbitrary: fc.constantFrom(undefined, null, 'x'), weight: 1 },
    ),
  }),
);

const directives: fc.Arbitrary<readonly Directive[]> = fc.oneof(
  smaller,
  { arbitrary: fc.constant([]), weight: 40 },
  {
    arbitrary: fc.record({ name: fc.constantFrom('skip', 'include'), condition }).map((one) => [one]),
    weight: 2,
  },
  {
    arbitrary: fc.tuple(condition, condition).map(([skip, include]) => [
      { name: 'skip' as const, condition: skip },
      { name: 'include' as const, condition: include },
    ]),
    weight: 1,
  },
) as fc.Arbitrary<readonly Directive[]>;

const alias = fc.oneof(smaller, { arbitrary: fc.constant(null), weight: 4 }, { arbitrary: names, weight: 1 });

const typename: fc.Arbitrary<Selection> = fc.record({
  kind: fc.constant('field' as const),
  name: fc.constant('__typename'),
  alias,
  args: fc.constant({}),
  directives,
  selections: fc.constant([]),
  again: fc.oneof(smaller, { arbitrary: fc.constant(null), weight: 6 }, { arbitrary: fc.constant([]), weight: 1 }),
});

function fieldOf(
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
  depth: number,
): fc.Arbitrary<Selection> {
  const type = getNamedType(field.type);
  const isComposite = isCompositeType(type);
  const below = (): fc.Arbitrary<readonly Selection[]> =>
    isComposite ? lazily(() => selectionsOf(type, depth)) : fc.constant([]);
  return fc.record({
    kind: fc.constant('field' as const),
    name: fc.constant(field.name),
    alias,
    args: argumentsOf(field, parent),
    directives,
    selections: below(),
    again: fc.oneof(smaller, { arbitrary: fc.constant(null), weight: 6 }, { arbitrary: below(), weight: 1 }),
  });
}

function argumentsOf(
  { name: fieldName, args, type }: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
): fc.Arbitrary<Readonly<Record<string, Argued>>> {
  const isPage = getNamedType(type).name.endsWith('Connection');
  const entries = args.map((argument) => {
    const argued = arguedOf(argument, fieldName);
    if (isNonNullType(argument.type) && argument.defaultValue === undefined) return [argument.name, argued];
    // pages are to be small, mostly
    const weight = isPage && argument.name === 'first' && parent.name === 'Query' ? 12 : 1;
    const absent = { arbitrary: fc.constant(undefined), weight: argument.name === 'last' ? 12 : 3 };
    return [argument.name, fc.oneof(smaller, absent, { arbitrary: argued, weight })];
  });
  return fc
    .record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<Argued | undefined>>)
    .map((given) => Object.fromEntries(Object.entries(given).filter(([, one]) => one !== undefined))) as fc.Arbitrary<
    Readonly<Record<string, Argued>>
  >;
}

function arguedOf({ name, type }: GraphQLArgument, fieldName: string): fc.Arbitrary<Argued> {
  const place = { name, around: fieldName };
  const literal = literals(type, place);
  const orNull = isNonNullType(type) ? literal : fc.option(literal, { freq: 8 });
  return fc.oneof(
    fc.record({ by: fc.constant('literal' as const), value: orNull }),
    fc.record({
      by: fc.constant('variable' as const),
      name: fc.constantFrom(name, 'v', 'w', 'then', 'toString'),
      isStrict: fc.boolean(),
      fallback: fc.option(literal, { nil: undefined, freq: 2 }),
      given: fc.oneof(
        { arbitrary: variables(type, place), weight: 24 },
        { arbitrary: fc.constantFrom(undefined, null), weight: 1 },
      ),
    }),
  );
}
