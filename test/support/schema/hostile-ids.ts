import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { schema } from '../../../src/schema/index.ts';
import { sampleInstanceInput } from '../dev-env/input.ts';
import { cpuImageId, notebookInput } from '../notebooks.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

/** Texts where an id is expected that would reach another path, host or query, or break a line. */
export const hostileIds: readonly string[] = [
  '',
  '.',
  '..',
  'all',
  'flavors',
  'group',
  'tags',
  'practices',
  'resource-instances',
  '/',
  '//',
  '\\',
  '../images',
  '..\\images',
  '../../../v3/projects',
  '..%2fimages',
  '%2e%2e',
  '%2e%2e%2fimages',
  '..%252fimages',
  '..;/images',
  'a/../all',
  'x/storage',
  'x/start',
  'x?limit=1',
  'x#fragment',
  'x&offset=1',
  'x;y',
  '@evil.example.com',
  '//evil.example.com/x',
  'http://evil.example.com/x',
  'x:80',
  'x y',
  'x\ty',
  'x\r\nX-Auth-Token: y',
  'x\nGET /v3/projects HTTP/1.1',
  'x\u0000',
  '\u202Ex',
  'ａｌｌ',
  'x'.repeat(129),
  '\uD800',
  '{"$ne":null}',
  encoded('Notebook:..'),
  encoded('Image:../x'),
];

/** An id as it should be, of nothing that exists. */
export const absentId = '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f';

/** What input types need beside their ids to be taken, where a value made up by type is not. */
const samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  CreateNotebookInput: notebookInput('nb'),
  CreateDevEnvInstanceInput: sampleInstanceInput,
  MountStorageInput: { mountPath: '/data/x/', uri: 'obs://bucket/x/' },
  RegisterImageInput: { swrPath: 'swr.example.com/team/engine:1.0' },
  SaveNotebookImageInput: { name: 'saved', namespace: 'demo' },
  UpdateDevEnvInstanceInput: { description: 'x' },
  UpdateNotebookInput: { name: 'x', flavorId: 'modelarts.vm.cpu.2u', imageId: cpuImageId },
  IssueTokenInput: { domain: 'acme', user: 'demo', password: 'demo', projectName: 'eu-de' },
};

/** Ids that become no part of a request. */
export const unsentIds: Readonly<Record<string, string>> = {
  'NotebookWatchFilter.ids': 'they pick from a list that was read anyway',
};

/** One place where a client can put an id. */
export type IdPlace = {
  /** for people: `unmountStorage(input.notebookId)`, `Notebook.storageMount(id)` */
  readonly name: string;
  /** name of the root field */
  readonly root: string;
  /** `ID`, or `String` where the name of the place ends with `Id` */
  readonly type: 'ID' | 'String';
  /** whether it is on a field of an object: that object is read first, by `parentId` */
  readonly isNested: boolean;
  readonly query: string;
  /** without an id: what is taken, of things that do not exist */
  readonly variables: (id?: string, parentId?: string) => Record<string, unknown>;
};

type Value = GraphQLArgument | GraphQLInputField;
type Path = readonly string[];

const isId = ({ name, type }: Value): boolean => {
  const named = getNamedType(type);
  return named.name === 'ID' || (named.name === 'String' && /^id$|Ids?$/.test(name));
};

/** A value of the type that is taken: every id in it `absentId`, and nothing that can be left out but by a sample. */
function sampleOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType);
  if (isListType(type)) return [sampleOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const sample = samples[type.name] ?? {};
    const given = Object.values(type.getFields()).filter((field) => !(field.name in sample) && isGiven(field));
    return { ...Object.fromEntries(given.map((field) => [field.name, sampleOf(field.type)])), ...sample };
  }
  const scalars: Record<string, unknown> = { ID: absentId, Int: 3600, Float: 1, BigInt: 5, Boolean: true };
  return scalars[type.name] ?? 'x';
}

const isGiven = (value: Value): boolean =>
  (isNonNullType(value.type) && value.defaultValue === undefined) || getNamedType(value.type).name === 'ID';

/** Ways from an argument or input field to each id in it; recursive types are walked once. */
function pathsTo(value: Value, above: readonly string[] = []): { path: Path; value: Value; owner: string }[] {
  const named = getNamedType(value.type);
  if (!isInputObjectType(named)) return isId(value) ? [{ path: [value.name], value, owner: '' }] : [];
  if (above.includes(named.name)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    pathsTo(field, [...above, named.name]).map(({ path, value: id, owner }) => ({
      path: [value.name, ...path],
      value: id,
      owner: owner === '' ? `${named.name}.${field.name}` : owner,
    })),
  );
}

