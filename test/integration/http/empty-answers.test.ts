import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { startTestBed } from '../../support/gateway.ts';
import { exchange } from '../../support/wire/frames.ts';

/** As in production: no page for browsers. */
const bed = sharedBed({ gateway: { isGraphiqlOn: false } });

const ask = (payload: object, headers: Record<string, string>) =>
  fetch(bed.gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': bed.simulator.demo.token, ...headers },
    body: JSON.stringify(payload),
  });

describe('a subscription asked for as JSON', () => {
  const subscription = { query: 'subscription { notebooksChanged { kind } }' };

  it.each(['application/json', 'application/graphql-response+json', 'multipart/mixed', 'application/*'])(
    'with Accept: %s is refused with what to accept, and watches nothing',
    async (accept) => {
      for (let times = 0; times < 3; times++) {
        const answer = await ask(subscription, { accept });
        expect(answer.status).toBe(406);
        expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
        expect(await answer.json()).toEqual({
          errors: [
            { message: expect.stringContaining('Accept: text/event-stream'), extensions: { code: 'NOT_ACCEPTABLE' } },
          ],
        });
      }
      await pause(50);
      expect(bed.gateway.watchStats().listeners).toBe(0);
    },
  );

  it('with any type accepted is an event stream', async () => {
    const left = new AbortController();
    const answer = await fetch(bed.gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': bed.simulator.demo.token },
      body: JSON.stringify(subscription),
      signal: left.signal,
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    left.abort();
  });
});

describe('a browser at the path of GraphQL, where GraphiQL is off', () => {
  it.each([
    ['text/html', 406],
    ['text/html,application/xhtml+xml', 406],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 400],
  ])('that accepts %s is answered how to ask', async (accept, status) => {
    const answer = await fetch(bed.gateway.url, { headers: { accept } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8']);
    expect(answer.headers.get('x-request-id')).toMatch(/./);
    expect(await answer.text()).toContain('POST /graphql');
  });

  it('with a query in the URL gets the answer', async () => {
    const answer = await fetch(`${bed.gateway.url}?query={__typename}`, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
  });
});

describe('a mutation whose answer nobody would take', () => {
  it('is refused before it is made', async () => {
    const mutation = { query: 'mutation { deleteNotebook(input: { id: "x" }) { __typename } }' };
    const before = bed.logLines.length;
    const answer = await ask(mutation, { accept: 'image/png' });
    expect([answer.status, await answer.json()]).toMatchObject([
      406,
      { errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }] },
    ]);
    expect(bed.logLines.slice(before).join('')).not.toContain('deleteNotebook');
  });
});

describe('an answer to what is wrong', () => {
  it('has a body that says what is wrong, and the id of the request', async () => {
    const anyRequest = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'QUERY'),
      path: fc.constantFrom(
        '/graphql',
        '/graphql/stream',
        '/',
        '/none',
        '/graphql?query={',
        '/graphql?query={__typename}',
        '/graphql/stream?token=x',
        '/graphql?variables=1',
      ),
      accept: fc.constantFrom(
        null,
        '*/*',
        '',
        'text/html',
        'image/png',
        'application/json',
        'text/event-stream',
        'multipart/mixed',
        'text/plain',
        'application/json;charset=latin1',
        'a',
        ',',
      ),
      type: fc.constantFrom(
        null,
        'application/json',
        'text/plain',
        'application/graphql',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
      ),
      host: fc.constantFrom('a', '', null, 'a b'),
      expects: fc.constantFrom(null, 'a cake', '100-continue'),
      encoding: fc.constantFrom(null, 'gzip'),
      body: fc.constantFrom(
        '',
        '{}',
        '[]',
        '{"query":"{__typename}"}',
        '{"query":"subscription { notebooksChanged { kind } }"}',
        '{"query":1}',
        'query',
      ),
    });
    let wrong = 0;
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ method, path, accept, type, host, expects, encoding, body }) => {
        const head = [
          `${method} ${path} HTTP/1.1`,
          ...(host === null ? [] : [`Host: ${host}`]),
          ...(accept === null ? [] : [`Accept: ${accept}`]),
          ...(type === null ? [] : [`Content-Type: ${type}`]),
          ...(expects === null ? [] : [`Expect: ${expects}`]),
          ...(encoding === null ? [] : [`Content-Encoding: ${encoding}`]),
          `Content-Length: ${body.length}`,
        ].join('\r\n');
        const { answers } = await exchange(bed.gateway.url, [Buffer.from(`${head}\r\n\r\n${body}`)], 1);
        const [answer = ''] = answers;
        // an event stream does not end
        if (answer === '' || /^HTTP\/1\.1 [23]/.test(answer)) return;
        wrong += 1;
        expect(answer).toMatch(/^HTTP\/1\.1 4\d\d \w/);
        // no such method: node:http does not read it
        if (method !== 'QUERY') expect(answer).toMatch(/^x-request-id: ./im);
        const told = answer.slice(answer.indexOf('\r\n\r\n') + 4);
        expect(told.replace(/^[0-9a-f]+\r\n/, '')).toMatch(/\w{3}/);
      }),
      { numRuns: 400, interruptAfterTimeLimit: 20_000 },
    );
    expect(wrong).toBeGreaterThan(100);
  }, 60_000);

  it.each([
    ['that is no HTTP', 'hello\r\n\r\n', 400, 'no HTTP/1.1 request'],
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'no HTTP/1.1 request'],
    [
      'with headers that are too large',
      `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(200_000)}\r\n\r\n`,
      431,
      '65536 bytes',
    ],
    [
      'with a chunk that is none',
      'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      'chunk size',
    ],
    ['to a proxy', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 405, 'CONNECT'],
  ])('about a request %s says so, and closes the connection', async (_, text, status, told) => {
    const { hostname, port } = new URL(bed.gateway.url);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    socket.write(text);
    await closed;
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} \\w`));
    expect(received).toMatch(/^Content-Type: text\/plain/m);
    expect(received.split('\r\n\r\n')[1]).toContain(told);
  });

  it('about a request that takes too long to arrive says so', async () => {
    const slow = await startTestBed({ limits: { uploadMs: 200 } });
    const { answers } = await exchange(slow.gateway.url, [Buffer.from('GET / HTTP/1.1\r\nHost')], 1);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 408 .*took too long to arrive/s);
    await slow.close();
  });
});
