import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import * as errors from '../../../src/modelarts/wire/errors.ts';
import type { OperationCaller } from '../../../src/server/graphql/context.ts';
import { completeErrors } from '../../../src/server/graphql/errors/extensions.ts';
import { maskError } from '../../../src/server/graphql/errors/mask.ts';

/** Answers `{ fails }` with what `fail` throws or gives, over HTTP and for the operation `asked-1`. */
async function answerOf(fail: () => unknown) {
  const query = new GraphQLObjectType({ name: 'Query', fields: { fails: { type: GraphQLInt, resolve: fail } } });
  const yoga = createYoga<OperationCaller>({
    schema: new GraphQLSchema({ query }),
    plugins: [completeErrors()],
    maskedErrors: { maskError: maskError(pino({ level: 'silent' })) },
    logging: false,
  });
  const credential = { token: null, problem: null, projectId: null, address: '127.0.0.1' };
  const response = await yoga.fetch(
    'http://gateway.test/graphql',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ fails }"}' },
    { caller: { credential, requestId: 'asked-1' } },
  );
  return (await response.json()) as { errors: { message: string; path: string[]; extensions: object }[] };
}

const classes = Object.entries(errors).filter(([name]) => name.endsWith('Error') && name !== 'ModelArtsError') as [
  string,
  new (message: string, origin?: errors.ErrorOrigin) => errors.ModelArtsError,
][];

describe.each(classes)('an error of %s', (_name, ErrorClass) => {
  it('has the request id of the operation when the gateway found it, and that of the call when ModelArts did', async () => {
    const throwing = (origin?: errors.ErrorOrigin) => () => {
      throw new ErrorClass('no', origin);
    };
    const { code } = new ErrorClass('no');
    expect(await answerOf(throwing())).toMatchObject({
      errors: [{ message: 'no', path: ['fails'], extensions: { code, requestId: 'asked-1' } }],
    });
    expect(await answerOf(throwing({ requestId: 'call-7' }))).toMatchObject({
      errors: [{ message: 'no', path: ['fails'], extensions: { code, requestId: 'call-7' } }],
    });
  });
});

it.each<[string, unknown]>([
  ['an Error', new TypeError('a secret')],
  ['a text', 'a secret'],
  ['undefined', undefined],
  ['an object', { secret: 'a secret' }],
])('%s that is thrown is masked, and has a code and the request id', async (_what, thrown) => {
  const answer = await answerOf(() => {
    throw thrown;
  });
  expect(answer.errors).toMatchObject([
    { path: ['fails'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'asked-1' } },
  ]);
  expect(JSON.stringify(answer)).not.toContain('secret');
});

it('a value that does not fit its type is no fault of the input', async () => {
  expect(await answerOf(() => 2 ** 40)).toMatchObject({
    errors: [{ path: ['fails'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'asked-1' } }],
  });
});
