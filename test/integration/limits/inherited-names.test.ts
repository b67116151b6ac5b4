import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { sharedBed } from '../../support/bed.ts';
import { builtSource } from '../../support/process/built-source.ts';
import { overPost } from '../../support/wire/transports.ts';

/** Names that every object has without having been given them. */
const anyInherited = fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype));

/** The executor that plans are compared with loses a variable of this name. */
const anyVariable = anyInherited.filter((name) => name !== '__proto__');

const bed = sharedBed({ gateway: { projectId: null } });

const tokenHeader = 'x-graphql-event-stream-token';
const streamUrl = () => `${bed.gateway.url}/stream`;

describe('an event stream', () => {
  const anyToken = fc.oneof(
    { weight: 3, arbitrary: anyInherited },
    fc.constantFrom('', 'a', '0', 'length', 'then', '../x', `${'0'.repeat(8)}-0000-0000-0000-00000000000`),
  );

  it('is never found by a token that was not given out, whatever is asked of it', async () => {
    const anyRequest = fc.record({
      token: anyToken,
      method: fc.constantFrom('PUT', 'GET', 'POST', 'DELETE'),
      accept: fc.constantFrom('*/*', 'text/event-stream', 'application/json'),
      isInUrl: fc.boolean(),
      operationId: fc.option(anyInherited),
    });
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ token, method, accept, isInUrl, operationId }) => {
        const query = new URLSearchParams({
          ...(isInUrl && { token }),
          ...(method === 'DELETE' && { operationId: operationId ?? 'a' }),
        });
        const answer = await fetch(`${streamUrl()}?${query}`, {
          method,
          headers: {
            accept,
            'content-type': 'application/json',
            ...(!isInUrl && { [tokenHeader]: token }),
          },
          ...(method === 'POST' && {
            body: JSON.stringify({ query: '{ __typename }', extensions: { operationId } }),
          }),
        });
        expect(answer.status).toBe(404);
        expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
      }),
      { numRuns: 200 },
    );
  });

  it('that was reserved refuses operations by an inherited name, says so, and goes on', async () => {
    const token = await (await fetch(streamUrl(), { method: 'PUT' })).text();
    const left = new AbortController();
    const headers = { [tokenHeader]: token, 'content-type': 'application/json' };
    const opened = await fetch(streamUrl(), {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: left.signal,
    });
    const start = (operationId: unknown) =>
      fetch(streamUrl(), {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: '{ __typename }', extensions: { operationId } }),
      });
    const unusable = fc.oneof(
      anyInherited,
      anyInherited.map((name) => [name]),
      anyInherited.map((name) => ({ [name]: 1 })),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(unusable, async (operationId) => {
        const answer = await start(operationId);
        expect(answer.status).toBe(400);
        expect(await answer.json()).toMatchObject({ errors: [{ message: expect.stringContaining('operationId') }] });
        const byGet = await fetch(
          `${streamUrl()}?${new URLSearchParams({ query: '{__typename}', extensions: JSON.stringify({ operationId }) })}`,
          { headers },
        );
        expect(byGet.status).toBe(400);
        const ended = await fetch(
          `${streamUrl()}?operationId=${encodeURIComponent(String(Object.keys(operationId)[0] ?? operationId))}`,
          { method: 'DELETE', headers },
        );
        expect(ended.status).toBe(200);
      }),
      { numRuns: 40 },
    );
    expect((await start('mine')).status).toBe(202);
    expect((await start(7)).status).toBe(202);
    expect(opened.status).toBe(200);
    left.abort();
  });
});

describe('a name a client chooses', () => {
  it('is its own as operation, variable, fragment and alias', async () => {
    await fc.assert(
      fc.asyncProperty(anyInherited, anyVariable, async (name, other) => {
        const query = `query ${name}($${other}: Boolean! = true) { a: __typename @include(if: $${other}) ...${name} } fragment ${name} on Query { b: __typename }`;
        for (let times = 0; times < 3; times++) {
          expect(await overPost(bed, { query, operationName: name })).toEqual({ data: { a: 'Query', b: 'Query' } });
        }
        expect(await overPost(bed, { query, operationName: `${other}_` })).toMatchObject({
          errors: [{ message: expect.stringContaining('what operation to execute') }],
        });
      }),
      { numRuns: 40 },
    );
  });

  it('is refused as an unknown parameter of a request, in a body and in a URL', async () => {
    await fc.assert(
      fc.asyncProperty(anyInherited, async (name) => {
        const body = `{ "query": "{ __typename }", ${JSON.stringify(name)}: 1 }`;
        const answer = await fetch(bed.gateway.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
        const byUrl = await fetch(`${bed.gateway.url}?query={__typename}&${name}=1`, {
          headers: { accept: 'application/json', [`x-${name}`]: '1' },
        });
        expect(await byUrl.json()).toEqual({ data: { __typename: 'Query' } });
      }),
      { numRuns: 40 },
    );
  });

  it('is its own as the id of an operation on a WebSocket', async () => {
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    const messages = on(socket, 'message');
    await once(socket, 'open');
    const next = async () => JSON.parse(String((await messages.next()).value[0]));
    socket.send(JSON.stringify({ type: 'connection_init', payload: { constructor: 'x', toString: 'y' } }));
    await next();
    for (const id of Object.getOwnPropertyNames(Object.prototype)) {
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: '{ __typename }' } }));
      expect(await next()).toEqual({ id, type: 'next', payload: { data: { __typename: 'Query' } } });
      expect(await next()).toEqual({ id, type: 'complete' });
    }
    socket.close();
  });

  it('is found at no path', async () => {
    const { origin } = new URL(bed.gateway.url);
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      expect((await fetch(`${origin}/${name}`)).status).toBe(404);
    }
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'is no command of the program (%s)',
    { timeout: 60_000 },
    async (name) => {
      const program = spawn(process.execPath, [join(await builtSource(), 'cli.js'), name]);
      const [written, [code]] = await Promise.all([text(program.stderr), once(program, 'exit')]);
      expect(written).toContain(`There is no command "${name}"`);
      expect(code).toBe(2);
    },
  );
});
