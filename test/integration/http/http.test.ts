import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { projectId, sharedBed } from '../../support/bed.ts';
import { startTestBed } from '../../support/gateway.ts';
import { withCalls } from '../../support/notebooks.ts';
import { collect, websocket } from '../../support/subscription.ts';

const list = '{ notebooks { totalCount } }';
const empty = { data: { notebooks: { totalCount: 0 } } };

const bed = sharedBed();

type Sent = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string };

async function send(path: string, { method = 'GET', headers = {}, body }: Sent = {}, to = bed): Promise<Response> {
  const response = await fetch(new URL(path, to.gateway.url), {
    method,
    headers: { 'x-auth-token': bed.simulator.demo.token, ...headers },
    redirect: 'manual',
    ...(body !== undefined && { body }),
  });
  // an answer that is not read to its end keeps its socket
  await response.clone().arrayBuffer();
  return response;
}

const post = (body: string, headers: Record<string, string> = {}, to = bed) =>
  send('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }, to);

const query = (text: string) => `/graphql?query=${encodeURIComponent(text)}`;

describe('a request', () => {
  it('can be a POST of JSON', async () => {
    const response = await post(JSON.stringify({ query: list }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual(empty);
  });

  it('can be a GET of a query', async () => {
    const response = await send(query(list), { headers: { accept: 'application/json' } });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(empty);
  });

  it('of a mutation by GET is refused, and changes nothing', async () => {
    const mutation =
      'mutation { deleteNotebook(input: { id: "7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f" }) { __typename } }';
    const { answer, calls } = await withCalls(bed, () =>
      send(query(mutation), { headers: { accept: 'application/json' } }),
    );
    expect(answer.status).toBe(405);
    expect(calls).toEqual([]);
  });

  it('that accepts application/graphql-response+json gets it, with the status that belongs to it', async () => {
    const headers = { accept: 'application/graphql-response+json' };
    const good = await post(JSON.stringify({ query: list }), headers);
    expect(good.status).toBe(200);
    expect(good.headers.get('content-type')).toMatch(/^application\/graphql-response\+json/);
    expect(await good.json()).toEqual(empty);
    expect((await post(JSON.stringify({ query: '{ nothing }' }), headers)).status).toBe(400);
  });

  it.each([
    ['malformed JSON', '{"query": '],
    ['an empty body', ''],
    ['no query', '{}'],
    ['a syntax error', JSON.stringify({ query: '{ notebooks {' })],
  ])('with %s is answered with an error and no upstream call', async (_, body) => {
    const { answer, calls } = await withCalls(bed, () => post(body, { accept: 'application/graphql-response+json' }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ message: expect.stringMatching(/\w/) }] });
    expect(calls).toEqual([]);
  });

  it('for a field that does not exist says so, and what there is', async () => {
    const { errors } = await bed.ask('{ notebooks { nodes { nam } } }');
    expect(errors?.map(({ message }) => message)).toEqual([
      'Cannot query field "nam" on type "Notebook". Did you mean "name"?',
    ]);
  });

  it('with a variable of the wrong type says which', async () => {
    const { errors, data } = await bed.ask('query($id: ID!) { notebook(id: $id) { name } }', {});
    expect(data ?? null).toBeNull();
    expect(errors?.[0].message).toMatch(/Variable "\$id" of required type "ID!" was not provided/);
  });
});

describe('the path', () => {
  it('/health is answered without a token and without any upstream call', async () => {
    const { answer, calls } = await withCalls(bed, () => fetch(new URL('/health', bed.gateway.url)));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/alive/);
    expect(calls).toEqual([]);
  });

  it('/ leads a browser to GraphiQL', async () => {
    const response = await send('/');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
  });

  it.each(['/nothing', '/graphql/', '/graphqls', '/%'])(
    '%s is not found, and the answer says where GraphQL is',
    async (path) => {
      const response = await send(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('/graphql');
    },
  );

  it('opens no WebSocket unless it is that of GraphQL', async () => {
    const socket = new WebSocket(new URL('/nothing', bed.gateway.url.replace('http', 'ws')), 'graphql-transport-ws');
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('404');
  });
});

describe('X-Request-Id', () => {
  const failing = '{ notebook(id: "..") { name } }';

  it('is echoed, and stands in the errors and in the log', async () => {
    await bed.fault({ name: 'internal', operation: 'listNotebooks', times: 1 });
    const answer = await bed.ask(list, {}, { 'x-request-id': 'request-17.b_c-d' });
    expect(answer.headers.get('x-request-id')).toBe('request-17.b_c-d');
    expect(answer.errors?.[0].extensions.requestId).toBe('request-17.b_c-d');
    expect(bed.logLines.filter((line) => line.includes('"requestId":"request-17.b_c-d"'))).toHaveLength(2);
  });

  it.each([undefined, 'with space', 'x'.repeat(129), '{"a":1}'])(
    'is made by the gateway when it is %s',
    async (given) => {
      const { headers } = await bed.ask(failing, {}, given === undefined ? {} : { 'x-request-id': given });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('an error of an operation over WebSocket', () => {
  it('in its syntax comes as an error message, and the socket stays open', async () => {
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    const messages: { type: string; id?: string; payload?: unknown }[] = [];
    socket.on('message', (text) => messages.push(JSON.parse(String(text))));
    await once(socket, 'open');
    const say = (message: unknown) => socket.send(JSON.stringify(message));
    say({ type: 'connection_init', payload: { 'X-Auth-Token': bed.simulator.demo.token } });
    await expect.poll(() => messages.at(-1)?.type).toBe('connection_ack');
    say({ id: '1', type: 'subscribe', payload: { query: 'subscription {' } });
    await expect
      .poll(() => messages.at(-1))
      .toMatchObject({ id: '1', type: 'error', payload: [{ message: /Syntax Error/ }] });
    say({ id: '2', type: 'subscribe', payload: { query: list } });
    await expect
      .poll(() => messages.slice(-2))
      .toMatchObject([
        { id: '2', type: 'next', payload: empty },
        { id: '2', type: 'complete' },
      ]);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  it('in its fields reads as over HTTP', async () => {
    const text = '{ notebooks { nodes { nam } } }';
    const [[overWebSocket], overHttp] = await Promise.all([collect(websocket(bed, text)), bed.ask(text)]);
    expect(overWebSocket?.errors?.map(({ message }) => message)).toEqual(
      overHttp.errors?.map(({ message }) => message),
    );
  });

  it('in its variables reads as over HTTP', async () => {
    const text = 'query($id: ID!) { notebook(id: $id) { name } }';
    const [[overWebSocket], overHttp] = await Promise.all([collect(websocket(bed, text)), bed.ask(text)]);
    expect(overWebSocket?.errors?.map(({ message }) => message)).toEqual(
      overHttp.errors?.map(({ message }) => message),
    );
  });
});

describe('another origin', () => {
  const origin = 'https://console.example.com';
  const preflight = {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-auth-token' },
  };

  it('gets no permission while CORS is off', async () => {
    for (const response of [
      await send('/graphql', preflight),
      await post(JSON.stringify({ query: list }), { origin }),
    ]) {
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('GraphiQL', () => {
  it('is the answer to a browser, and to nobody else', async () => {
    const page = await send('/graphql', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'self'/);
    expect(await page.text()).toMatch(/graphiql/i);
    const shared = await send(query(list), { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(shared.headers.get('content-type')).toMatch(/^text\/html/);
    const asked = await send(query(list), { headers: { accept: 'application/json' } });
    expect(await asked.json()).toEqual(empty);
    const bare = await send('/graphql', { headers: { accept: 'application/json' } });
    expect(bare.headers.get('content-type')).not.toMatch(/html/);
    expect(await bare.json()).toMatchObject({ errors: [{ message: expect.stringMatching(/query/i) }] });
  });
});

describe('with introspection and GraphiQL off, as in production', () => {
  it('neither the schema nor a page is given, and queries work', async () => {
    const closed = await startTestBed({ gateway: { projectId, isIntrospectionOn: false, isGraphiqlOn: false } });
    const { errors } = await closed.ask('{ __schema { types { name } } }');
    expect(errors?.[0].message).toMatch(/introspection/i);
    const [overWebSocket] = await collect(websocket(closed, '{ __type(name: "Notebook") { name } }'));
    expect(overWebSocket?.errors?.[0].message).toMatch(/introspection/i);
    const page = await send('/graphql', { headers: { accept: 'text/html' } }, closed);
    expect(page.headers.get('content-type') ?? '').not.toMatch(/html/);
    expect((await send('/', {}, closed)).status).toBe(404);
    expect((await closed.ask(list)).data).toEqual(empty.data);
    await closed.close();
  });
});
