import { request } from 'node:http';
import fc from 'fast-check';
import type { Plugin } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createGateway, type Gateway } from '../../../src/gateway.ts';
import { projectId, sharedBed } from '../../support/bed.ts';
import { quickly } from '../../support/gateway.ts';

const allowed = 'https://console.example:8443';
const second = 'http://localhost:5173';

type Asked = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
type Headers = Readonly<Record<string, string | string[] | undefined>>;
type Answered = { readonly status: number; readonly headers: Headers };

const json = { 'content-type': 'application/json' };
const events = { ...json, accept: 'text/event-stream' };
const asking = (query: string) => JSON.stringify({ query });

/** Everything the server can be asked, and the status it answers with. */
const routes: readonly (readonly [string, number, Asked])[] = [
  ['a query', 200, { method: 'POST', path: '/graphql', headers: json, body: asking('{ __typename }') }],
  [
    'a query with an upstream call',
    200,
    { method: 'POST', path: '/graphql', headers: json, body: asking('{ notebooks { totalCount } }') },
  ],
  [
    'a query by GET',
    200,
    { path: `/graphql?query=${encodeURIComponent('{ __typename }')}`, headers: { accept: 'application/json' } },
  ],
  ['a query in error', 200, { method: 'POST', path: '/graphql', headers: json, body: asking('{ nothing }') }],
  [
    'a subscription',
    200,
    { method: 'POST', path: '/graphql', headers: events, body: asking('subscription { notebooksChanged { kind } }') },
  ],
  [
    'a subscription that is refused',
    200,
    {
      method: 'POST',
      path: '/graphql',
      headers: events,
      body: asking('subscription { notebookStatusChanged(id: "all") { kind } }'),
    },
  ],
  [
    'a subscription in error',
    400,
    {
      method: 'POST',
      path: '/graphql',
      headers: { ...json, accept: 'application/graphql-response+json' },
      body: asking('subscription { nothing }'),
    },
  ],
  [
    'a subscription that accepts no events',
    406,
    {
      method: 'POST',
      path: '/graphql',
      headers: { ...json, accept: 'application/json' },
      body: asking('subscription { notebooksChanged { kind } }'),
    },
  ],
  ['malformed JSON', 400, { method: 'POST', path: '/graphql', headers: json, body: '{' }],
  [
    'another media type',
    415,
    { method: 'POST', path: '/graphql', headers: { 'content-type': 'text/plain' }, body: '{}' },
  ],
  ['too large a body', 413, { method: 'POST', path: '/graphql', headers: json, body: 'x'.repeat(300_000) }],
  [
    'an Accept for which there is nothing',
    406,
    { method: 'POST', path: '/graphql', headers: { ...json, accept: 'image/png' }, body: asking('{ __typename }') },
  ],
  ['a method that is not taken', 405, { method: 'DELETE', path: '/graphql' }],
  ['OPTIONS that is no preflight', 405, { method: 'OPTIONS', path: '/graphql' }],
  [
    'something that goes wrong',
    500,
    {
      method: 'POST',
      path: '/graphql',
      headers: { ...json, accept: 'application/graphql-response+json', 'x-request-id': 'fails' },
      body: asking('{ __typename }'),
    },
  ],
  ['GraphiQL', 200, { path: '/graphql', headers: { accept: 'text/html' } }],
  ['the root', 302, { path: '/' }],
  ['a reservation', 201, { method: 'PUT', path: '/graphql/stream' }],
  ['a stream that is not there', 404, { path: '/graphql/stream?token=7', headers: { accept: 'text/event-stream' } }],
  ['a stream in a way that is not taken', 405, { method: 'PATCH', path: '/graphql/stream' }],
  ['nothing', 404, { path: '/nothing' }],
  ['a Host that is none', 400, { path: '/graphql', headers: { host: 'a b' } }],
  ['an expectation', 417, { method: 'POST', path: '/graphql', headers: { ...json, expect: 'tea' } }],
  ['/health', 200, { path: '/health' }],
  ['/ready', 200, { path: '/ready' }],
  ['/metrics', 200, { path: '/metrics' }],
];

const failing: Plugin = {
  onContextBuilding({ context }) {
    // the context of the gateway's own plugins
    if ((context as { requestId?: string }).requestId === 'fails') throw new Error('a fault of a plugin');
  },
};

