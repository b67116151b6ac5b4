import {
  buildSchema,
  type ExecutionResult,
  execute,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { planQuery } from '../../src/server/fast/execution/plan.ts';

const colour = new GraphQLEnumType({ name: 'Colour', values: { RED: { value: 'r' }, BLUE: { value: 'b' } } });
const thing = new GraphQLInterfaceType({
  name: 'Thing',
  fields: { name: { type: GraphQLString } },
  resolveType: (value: { kind: string }) => value.kind,
});
type Item = { readonly name: string; readonly must?: string | null };

const item: GraphQLObjectType<Item> = new GraphQLObjectType({
  name: 'Item',
  interfaces: [thing],
  fields: () => ({
    name: { type: GraphQLString },
    must: {
      type: new GraphQLNonNull(GraphQLString),
      resolve: (source) => (source.must === undefined ? 'm' : source.must),
    },
    late: { type: GraphQLString, resolve: async (source) => `late ${source.name}` },
    colour: { type: colour },
    throws: {
      type: GraphQLString,
      resolve: () => {
        throw new Error('no');
      },
    },
    rejects: { type: GraphQLString, resolve: async () => Promise.reject(new Error('no')) },
    fails: { type: GraphQLString, resolve: () => new Error('as a value') },
    where: { type: GraphQLString, resolve: (_source, _args, _context, { path }) => String(path.key) },
    selected: {
      type: GraphQLString,
      resolve: (_s, _a, _c, { fieldNodes, fieldName }) => `${fieldName} ${fieldNodes.length}`,
    },
    echo: {
      type: GraphQLString,
      args: { text: { type: GraphQLString, defaultValue: 'd' } },
      resolve: (_source, { text }) => text,
    },
    set: { type: new GraphQLList(GraphQLInt), resolve: () => new Set([1, 2]) },
    numbers: { type: new GraphQLList(GraphQLInt), resolve: () => [1, Promise.resolve(2), null] },
    self: { type: item, resolve: (source) => Promise.resolve(source) },
  }),
});
const other = new GraphQLObjectType({ name: 'Other', interfaces: [thing], fields: { name: { type: GraphQLString } } });

const items = [
  { kind: 'Item', name: 'one', colour: 'r' },
  { kind: 'Item', name: 'two', colour: 'b' },
];
const schema = new GraphQLSchema({
  types: [item, other],
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      item: { type: item, resolve: () => items[0] },
      items: { type: new GraphQLList(item), resolve: async () => items },
      things: { type: new GraphQLList(thing), resolve: () => [...items, { kind: 'Other', name: 'three' }] },
      odd: { type: item, resolve: () => ({ colour: 'unknown', must: null, name: () => 'called' }) },
      nothing: { type: item, resolve: () => null },
    },
  }),
  mutation: new GraphQLObjectType({ name: 'Mutation', fields: { change: { type: GraphQLString } } }),
});

type Outcome = { readonly planned: ExecutionResult | null; readonly ordinary: ExecutionResult };

async function both(source: string, variables: Record<string, unknown> = {}): Promise<Outcome> {
  const document = parse(source);
  const data = (await planQuery({ schema, document })?.run({}, variables)) ?? null;
  const ordinary = await execute({ schema, document, variableValues: variables });
  return { planned: data === null ? null : { data }, ordinary };
}

/** As JSON, so that the order of fields counts. */
const written = (result: ExecutionResult | null): string => JSON.stringify(result);

