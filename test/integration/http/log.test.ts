import { createClient } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../src/server/telemetry/operation-log.ts';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { build } from '../../support/process/gateway.ts';
import { collect, first, sse, transports, websocket } from '../../support/subscription.ts';

type Line = Record<string, unknown> & { msg: string };

const bed = sharedBed();

/** Lines about operations of the name. */
const linesOf = (name: string): Line[] =>
  bed.logLines.map((line) => JSON.parse(line) as Line).filter(({ operation }) => operation === name);

describe('the log line of an operation', () => {
  const ok = (operation: string) => ({
    msg: 'operation',
    operation,
    kind: 'query',
    requestId: expect.stringMatching(/./),
    durationMs: expect.any(Number),
    upstreamCalls: 1,
    outcome: 'ok',
  });

  it('over POST has name, kind, time, calls and the request id that went upstream', async () => {
    const { headers } = await bed.ask('query ByPost { notebooks { totalCount } }', {}, { 'x-request-id': 'asked-1' });
    expect(linesOf('ByPost')).toMatchObject([{ ...ok('ByPost'), requestId: 'asked-1' }]);
    expect(headers.get('x-request-id')).toBe('asked-1');
    expect(bed.exchanges.at(-1)?.request.headers['x-request-id']).toBe('asked-1');
  });

  it('over GET has what it has over POST', async () => {
    const url = `${bed.gateway.url}?query=${encodeURIComponent('query ByGet { notebooks { totalCount } }')}`;
    const response = await fetch(url, {
      headers: { accept: 'application/json', 'x-auth-token': bed.simulator.demo.token },
    });
    await response.json();
    expect(linesOf('ByGet')).toMatchObject([{ ...ok('ByGet'), requestId: response.headers.get('x-request-id') }]);
  });

  it.each(transports)('over %s has what it has over POST', async (transport, ask) => {
    const name = `By${transport.replace(/\W/g, '')}`;
    await collect(ask(bed, `query ${name} { notebooks { totalCount } }`));
    expect(linesOf(name)).toMatchObject([ok(name)]);
    const requestId = linesOf(name)[0]?.requestId;
    expect(bed.exchanges.at(-1)?.request.headers['x-request-id']).toBe(requestId);
  });

  it("over graphql-sse's single connection has what it has over POST", async () => {
    const client = createClient({
      url: `${bed.gateway.url}/stream`,
      singleConnection: true,
      headers: { 'x-auth-token': bed.simulator.demo.token },
    });
    for await (const _ of client.iterate({ query: 'query BySingle { notebooks { totalCount } }' })) break;
    client.dispose();
    await expect.poll(() => linesOf('BySingle')).toMatchObject([ok('BySingle')]);
  });

  it('has the codes of its errors, and of the calls behind them', async () => {
    await bed.fault({ name: 'internal', operation: 'listNotebooks', times: 1 });
    await bed.ask('query Failing { notebooks { totalCount } }');
    const [line] = linesOf('Failing');
    expect(line).toMatchObject({ outcome: 'error', codes: [expect.stringMatching(/^UPSTREAM_/)] });
    expect(line?.upstreamCodes).toEqual(line?.codes);
  });

  it.each([
    ['POST', (query: string) => bed.ask(query)],
    ['WebSocket', (query: string) => collect(websocket(bed, query))],
  ])('over %s says each time that it was refused', async (transport, ask) => {
    const before = bed.logLines.length;
    const calls = bed.exchanges.length;
    for (const query of [`query Bad${transport} { nothing }`, `query Bad${transport} {`]) {
      await ask(query);
      await ask(query);
    }
    const lines = bed.logLines.slice(before).map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ outcome }) => outcome)).toEqual(Array(4).fill('refused'));
    expect(lines.map(({ operation }) => operation)).toEqual([`Bad${transport}`, `Bad${transport}`, null, null]);
    expect(bed.exchanges).toHaveLength(calls);
  });
});

describe('the log of a subscription', () => {
  it.each(transports)('over %s has a line for its start and one for its end', async (transport, subscribe) => {
    const name = `Watch${transport.replace(/\W/g, '')}`;
    await first(subscribe(bed, `subscription ${name} { notebooksChanged { kind } }`));
    await expect
      .poll(() => linesOf(name))
      .toMatchObject([
        { msg: 'subscription started', kind: 'subscription' },
        { msg: 'subscription ended', outcome: 'ok', events: 1, durationMs: expect.any(Number) },
      ]);
    const ids = linesOf(name).map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(1);
  });

  it('says why it failed', async () => {
    await collect(sse(bed, 'subscription WatchFailing { notebooksChanged { kind } }', { token: 'unknown-token' }));
    await expect
      .poll(() => linesOf('WatchFailing').at(-1))
      .toMatchObject({ outcome: 'error', codes: ['UNAUTHENTICATED'] });
  });
});