/** Origins a page may have that looks like the one that is allowed. */
const nearMisses: fc.Arbitrary<string> = fc
  .oneof(
    fc
      .tuple(fc.nat(allowed.length), fc.constantFrom(...'a.:/-*0 '))
      .map(([at, one]) => allowed.slice(0, at) + one + allowed.slice(at)),
    fc.nat(allowed.length - 1).map((at) => allowed.slice(0, at) + allowed.slice(at + 1)),
    fc
      .nat(allowed.length - 1)
      .map((at) => allowed.slice(0, at) + (allowed[at] ?? '').toUpperCase() + allowed.slice(at + 1)),
    fc.constantFrom(
      'null',
      '*',
      'https://console.example',
      'http://console.example:8443',
      'https://console.example:443',
      'https://console.example.evil.example:8443',
      'https://evil.example',
      `${allowed}/`,
      `${allowed}/path`,
      `${allowed}, ${second}`,
      `https://evil.example#${allowed}`,
      `https://x.console.example:8443`,
      'http://localhost',
      'http://127.0.0.1:5173',
      'file://',
      '',
    ),
    fc.webUrl().map((url) => new URL(url).origin),
  )
  .map((origin) => origin.trim())
  .filter((origin) => origin !== allowed && origin !== second);

describe.each([
  ['with what is made by hand for speed', true],
  ['without it', false],
])('the answer to a page of another origin, %s', (_lane, isFastOn) => {
  const bed = sharedBed();
  let gateway: Gateway;
  let open: Gateway;
  const start = (corsOrigins: readonly string[]) =>
    createGateway({
      ...quickly,
      isFastOn: isFastOn && quickly.isFastOn,
      endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url },
      projectId,
      corsOrigins,
      limits: readConfig({}).limits,
      logLevel: 'silent',
      plugins: [failing],
    });

  beforeAll(async () => {
    gateway = await start([allowed, second]);
    open = await start(['*']);
  });
  afterAll(async () => {
    await gateway.close();
    await open.close();
  });

  /** Status and headers; an answer without end is left. */
  function ask({ method = 'GET', path, headers = {}, body }: Asked, origin?: string, of = gateway): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, of.url), {
        method,
        agent: false,
        headers: { 'x-auth-token': bed.simulator.demo.token, ...(origin !== undefined && { origin }), ...headers },
      });
      outgoing.on('response', (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
        outgoing.destroy();
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  const preflight = (path: string, method = 'POST'): Asked => ({
    method: 'OPTIONS',
    path,
    headers: { 'access-control-request-method': method, 'access-control-request-headers': 'x-auth-token' },
  });

  it.each(routes)('lets it read %s, and names nobody else', async (_name, status, asked) => {
    const answered = await ask(asked, allowed);
    expect(answered.status).toBe(status);
    expect(answered.headers).toMatchObject({ 'access-control-allow-origin': allowed, vary: 'Origin' });
    expect(answered.headers['access-control-expose-headers']).toContain('x-request-id');
    const own = await ask(asked);
    expect([own.status, own.headers.vary]).toEqual([status, 'Origin']);
    expect(Object.keys(own.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('is given to exactly the origins that are listed, whatever is asked', async () => {
    const asked = fc.constantFrom(
      ...routes.map(([, , route]) => route),
      preflight('/graphql'),
      preflight('/graphql/stream'),
    );
    await fc.assert(
      fc.asyncProperty(asked, nearMisses, async (route, origin) => {
        const { headers } = await ask(route, origin);
        expect(headers.vary).toBe('Origin');
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(routes)('lets any page read %s where * is set, without naming it', async (_name, status, asked) => {
    const answered = await ask(asked, 'https://anywhere.example', open);
    expect(answered.status).toBe(status);
    expect(answered.headers).toMatchObject({ 'access-control-allow-origin': '*', vary: 'Origin' });
    expect(answered.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('never allows the credentials of the browser', async () => {
    for (const asked of [...routes.map(([, , route]) => route), preflight('/graphql')]) {
      for (const of of [gateway, open]) {
        expect((await ask(asked, second, of)).headers).not.toHaveProperty('access-control-allow-credentials');
      }
    }
  });

  it.each([
    ['/graphql', 'GET, POST'],
    ['/graphql/stream', 'GET, POST, PUT, DELETE'],
    ['/graphql/stream?token=7', 'GET, POST, PUT, DELETE'],
  ])('to a preflight of %s says that it may, for a day', async (path, methods) => {
    const { status, headers } = await ask(preflight(path), allowed);
    expect(status).toBe(204);
    expect(headers).toMatchObject({ 'access-control-allow-methods': methods, 'access-control-max-age': '86400' });
    for (const name of [
      'x-auth-token',
      'last-event-id',
      'traceparent',
      'apollographql-client-name',
      'x-graphql-event-stream-token',
    ]) {
      expect(String(headers['access-control-allow-headers']).split(', ')).toContain(name);
    }
  });

  it('is refused to a preflight of an origin that is not listed', async () => {
    expect((await ask(preflight('/graphql'), 'https://evil.example')).status).toBe(405);
  });

  it('calls nobody upstream for a preflight', async () => {
    const before = bed.exchanges.length;
    await ask(preflight('/graphql'), allowed);
    expect(bed.exchanges.length).toBe(before);
  });
});
