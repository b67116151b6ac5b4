import type { Plugin } from 'graphql-yoga';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { describeBed, projectId } from '../support/bed.ts';
import { quickly, startTestBed } from '../support/gateway.ts';
import { createNotebook } from '../support/notebooks.ts';
import { type RawRequest, rawAnswer } from '../support/wire/raw-http.ts';

const graphql = 'application/graphql-response+json';

/** The same request, by the fast path and through Yoga's HTTP layer; beside it, every bed of the suite replays what it asked. */
describeBed('a request', {}, (bed) => {
  let yogas: Gateway;
  let id: string;

  beforeAll(async () => {
    yogas = await createGateway({
      ...quickly,
      endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url },
      projectId,
      isFastOn: false,
      limits: readConfig({}).limits,
      logLevel: 'silent',
    });
    id = await createNotebook(bed, 'both');
    await bed.advance(60_000);
  });
  afterAll(async () => {
    await yogas.close();
  });

  const token = () => ({ 'x-auth-token': bed.simulator.demo.token });

  async function answers(request: RawRequest): Promise<[string, string]> {
    return [await rawAnswer(bed.gateway.url, request), await rawAnswer(yogas.url, request)];
  }

  const post = (payload: unknown, headers: Record<string, string> = {}): RawRequest => ({
    body: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { ...token(), ...headers },
  });

  const typename = { query: '{ __typename }' };
  const named =
    'query A { a: __typename } query B { b: __typename } mutation C { deleteNotebook(input: { id: "x" }) { __typename } }';

  it.each<[string, () => RawRequest]>([
    ['for nothing', () => post(typename)],
    [
      'for a notebook',
      () => post({ query: 'query($id: ID!) { notebook(id: $id) { id name status } }', variables: { id } }),
    ],
    ['for a list', () => post({ query: '{ images(first: 5) { totalCount nodes { name } pageInfo { endCursor } } }' })],
    ['for what is not there', () => post({ query: '{ notebook(id: "none") { name } }' })],
    ['with a wrong id', () => post({ query: '{ notebook(id: "..") { name } }' })],
    [
      'with data and errors',
      () => post({ query: '{ a: notebook(id: "..") { name } flavors(first: 1) { nodes { name } } }' }),
    ],
    ['without a token', () => ({ body: JSON.stringify({ query: '{ notebooks { totalCount } }' }) })],
    ['with a token that is none', () => post(typename, { 'x-auth-token': 'a b' })],
    ['of another project', () => post({ query: '{ notebooks { totalCount } }' }, { 'x-project-id': 'other' })],
    [
      'with null parameters',
      () => post({ query: '{ __typename }', variables: null, operationName: null, extensions: null }),
    ],
    ['with extensions', () => post({ ...typename, extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } })],
    ['with an unknown parameter', () => post({ ...typename, other: 1 })],
    ['with variables that are none', () => post({ ...typename, variables: [] })],
    ['with a query that is none', () => post({ query: 1 })],
    ['without a query', () => post({ variables: {} })],
    ['with an operation name that is none', () => post({ query: named, operationName: 1 })],
    ['with one of several operations', () => post({ query: named, operationName: 'B' })],
    ['with an unknown operation', () => post({ query: named, operationName: 'D' })],
    ['with several operations and no name', () => post({ query: named })],
    ['with an empty operation name', () => post({ ...typename, operationName: '' })],
    ['with a syntax error', () => post({ query: '{' })],
    ['with an unknown field', () => post({ query: '{ nothing }' })],
    ['with a missing variable', () => post({ query: 'query($id: ID!) { notebook(id: $id) { name } }' })],
    [
      'with a wrong variable',
      () => post({ query: 'query($n: Int) { images(first: $n) { totalCount } }', variables: { n: 'x' } }),
    ],
    ['for too much', () => post({ query: '{ images(first: 201) { totalCount } }' })],
    [
      'for what costs too much',
      () => post({ query: '{ notebooks(first: 200) { nodes { url storageMounts { status } } } }' }),
    ],
    ['for its cost', () => post(typename, { 'x-cost': '1' })],
    [
      'for a change that is refused',
      () =>
        post({
          query: 'mutation { stopNotebook(input: { id: "none" }) { __typename ... on Error { code message } } }',
        }),
    ],
    [
      'for a change with a wrong input',
      () => post({ query: 'mutation { stopNotebook(input: { id: ".." }) { ... on Error { code message } } }' }),
    ],
    [
      'for a subscription, as one answer',
      () => post({ query: 'subscription { notebooksChanged { kind } }' }, { accept: 'application/json' }),
    ],
    ['for the schema', () => post({ query: '{ __schema { queryType { name } } }' })],
    ['by GET', () => ({ method: 'GET', path: '/graphql?query={__typename}', headers: token() })],
    ['by HEAD', () => ({ method: 'HEAD', headers: token() })],
    ['by PUT', () => ({ method: 'PUT', headers: token(), body: '{}' })],
    ['with a BOM', () => post(`\uFEFF${JSON.stringify(typename)}`)],
    ['with letters beyond ASCII', () => post({ query: '{ images(filter: { name: "größer-日本" }) { totalCount } }' })],
  ])('%s is answered alike with the fast path and without, byte for byte', async (_, request) => {
    const [short, through] = await answers(request());
    expect(short).toBe(through);
    expect(short).toMatch(/^HTTP\/1\.1 \d{3} /);
  });

  it.each([
    '*/*',
    'application/json',
    graphql,
    `${graphql}, application/json`,
    `application/json, ${graphql}`,
    `application/json;q=0.5, ${graphql};q=0.9`,
    'application/json; charset=utf-8',
    'application/json; charset=latin1',
    'application/*',
    'APPLICATION/JSON',
    'text/html, */*;q=0.1',
    'text/plain',
    'text/plain, application/json',
    '*/json',
    ' , ',
    'multipart/mixed, application/json',
    'image/png',
    '*/*, application/json',
  ])('that accepts %s is answered alike with the fast path and without, be there errors or none', async (accept) => {
    for (const query of [
      '{ __typename }',
      '{ notebook(id: "..") { name } }',
      '{ nothing }',
      '{ images(first: 201) { totalCount } }',
    ]) {
      const [short, through] = await answers(post({ query }, { accept }));
      expect(short).toBe(through);
    }
  });

  it('is logged once, whichever way it goes', async () => {
    const lines = () => bed.logLines.filter((line) => line.includes('"raw-once"'));
    for (const query of ['{ __typename }', '{ nothing }', '{', '{ images(first: 201) { totalCount } }']) {
      const before = lines().length;
      await rawAnswer(bed.gateway.url, post({ query }, { 'x-request-id': 'raw-once' }));
      expect(lines().length - before).toBe(1);
    }
  });

  it('that names none of several invalid operations is logged with the error it is answered', async () => {
    const query = 'query A { nothing } query A { nothing }';
    const text = await rawAnswer(bed.gateway.url, post({ query }, { 'x-request-id': 'raw-none' }));
    expect(text).toContain('OPERATION_RESOLUTION_FAILURE');
    const line = bed.logLines.find((one) => one.includes('"raw-none"')) ?? '{}';
    expect(JSON.parse(line).codes).toEqual(['OPERATION_RESOLUTION_FAILURE']);
  });
});

