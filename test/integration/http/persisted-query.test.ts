import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { sharedBed } from '../../support/bed.ts';
import { overGet, transportsOf } from '../../support/wire/transports.ts';

const hash = 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38';
const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
const notSupported = {
  message: 'PersistedQueryNotSupported',
  extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', requestId: expect.any(String) },
};

const bed = sharedBed({ gateway: { projectId: null } });

const post = (body: object, headers: Record<string, string> = {}) =>
  fetch(bed.gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('a query sent as its hash alone', () => {
  it.each([...transportsOf, overGet])(
    'over %s is refused in the words on which Apollo sends the query',
    async (_, ask) => {
      for (let times = 0; times < 3; times++) {
        const { errors, data } = await ask(bed, { operationName: 'Mine', variables: {}, extensions });
        expect(errors).toEqual([notSupported]);
        expect(data ?? null).toBeNull();
      }
      const sent = await ask(bed, { query: 'query Mine { __typename }', operationName: 'Mine', extensions });
      expect(sent).toEqual({ data: { __typename: 'Query' } });
    },
  );

  // what Apollo's link, and others with it, may send for no query
  it.each([null, ''])('with the query %j is refused in those words', async (query) => {
    expect(await (await post({ query, extensions })).json()).toEqual({ errors: [notSupported] });
  });

  it('is answered 200 as JSON, and 400 as graphql-response+json, as every request without data', async () => {
    const json = await post({ extensions });
    expect([json.status, json.headers.get('x-request-id')]).toEqual([200, expect.stringMatching(/./)]);
    const own = await post({ extensions }, { accept: 'application/graphql-response+json' });
    expect([own.status, await own.json()]).toEqual([400, { errors: [notSupported] }]);
  });

  it('over a WebSocket leaves the socket open for the query itself', async () => {
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    const next = async () => JSON.parse(String((await once(socket, 'message'))[0]));
    socket.send(JSON.stringify({ type: 'connection_init' }));
    expect(await next()).toEqual({ type: 'connection_ack' });
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { extensions } }));
    expect(await next()).toEqual({ id: '1', type: 'error', payload: [notSupported] });
    socket.send(JSON.stringify({ id: '2', type: 'subscribe', payload: { query: '{ __typename }', extensions } }));
    expect(await next()).toEqual({ id: '2', type: 'next', payload: { data: { __typename: 'Query' } } });
    socket.close();
  });

  it('on a shared event stream is refused on the stream', async () => {
    const url = `${bed.gateway.url}/stream`;
    const token = await (await fetch(url, { method: 'PUT' })).text();
    const headers = { 'x-graphql-event-stream-token': token, 'content-type': 'application/json' };
    const left = new AbortController();
    const stream = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal: left.signal });
    const body = JSON.stringify({ extensions: { ...extensions, operationId: '7' } });
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202);
    let text = '';
    for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.includes('event: complete')) break;
    }
    left.abort();
    const [, next = ''] = /data: (\{.*"next"?.*|\{.*payload.*)/.exec(text) ?? [];
    expect(JSON.parse(next)).toEqual({ id: '7', payload: { data: null, errors: [notSupported] } });
  });

  it('is logged as refused, with its code', async () => {
    bed.logLines.length = 0;
    await post({ extensions });
    expect(bed.logLines.join('')).toContain('PERSISTED_QUERY_NOT_SUPPORTED');
  });
});

describe('a request without a query and without a hash', () => {
  it.each([undefined, {}, { persistedQuery: null }, { persistedQuery: 'x' }])(
    '(extensions %j) is refused for having no query',
    async (given) => {
      const answer = await post({ ...(given && { extensions: given }), variables: {} });
      expect(await answer.json()).toMatchObject({ errors: [{ message: 'Must provide query string.' }] });
    },
  );
});
