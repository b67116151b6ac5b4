import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../../src/schema/index.ts';
import { sharedBed } from '../../support/bed.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';
import { overWebSocket } from '../../support/wire/transports.ts';

type Issue = { readonly path: readonly string[]; readonly message: string };

const bed = sharedBed({
  // that none of the issues is left out
  limits: { errors: 100 },
});

/** JSON of the type that coerces, and breaks every rule it can. */
function wrong(type: GraphQLInputType, depth = 0): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [wrong(nullable.ofType, depth), wrong(nullable.ofType, depth)];
  if (isEnumType(nullable)) return nullable.getValues().at(-1)?.name;
  if (isInputObjectType(nullable)) {
    return Object.fromEntries(
      Object.values(nullable.getFields()).map((field) => [field.name, wrong(field.type, depth + 1)]),
    );
  }
  if (nullable.name === 'Boolean') return true;
  if (nullable.name === 'Int' || nullable.name === 'BigInt') return -1;
  if (nullable.name === 'DateTime') return '2023-06-25T01:27:32.470Z';
  return '..<\n>&';
}

/** Whether the path leads from an argument of the field to a place in its input. */
function leadsSomewhere(field: GraphQLField<unknown, unknown>, [argument, ...names]: readonly string[]): boolean {
  let type: GraphQLInputType | undefined = field.args.find(({ name }) => name === argument)?.type;
  for (const name of names) {
    const nullable: GraphQLInputType | null = type === undefined ? null : getNullableType(type);
    if (isListType(nullable)) type = /^\d+$/.test(name) ? nullable.ofType : undefined;
    else type = isInputObjectType(nullable) ? nullable.getFields()[name]?.type : undefined;
  }
  return type !== undefined;
}

const fieldsOf = (kind: 'Query' | 'Mutation' | 'Subscription') =>
  Object.values((schema.getType(kind) as ReturnType<typeof schema.getQueryType>)?.getFields() ?? {})
    .filter(({ args }) => args.length > 0)
    .map((field) => [field.name, field] as const);

/** The operation that gives the field every one of those arguments. */
function operation(kind: string, field: GraphQLField<unknown, unknown>, given: readonly string[], selection: string) {
  const args = field.args.filter(({ name }) => given.includes(name));
  return {
    query: `${kind}(${args.map(({ name, type }) => `$${name}: ${type}`)}) {
      ${field.name}(${args.map(({ name }) => `${name}: $${name}`)}) { ${selection} } }`,
    variables: Object.fromEntries(args.map(({ name, type }) => [name, wrong(type)])),
  };
}

function expectPlaces(field: GraphQLField<unknown, unknown>, issues: readonly Issue[]): void {
  expect(issues).not.toEqual([]);
  for (const { path } of issues) expect(leadsSomewhere(field, path), JSON.stringify(path)).toBe(true);
}

describe.each(fieldsOf('Mutation'))('issues of %s', (_name, field) => {
  const union = getNamedType(field.type);
  const isRefusable = isUnionType(union) && union.getTypes().some(({ name }) => name === 'BadUserInputError');

  it('begin with the argument and lead to a place in it', async () => {
    expect(isRefusable).toBe(true);
    const selection = '__typename ... on BadUserInputError { message issues { path message } }';
    const every = field.args.map(({ name }) => name);
    // what is wrong with one argument may be told before the next is looked at
    for (const given of [every, ...every.map((name) => [...new Set(['input', name])])]) {
      const { query, variables } = operation('mutation', field, given, selection);
      const { answer, calls } = await withCalls(bed, () => bed.ask(query, variables));
      expect(answer.errors).toBeUndefined();
      const refusal = answer.data[field.name];
      expect(refusal.__typename).toBe('BadUserInputError');
      expectPlaces(field, refusal.issues);
      for (const { path, message } of refusal.issues)
        expect(refusal.message).toContain(`${path.join('.')}: ${message}`);
      expect(operationsOf(calls)).toEqual([]);
    }
  });
});

describe.each(fieldsOf('Query'))('issues of an error of %s', (_name, field) => {
  it('begin with the argument and lead to a place in it', async () => {
    for (const { name } of field.args) {
      const required = field.args.filter(({ type }) => String(type).endsWith('!')).map((argument) => argument.name);
      const { query, variables } = operation('query', field, [...new Set([...required, name])], '__typename');
      const { answer } = await withCalls(bed, () => bed.ask(query, variables));
      for (const { path, extensions } of answer.errors ?? []) {
        expect(path?.[0]).toBe(field.name);
        if (extensions.code === 'BAD_USER_INPUT') expectPlaces(field, extensions.issues);
      }
    }
  });
});

describe.each(fieldsOf('Subscription'))('issues of an error of %s', (_name, field) => {
  it('begin with the argument and lead to a place in it', async () => {
    const type = getNamedType(field.type);
    expect(isObjectType(type)).toBe(true);
    const payload = operation(
      'subscription',
      field,
      field.args.map(({ name }) => name),
      '__typename',
    );
    const { errors = [] } = await overWebSocket(bed, payload);
    for (const { extensions } of errors)
      if (extensions.code === 'BAD_USER_INPUT') expectPlaces(field, extensions.issues);
  });
});

it('the description of InputIssue.path says that issues begin with the argument', () => {
  const type = schema.getType('InputIssue');
  expect(isObjectType(type) && type.getFields().path?.description).toContain('["input", "volume", "capacityGiB"]');
});

it('a project id of the header that can be none is an issue of no argument', async () => {
  const { errors } = await bed.ask('{ notebooks { totalCount } }', {}, { 'x-project-id': '../images' });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', issues: [{ path: [] }] } }]);
});
