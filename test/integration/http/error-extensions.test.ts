import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectId, sharedBed } from '../../support/bed.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';
import {
  type Ask,
  areErrorsComplete,
  overGet,
  overPost,
  type Result,
  transportsOf,
} from '../../support/wire/transports.ts';

const asked = { 'x-request-id': 'asked-1' };

const bed = sharedBed();

const accepting =
  (accept: string): Ask =>
  (to, payload, headers = {}) =>
    overPost(to, payload, { accept, ...headers });

const everywhere: readonly (readonly [string, Ask])[] = [
  ...transportsOf,
  overGet,
  ['POST, its own type', accepting('application/graphql-response+json')],
];

/** The request id of the one operation that the log has of late. */
function loggedId(): string {
  const line = bed.logLines.flatMap((text) => text.split('\n')).findLast((text) => text.includes('"outcome"'));
  return JSON.parse(line ?? '{}').requestId;
}

const notebookById = 'query($id: ID!) { notebook(id: $id) { name } }';
const two = 'query A { a: __typename } query B { b: __typename }';

/** What is asked, and the code of each of its errors. */
const wrong: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ['a variable of the wrong type', { query: notebookById, variables: { id: { a: 1 } } }, 'BAD_USER_INPUT'],
  ['a variable that is missing', { query: notebookById }, 'BAD_USER_INPUT'],
  ['a variable that is null', { query: notebookById, variables: { id: null } }, 'BAD_USER_INPUT'],
  [
    'an enum value there is not',
    { query: 'query($s: NotebookStatus) { notebooks(filter: { status: $s }) { totalCount } }', variables: { s: 'NO' } },
    'BAD_USER_INPUT',
  ],
  [
    'null for an argument that takes none',
    { query: 'query($i: ID = "a") { notebook(id: $i) { name } }', variables: { i: null } },
    'BAD_USER_INPUT',
  ],
  ['an unknown operation', { query: two, operationName: 'X' }, 'OPERATION_RESOLUTION_FAILURE'],
  ['several operations and no name', { query: two }, 'OPERATION_RESOLUTION_FAILURE'],
  ['a syntax error', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
  ['no document', { query: '' }, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['an id that can be none', { query: '{ notebook(id: "..") { name } }' }, 'BAD_USER_INPUT'],
  ['a page that is too large', { query: '{ images(first: 201) { totalCount } }' }, 'LIMIT_EXCEEDED'],
  ['two kinds of page', { query: '{ images(first: 1, last: 1) { totalCount } }' }, 'BAD_USER_INPUT'],
];

describe.each(everywhere)('an error over %s', (transport, ask) => {
  it.each(wrong)('about %s has a code and the request id, each time it is asked', async (_what, payload, code) => {
    // no text is the lack of one in a query string, and to graphql-sse
    if (payload.query === '' && ['GET', 'graphql-sse'].includes(transport)) return;
    for (let time = 0; time < 3; time++) {
      const answer = await ask(bed, payload, { 'x-request-id': `asked-${time}` });
      expect(answer.errors?.length).toBeGreaterThan(0);
      const requestId = transport === 'WebSocket' ? expect.stringMatching(/^[0-9a-f-]{36}$/) : `asked-${time}`;
      for (const { extensions } of answer.errors ?? []) expect(extensions).toMatchObject({ code, requestId });
      expect(JSON.stringify(answer)).not.toContain('"http"');
    }
  });

  it('about a missing token has the request id of the log', async () => {
    const query = '{ notebooks { totalCount } }';
    const answer = await ask(bed, { query }, { 'x-auth-token': '', ...asked });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }]);
    await expect.poll(loggedId).toBe(answer.errors?.[0].extensions.requestId);
  });

  it('that ModelArts answered has the request id of the call that failed', async () => {
    await bed.fault({ name: 'unauthorised', operation: 'listNotebooks', times: 1 });
    const { answer, calls } = await withCalls(bed, () => ask(bed, { query: '{ notebooks { totalCount } }' }, asked));
    await bed.clearFaults();
    expect(operationsOf(calls)).toEqual(['listNotebooks']);
    expect(areErrorsComplete(answer)).toBe(true);
  });
});