describe('a query plan', () => {
  it.each([
    '{ item { name colour must late } }',
    '{ items { late name self { late self { name } } colour } }',
    '{ a: item { b: name } c: items { d: late __typename } __typename }',
    '{ things { __typename name ... on Item { colour late } ...o } } fragment o on Other { n: name }',
    '{ item { ...x ...x name } } fragment x on Item { name self { name } self { colour } }',
    '{ item { name } } # plain',
    '{ item { echo a: echo(text: "t") b: echo(text: null) selected selected } nothing { name } }',
    '{ items { numbers } }',
    'query($t: String = "v") { item { echo(text: $t) } }',
    'query($t: String) { item { echo(text: $t) } }',
  ])('answers %s as graphql-js does', async (source) => {
    const { planned, ordinary } = await both(source);
    expect(ordinary.errors).toBeUndefined();
    expect(written(planned)).toBe(written(ordinary));
  });

  it.each([[{ a: true, b: true }], [{ a: true, b: false }], [{ a: false, b: true }], [{ a: false, b: false }]])(
    'selects by @skip and @include with %j',
    async (variables) => {
      const source = `query($a: Boolean!, $b: Boolean!) {
      item { name @skip(if: $a) colour @include(if: $b) ... on Item @include(if: $a) { must } ...f @skip(if: $b) }
    } fragment f on Item { late }`;
      const { planned, ordinary } = await both(source, variables);
      expect(written(planned)).toBe(written(ordinary));
    },
  );

  it.each([
    ['an error', '{ item { name throws } }'],
    ['an error that comes late', '{ items { name rejects } }'],
    ['an error as a value', '{ item { fails } }'],
    ['null where there must be a value', '{ odd { must } }'],
    ['a value its type does not know', '{ odd { colour } }'],
    ['a method', '{ odd { name } }'],
    ['an iterable that is no array', '{ item { set } }'],
    ['a resolver that asks for its path', '{ items { where } }'],
    ['the schema', '{ __schema { queryType { name } } }'],
    ['a name that objects cannot hold', '{ item { __proto__: name } }'],
    ['the same for the name of the type', '{ __proto__: __typename }'],
    ['a mutation', 'mutation { change }'],
    ['a variable of the wrong type', 'query($t: String) { item { echo(text: $t) } }', { t: {} }],
    ['a variable that is missing', 'query($t: String!) { item { echo(text: $t) } }'],
  ] as [string, string, Record<string, unknown>?][])('leaves %s to graphql-js', async (_, source, variables = {}) => {
    expect((await both(source, variables)).planned).toBeNull();
  });

  it('is made for a few selections only', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const source = `query(${names.map((name) => `$${name}: Boolean!`)}) { item { ${names.map((name) => `${name}: name @skip(if: $${name})`).join(' ')} } }`;
    const plan = planQuery({ schema, document: parse(source) });
    const answered = Array.from({ length: 32 }, (_, bits) =>
      plan?.run({}, Object.fromEntries(names.map((name, index) => [name, (bits & (1 << index)) !== 0]))),
    ).filter((data) => data !== null);
    expect(answered).toHaveLength(16);
  });

  it('that is given up leaves no rejection of a list unheard, which would end the process', async () => {
    const unheard: unknown[] = [];
    const listen = (error: unknown): void => void unheard.push(error);
    process.on('unhandledRejection', listen);
    const failing = async (): Promise<never> => {
      await null;
      throw new Error('no');
    };
    const plain = new GraphQLSchema({
      query: new GraphQLObjectType({
        name: 'Query',
        fields: {
          throws: { type: GraphQLInt, resolve: failing },
          late: {
            type: new GraphQLList(GraphQLInt),
            resolve: () => new Promise((resolve) => setTimeout(() => resolve([failing(), failing()]), 2)),
          },
          mixed: { type: new GraphQLList(new GraphQLNonNull(GraphQLInt)), resolve: () => [null, failing()] },
        },
      }),
    });
    try {
      for (const source of ['{ throws late }', '{ mixed }']) {
        expect(await planQuery({ schema: plain, document: parse(source) })?.run({}, {})).toBeNull();
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      process.off('unhandledRejection', listen);
    }
    expect(unheard).toEqual([]);
  });

  it('is not made without an operation of that name', () => {
    const plain = buildSchema('type Query { a: Int }');
    expect(planQuery({ schema: plain, document: parse('query A { a }'), operationName: 'B' })).toBeNull();
    expect(planQuery({ schema: plain, document: parse('query A { a }'), operationName: 'A' })).not.toBeNull();
  });
});