describe('no log line', () => {
  it('holds a token, a password or another secret that was used', async () => {
    const password = 'pass-word-8fe1c0';
    const passcode = '918273645';
    const malformed = 'two tokens-5d1c9a';
    const signIn = (input: object) =>
      bed.ask(
        'mutation($input: IssueTokenInput!) { issueToken(input: $input) { __typename ... on Error { message } } }',
        { input },
        { 'x-auth-token': null },
      );
    const { token, headers } = await bed.signIn('colleague');
    await signIn({ domain: 'acme', user: 'demo', password, projectName: 'eu-de' });
    await signIn({ domain: 'acme', user: 'careful', password, passcode, userId: 'u' });
    await signIn({ token, projectName: 'nowhere' });
    const id = await createNotebook(bed, 'secretive', headers);
    const read = 'query($id: ID!) { notebook(id: $id) { url jupyterToken status } }';
    let jupyterToken: string | null = null;
    await expect
      .poll(async () => {
        jupyterToken = (await bed.ask(read, { id }, headers)).data.notebook.jupyterToken;
        return jupyterToken;
      })
      .toMatch(/./);
    await bed.ask('{ notebooks { totalCount } }', {}, { 'x-auth-token': malformed });
    await bed.ask(`mutation { renewSession(input: { token: "${token}" }) { __typename } }`);
    await bed.ask(`mutation { renewSession(input: { token: "${token}" `);
    await bed.ask(`{ notebook(id: "${token}") { name } }`, {}, headers);
    for (const name of ['unauthorised', 'internal', 'malformed', 'reset', 'unknown-enum', 'throttled']) {
      await bed.fault({ name, times: 3 });
      await bed.ask('{ notebooks { nodes { name status } } }', {}, headers);
      await bed.clearFaults();
    }
    await first(websocket(bed, 'subscription { notebooksChanged { kind } }', { token }));
    await bed.ask('{ notebooks { totalCount } }', {}, { 'x-auth-token': null, authorization: `Bearer ${token}` });

    const secrets = { token, demo: bed.simulator.demo.token, jupyterToken, password, passcode, malformed };
    const log = bed.logLines.join('');
    const found = Object.entries(secrets).filter(([, secret]) => log.includes(String(secret).slice(0, 24)));
    expect(found).toEqual([]);
    expect(bed.logLines.length).toBeGreaterThan(20);
    const metrics = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
    expect(Object.entries(secrets).filter(([, secret]) => metrics.includes(String(secret).slice(0, 24)))).toEqual([]);
  });

  it.each([
    { token: 'secret-1' },
    { headers: { 'x-auth-token': 'secret-1', authorization: 'secret-1' } },
    { err: { request: { headers: { 'x-subject-token': 'secret-1' } } } },
    { input: { auth: { password: 'secret-1' } } },
  ])('shows the secret of %j', (fields) => {
    const lines: string[] = [];
    createLog('info', { write: (line) => lines.push(line) }).info(fields, 'oops');
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('secret-1');
    expect(lines[0]).toContain('[redacted]');
  });
});

it('a client that leaves in the middle has a log line of its operation', async () => {
  await bed.fault({ name: 'hang', operation: 'listNotebooks', times: 1 });
  const before = bed.exchanges.length;
  const leaving = new AbortController();
  const asked = fetch(bed.gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': bed.simulator.demo.token },
    body: JSON.stringify({ query: 'query Leaving { notebooks { totalCount } }' }),
    signal: leaving.signal,
  });
  await expect.poll(() => bed.exchanges.length).toBe(before + 1);
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await expect.poll(() => linesOf('Leaving')).toMatchObject([{ outcome: 'error', upstreamCalls: 1 }]);
  await bed.clearFaults();
});

it('log lines that a process held back are written when it ends', { timeout: 60_000 }, async () => {
  const built = await build();
  try {
    const gateway = await built.start({
      PORT: '0',
      MODELARTS_ENDPOINT: bed.simulator.url,
      IAM_ENDPOINT: bed.simulator.url,
      MODELARTS_PROJECT_ID: 'a4a5d4098fb4474fa22cd05f897d6b99',
    });
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'query AskedLast { __typename }' }),
    });
    await response.json();
    expect(gateway.output()).not.toContain('AskedLast');
    await gateway.interrupt();
    expect(gateway.output()).toContain('"operation":"AskedLast"');
  } finally {
    await built.close();
  }
});