describe('null for a directive that takes none', () => {
  let plain: TestBed;
  beforeAll(async () => {
    plain = await startTestBed({ gateway: { projectId } });
  });
  afterAll(async () => {
    await plain.close();
  });

  it.each(everywhere)('is BAD_USER_INPUT over %s, at the root and below', async (_transport, ask) => {
    for (const query of [
      'query($v: Boolean = true) { __typename @include(if: $v) }',
      'query($v: Boolean = true) { images(first: 1) { totalCount @skip(if: $v) } }',
    ]) {
      const answer = await ask(plain, { query, variables: { v: null } }, asked);
      expect(answer.errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', requestId: expect.any(String) });
    }
  });
});

describe('a subscription', () => {
  const query = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { status } }';
  it.each(transportsOf.filter(([name]) => name !== 'POST'))(
    'that is refused over %s has a code and the request id',
    async (_, ask) => {
      for (const [variables, code] of [
        [{ id: '..' }, 'BAD_USER_INPUT'],
        [{}, 'BAD_USER_INPUT'],
        [{ id: '00000000-0000-4000-8000-000000000000' }, 'NOT_FOUND'],
      ] as const) {
        const answer = await ask(bed, { query, variables }, asked);
        expect(answer.errors?.[0].extensions).toMatchObject({ code, requestId: expect.any(String) });
      }
    },
  );
});

describe('a refusal of graphql-sse itself', () => {
  const at = (init: RequestInit, search = '') =>
    fetch(`${bed.gateway.url}/stream${search}`, {
      ...init,
      headers: { ...asked, 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
    });

  it.each<[string, RequestInit, number, string]>([
    [
      'of a query that is missing',
      { method: 'POST', headers: { accept: 'text/event-stream' }, body: '{"a":1}' },
      400,
      'BAD_REQUEST',
    ],
    [
      'of a stream there is not',
      { method: 'POST', headers: { 'x-graphql-event-stream-token': 'no' }, body: '{}' },
      404,
      'NOT_FOUND',
    ],
    [
      'of the end of one there is not',
      { method: 'DELETE', headers: { 'x-graphql-event-stream-token': 'no' } },
      404,
      'NOT_FOUND',
    ],
  ])('%s keeps its status, and has a code and the request id', async (_what, init, status, code) => {
    const response = await at(init);
    expect(response.status).toBe(status);
    const { errors } = (await response.json()) as Result;
    expect(errors).toMatchObject([{ message: expect.any(String), extensions: { code, requestId: 'asked-1' } }]);
  });
});

describe('an error in the answer of a mutation', () => {
  const stop =
    'mutation($id: ID!) { stopNotebook(input: { id: $id }) { ... on Error { code upstreamCode requestId } } }';
  it.each(transportsOf)('has the request id of the operation when the gateway found it, over %s', async (name, ask) => {
    for (const [id, headers, code] of [
      ['..', {}, 'BAD_USER_INPUT'],
      ['a', { 'x-auth-token': '' }, 'UNAUTHENTICATED'],
    ] as const) {
      const { data } = await ask(bed, { query: stop, variables: { id } }, { ...asked, ...headers });
      const requestId = name === 'WebSocket' ? expect.stringMatching(/^[0-9a-f-]{36}$/) : 'asked-1';
      expect(data).toEqual({ stopNotebook: { code, upstreamCode: null, requestId } });
      await expect.poll(loggedId).toBe((data as { stopNotebook: { requestId: string } }).stopNotebook.requestId);
    }
  });

  it('has the request id of the call when ModelArts found it', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(stop, { id: '00000000-0000-4000-8000-000000000000' }, asked),
    );
    expect(answer.data.stopNotebook).toMatchObject({ code: 'NOT_FOUND', upstreamCode: 'ModelArts.6309' });
    const sent = calls[0]?.request.headers['x-request-id'];
    const said = JSON.parse(calls[0]?.response?.body ?? '{}').request_id;
    expect([sent, said]).toContain(answer.data.stopNotebook.requestId);
  });
});

it('a document that is remembered as wrong has the request id of who asks, not of who asked first', async () => {
  const ids = ['first', 'second', 'third'];
  for (const id of ids) {
    const { errors } = await bed.ask('{ wrongForEver }', {}, { 'x-request-id': id });
    expect(errors?.[0].extensions.requestId).toBe(id);
  }
});
