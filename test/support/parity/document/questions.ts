import fc from 'fast-check';
import { type GraphQLCompositeType, type GraphQLObjectType, getNamedType } from 'graphql';
import { schema } from '../../../../src/schema/index.ts';
import { Rendering } from './rendering.ts';
import { type Argued, names, type Selection, selectionsOf, smaller } from './selections.ts';
import type { Given } from './written.ts';

/** What a client sends; `@{…}` in it stands for what a bed has in stock. */
export type Question = {
  readonly query: string;
  /** JSON text; null: the parameter is left out */
  readonly variables: string | null;
  /** undefined: the parameter is left out */
  readonly operationName?: string | null | undefined;
};

type Operations = {
  readonly name: string | null;
  readonly selections: readonly Selection[];
  readonly others: readonly string[];
  readonly isOtherFirst: boolean;
  readonly asked: 'own' | 'none' | 'null' | 'other' | 'wrong' | 'empty';
};

const query = schema.getQueryType() as GraphQLObjectType;
const mutation = schema.getMutationType() as GraphQLObjectType;
const levels = 5;

const operations: fc.Arbitrary<Operations> = fc.record({
  name: fc.option(names, { nil: null }),
  selections: selectionsOf(query, levels),
  others: fc.oneof(
    smaller,
    { arbitrary: fc.constant<string[]>([]), weight: 8 },
    { arbitrary: fc.uniqueArray(fc.constantFrom('Other', 'valueOf', '__proto__'), { minLength: 1 }), weight: 1 },
  ),
  isOtherFirst: fc.boolean(),
  asked: fc.oneof(
    smaller,
    { arbitrary: fc.constant('own' as const), weight: 24 },
    fc.constantFrom('none' as const, 'null' as const, 'other' as const, 'wrong' as const, 'empty' as const),
  ),
});

/** How a document is spoilt, now and then. */
const spoilings: readonly ((document: string) => string)[] = [
  (document) => document.slice(0, -1),
  (document) => document.replace('{', '{ nope '),
  (document) => document.replace('{', '{ ...nope '),
  (document) => document.replace('{', `{ ${'notebooks { nodes { image { '.repeat(6)}${'} } } '.repeat(6)}`),
  (document) =>
    document.replace('{', `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename`).join(' ')} `),
  (document) => document.replace('{', '{ notebook '),
  (document) => document.replace('{', '{ images(first: 201) { totalCount } '),
  (document) => document.replace('{', '{ __schema { queryType { name } } '),
  (document) => document.replace('{', '{ __type(name: "Node") { name possibleTypes { name } } '),
  (document) => `# ${document}`,
  (document) => `${document} ${document}`,
];

const spoilt = fc.oneof(
  smaller,
  { arbitrary: fc.constant(null), weight: 20 },
  { arbitrary: fc.constantFrom(...spoilings), weight: 1 },
);

/** Variables no document asks for. */
const further = fc.oneof(
  smaller,
  { arbitrary: fc.constant<string[]>([]), weight: 8 },
  { arbitrary: fc.constantFrom(['"more":1'], ['"more":{"a":[1.0]}'], ['"__proto__":{"v":true}']), weight: 1 },
);

const queries: fc.Arbitrary<Question> = fc
  .record({ operations, spoilt, further, isBare: fc.boolean() })
  .map((parts) => {
    const rendering = new Rendering();
    const selections = rendering.selectionsOf(query, parts.operations.selections);
    const { name, others, isOtherFirst } = parts.operations;
    const own = `query ${name ?? (others.length > 0 ? 'Own' : '')}${rendering.definitions} { ${selections} }`;
    const around = others.filter((one) => one !== name).map((one) => `query ${one} { __typename }`);
    const text = (isOtherFirst ? [...around, own] : [own, ...around]).concat(rendering.fragments).join(' ');
    const values = [...rendering.values, ...parts.further];
    return {
      query: parts.spoilt === null ? text : parts.spoilt(text),
      variables: values.length === 0 && parts.isBare ? null : `{${values.join(',')}}`,
      operationName: askedName(parts.operations),
    };
  });

/** Changes of what is not there, or cannot be: nothing is changed by them. */
const changes: readonly (readonly [string, Given])[] = [
  ['stopNotebook', { id: '@{Notebook:missing}' }],
  ['startNotebook', { id: '00000000-0000-0000-0000-00000000000f', ifAlready: 'SUCCEED' }],
  ['deleteNotebook', { id: '..' }],
  ['renewLease', { id: '@{Notebook:missing}', durationSeconds: 3600 }],
  ['updateNotebook', { id: '@{Notebook:missing}', description: 'x' }],
  ['deleteImage', { id: '@{Image:missing}', force: true }],
  ['unmountStorage', { notebookId: '@{running}', storageMountId: 'none' }],
  ['stopDevEnvInstance', { id: 'DE-00000000-0000-0000-0000-00000000000f' }],
  ['createNotebook', { name: '', flavorId: 'none', imageId: '@{cpu}', volume: { category: 'EFS' } }],
];

const mutations: fc.Arbitrary<Question> = fc
  .constantFrom(...changes)
  .chain(([name, input]) =>
    fc.record({
      alias: fc.option(names, { nil: null }),
      input: fc.constantFrom<Argued>(
        { by: 'literal', value: input },
        { by: 'variable', name: 'input', isStrict: true, fallback: undefined, given: input },
      ),
      selections: selectionsOf(resultOf(name), 3),
      name: fc.constant(name),
    }),
  )
  .map(({ name, alias, input, selections }) => {
    const rendering = new Rendering();
    const field = { kind: 'field', name, alias, args: { input }, directives: [], selections, again: null } as const;
    const text = rendering.selectionsOf(mutation, [field]);
    return {
      query: [`mutation ${name}${rendering.definitions} { ${text} }`, ...rendering.fragments].join(' '),
      variables: `{${rendering.values.join(',')}}`,
    };
  });

const resultOf = (name: string): GraphQLCompositeType =>
  getNamedType(mutation.getFields()[name]?.type) as GraphQLCompositeType;

export const questions: fc.Arbitrary<Question> = fc.oneof(
  smaller,
  { arbitrary: queries, weight: 30 },
  { arbitrary: mutations, weight: 1 },
);

function askedName({ name, others, asked }: Operations): string | null | undefined {
  if (asked === 'null') return null;
  if (asked === 'wrong') return 'hasOwnProperty';
  if (asked === 'empty') return '';
  const own = name ?? (others.length > 0 ? 'Own' : undefined);
  if (asked === 'own' && others.length > 0) return own;
  return asked === 'other' ? (others[0] ?? own) : undefined;
}