it('of another origin is answered the same both ways, headers of CORS and all', async () => {
  const settings = { corsOrigins: ['https://console.example'] };
  const bed = await startTestBed({ gateway: { projectId, ...settings } });
  const plain = await startTestBed({ gateway: { projectId, ...settings, isFastPathOn: false } });
  try {
    for (const query of ['{ __typename }', '{ nothing }', '{ notebook(id: "..") { name } }']) {
      const asked = { body: JSON.stringify({ query }), headers: { origin: 'https://console.example' } };
      const short = await rawAnswer(bed.gateway.url, asked);
      expect(short).toMatch(/^access-control-allow-origin: https:\/\/console\.example\r$/m);
      expect(short).toBe(await rawAnswer(plain.gateway.url, asked));
    }
  } finally {
    await bed.close();
    await plain.close();
  }
});

it('of another origin takes the fast path like any other', async () => {
  let requests = 0;
  const counting: Plugin = {
    onRequest() {
      requests += 1;
    },
  };
  const bed = await startTestBed({
    gateway: { projectId, isFastOn: true, corsOrigins: ['https://console.example'], plugins: [counting] },
  });
  try {
    const headers = { origin: 'https://console.example' };
    await rawAnswer(bed.gateway.url, { body: JSON.stringify({ query: '{ __typename }' }), headers });
    expect(requests).toBe(0);
    await rawAnswer(bed.gateway.url, { body: '{}', headers });
    expect(requests).toBe(1);
  } finally {
    await bed.close();
  }
});