/** The value with another at the end of the path; lists on the way keep their form. */
function put(value: unknown, [key, ...rest]: Path, id: string): unknown {
  if (Array.isArray(value)) return value.map((item) => put(item, key === undefined ? [] : [key, ...rest], id));
  if (key === undefined) return id;
  const whole = (value ?? {}) as Record<string, unknown>;
  return { ...whole, [key]: put(whole[key], rest, id) };
}

/** Something to select: what can go wrong, or the first field without fields of its own. */
function selectionOf({ type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (isUnionType(named)) return '{ __typename ... on Error { code } }';
  const leaves = isObjectType(named)
    ? Object.values(named.getFields()).filter(
        (field) => isLeafType(getNamedType(field.type)) && field.args.length === 0,
      )
    : [];
  const problems = isObjectType(named) && 'problems' in named.getFields() ? ' problems { path message }' : '';
  return `{ ${leaves[0]?.name ?? '__typename'}${problems} }`;
}

/** `node` and `nodes` take global ids only: for those, that of a notebook. */
function ofAnyKind({ type }: GraphQLField<unknown, unknown>, value: unknown): unknown {
  if (getNamedType(type).name !== 'Node') return value;
  const globalId = encoded(`Notebook:${absentId}`);
  return Array.isArray(value) ? [globalId, globalId] : globalId;
}

type Root = { readonly kind: string; readonly field: GraphQLField<unknown, unknown> };

const rootFields: readonly Root[] = [
  ['query', schema.getQueryType()] as const,
  ['mutation', schema.getMutationType()] as const,
  ['subscription', schema.getSubscriptionType()] as const,
].flatMap(([kind, type]) => Object.values(type?.getFields() ?? {}).map((field) => ({ kind, field })));

/** A query field that gives one object of the type by its id. */
const finderOf = (type: GraphQLObjectType): Root | undefined =>
  rootFields.find(
    ({ kind, field }) => kind === 'query' && field.type === type && field.args.some(({ name }) => name === 'id'),
  );

function placesOf({ kind, field }: Root, nested?: { finder: Root; type: GraphQLObjectType }): IdPlace[] {
  return field.args.flatMap((argument) =>
    pathsTo(argument).flatMap(({ path, value, owner }): IdPlace[] => {
      if (owner in unsentIds) return [];
      const args = field.args.filter((arg) => arg === argument || isGiven(arg));
      const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(', ');
      const asked = `${field.name}(${args.map(({ name }) => `${name}: $${name}`).join(', ')}) ${selectionOf(field)}`;
      const base = Object.fromEntries(args.map(({ name, type }) => [name, ofAnyKind(field, sampleOf(type))]));
      const within = path.join('.');
      return [
        {
          name: `${nested === undefined ? '' : `${nested.type.name}.`}${field.name}(${within})`,
          root: nested?.finder.field.name ?? field.name,
          type: getNamedType(value.type).name === 'ID' ? 'ID' : 'String',
          isNested: nested !== undefined,
          query:
            nested === undefined
              ? `${kind}(${declared}) { ${asked} }`
              : `query($parent: ID!, ${declared}) { ${nested.finder.field.name}(id: $parent) { ${asked} } }`,
          variables: (id, parentId) => ({
            ...(id === undefined ? base : (put(base, path, id) as Record<string, unknown>)),
            ...(nested !== undefined && { parent: parentId }),
          }),
        },
      ];
    }),
  );
}

const objectTypes = Object.values(schema.getTypeMap()).filter(
  (type) => isObjectType(type) && !type.name.startsWith('__'),
);

const nestedFields = objectTypes.flatMap((type) => {
  if (!isObjectType(type) || rootFields.some(({ field }) => type.getFields()[field.name] === field)) return [];
  return Object.values(type.getFields()).map((field) => ({ type, field }));
});

/**
 * Every place of an id in the schema: arguments of root fields and of fields of objects, and fields of inputs below them.
 * @throws Error an object whose field takes an id cannot be reached by an id itself
 */
export const idPlaces: readonly IdPlace[] = [
  ...rootFields.flatMap((root) => placesOf(root)),
  ...nestedFields.flatMap(({ type, field }) => {
    if (!field.args.some((argument) => pathsTo(argument).length > 0)) return [];
    const finder = finderOf(type);
    if (finder === undefined)
      throw new Error(
        `no query gives one ${type.name}: say in test/support/schema/hostile-ids.ts how ${type.name}.${field.name} is reached`,
      );
    return placesOf({ kind: 'query', field }, { finder, type });
  }),
];
