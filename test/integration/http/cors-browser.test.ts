import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectId } from '../../support/bed.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';

const executablePath = '/usr/bin/chromium';
const isSkipped = !existsSync(executablePath) && process.env.CI === undefined;
if (isSkipped) console.warn('CORS is not tried in a browser, there is no Chromium: apt-get install chromium');

// biome-ignore format: one switch after the other
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run'];

/** A site with one page, and graphql-sse's client for it. */
async function startSite(): Promise<{ origin: string; server: Server }> {
  const client = await readFile(
    createRequire(import.meta.url)
      .resolve('graphql-sse')
      .replace(/lib.*/, 'umd/graphql-sse.js'),
  );
  const server = createServer((request, response) => {
    const isScript = request.url === '/graphql-sse.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? client : '<script src="/graphql-sse.js"></script>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { origin: `http://127.0.0.1:${address.port}`, server };
}

describe.skipIf(isSkipped)('a page of another origin, in a browser', { timeout: 30_000 }, () => {
  let listed: { origin: string; server: Server };
  let stranger: { origin: string; server: Server };
  let bed: TestBed;
  let browser: Browser;
  let page: Page;
  let notebookId: string;

  beforeAll(async () => {
    [listed, stranger] = await Promise.all([startSite(), startSite()]);
    bed = await startTestBed({ gateway: { projectId, corsOrigins: [listed.origin] } });
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage();
    await page.goto(listed.origin);
    notebookId = await createNotebook(bed, 'seen-from-elsewhere');
    await bed.advance(60_000);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await bed?.close();
    for (const site of [listed, stranger]) site?.server.close();
  });

  /** What a script of the page gives; it is given the gateway's address and a token. */
  const run = <T>(script: string, on = page): Promise<T> =>
    on.evaluate(
      `(async (url, token, id) => { ${script} })(${[bed.gateway.url, bed.simulator.demo.token, notebookId].map((text) => JSON.stringify(text)).join()})`,
    );

  const query = `const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json', 'x-auth-token': token, 'x-project-id': '${projectId}', 'x-request-id': 'from-a-page',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b',
      'apollographql-client-name': 'page', 'apollographql-client-version': '1', 'graphql-client-name': 'page', 'x-cost': '1',
    },
    body: JSON.stringify({ query: '{ notebooks { totalCount } }' }),
  });
  return { status: response.status, id: response.headers.get('x-request-id'), body: await response.json() };`;

  it('asks with every header clients send, and reads the answer and the id of its request', async () => {
    expect(await run(query)).toMatchObject({
      status: 200,
      id: 'from-a-page',
      body: { data: { notebooks: { totalCount: 1 } } },
    });
  });

  it('reads why it was refused', async () => {
    const refused = `const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
      return { status: response.status, code: (await response.json()).errors[0].extensions.code };`;
    expect(await run(refused)).toEqual({ status: 400, code: 'BAD_REQUEST' });
  });

  const events = (headers: string, isEnough: string) => `const leave = new AbortController();
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', 'x-auth-token': token, ${headers} },
      body: JSON.stringify({
        query: 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status isReset } }', variables: { id },
      }),
      signal: leave.signal,
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!(${isEnough})) text += (await reader.read()).value;
    leave.abort();
    return text;`;

  it('reads an event stream, and resumes it behind the last event it has seen', async () => {
    const first = await run<string>(events('', `text.includes('SNAPSHOT')`));
    const [, last = ''] = /^id: (.+)$/m.exec(first) ?? [];
    expect(last).not.toBe('');
    const stop = bed.ask('mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }', { id: notebookId });
    const resumed = await run<string>(events(`'last-event-id': ${JSON.stringify(last)}`, `text.includes('STOPPED')`));
    await stop;
    expect(resumed).not.toContain('SNAPSHOT');
  });

  it('reports to an EventSource, which sends no token, that one is needed', async () => {
    const source = `const source = new EventSource(url + '?query=' + encodeURIComponent('subscription { notebooksChanged { kind } }'));
      const data = await new Promise((resolve, reject) => {
        source.addEventListener('next', (event) => resolve(event.data));
        source.onerror = () => reject(new Error('not opened'));
      });
      source.close();
      return JSON.parse(data).errors[0].extensions.code;`;
    expect(await run(source)).toBe('UNAUTHENTICATED');
  });

  it("reserves graphql-sse's single connection, runs operations on it and ends one", async () => {
    const single = `const client = graphqlSse.createClient({
        url: url + '/stream', singleConnection: true, headers: { 'x-auth-token': token }, retryAttempts: 0,
      });
      const [one] = await Promise.all([
        client.iterate({ query: '{ notebooks { totalCount } }' }).next(),
        (async () => { for await (const _ of client.iterate({ query: 'subscription { notebooksChanged { kind } }' })) break; })(),
      ]);
      client.dispose();
      return one.value.data;`;
    const methods: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(bed.gateway.url)) methods.push(request.method());
    });
    expect(await run(single)).toEqual({ notebooks: { totalCount: 1 } });
    await expect.poll(() => methods).toContain('DELETE');
    expect(methods).toContain('PUT');
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
  });

  it('reads nothing, not even a refusal, where its origin is not listed', async () => {
    const elsewhere = await browser.newPage();
    await elsewhere.goto(stranger.origin);
    const before = bed.exchanges.length;
    await expect(run(query, elsewhere)).rejects.toThrow('Failed to fetch');
    await expect(run(`await fetch(url + '/nothing')`, elsewhere)).rejects.toThrow('Failed to fetch');
    // its preflight was refused, so the request was never sent
    expect(bed.exchanges.length).toBe(before);
    await elsewhere.close();
  });
});
