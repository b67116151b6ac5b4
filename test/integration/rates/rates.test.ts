import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { projectId, withBed } from '../../support/bed.ts';
import type { TestBed } from '../../support/gateway.ts';
import { withCalls } from '../../support/notebooks.ts';
import { refusalOf, transportsOf } from '../../support/wire/transports.ts';

const read = '{ notebooks { totalCount } }';

/** Has ModelArts accept the demo token. */
const beAccepted = (bed: TestBed) => bed.ask(read);

/** Not by `bed.ask`, which asks everything again when the bed is closed. */
const post = (bed: TestBed, query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(bed.gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-project-id': projectId, ...headers },
    body: JSON.stringify({ query }),
  });

const asDemo = (bed: TestBed, query = read): Promise<Response> =>
  post(bed, query, { 'x-auth-token': bed.simulator.demo.token });

type Refusal = { readonly errors: Errors };

const extensionsOf = async (response: Response): Promise<Record<string, unknown> | undefined> =>
  ((await response.json()) as Refusal).errors[0]?.extensions;

const refusalsOf = async (bed: TestBed, setting: string): Promise<string | undefined> => {
  const text = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
  return new RegExp(`^modelarts_gateway_rate_refusals_total\\{setting="${setting}"\\} (\\d+)$`, 'm').exec(text)?.[1];
};

type Errors = readonly { readonly extensions: Record<string, unknown> }[];
type Message = {
  readonly id?: string;
  readonly type: string;
  readonly payload?: Errors | { readonly errors?: Errors };
};

/** A WebSocket, and what came on it. */
async function socketOf(bed: TestBed, token = bed.simulator.demo.token) {
  const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  const messages: Message[] = [];
  await once(socket, 'open');
  socket.on('message', (text) => messages.push(JSON.parse(String(text))));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { 'x-auth-token': token } }));
  await expect.poll(() => messages.length).toBe(1);
  return {
    socket,
    subscribe: (id: string, query: string) =>
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } })),
    complete: (id: string) => socket.send(JSON.stringify({ id, type: 'complete' })),
    answersTo: (id: string) => messages.filter((message) => message.id === id).map(({ type }) => type),
    refusalOf: (id: string) => {
      const payload = messages.find((one) => one.id === id)?.payload;
      // that of a result, or of an error message
      const errors = payload !== undefined && 'errors' in payload ? payload.errors : (payload as Errors | undefined);
      return errors?.[0]?.extensions;
    },
  };
}

describe('requests of a caller whose token was accepted', () => {
  it.each(transportsOf)(
    'are refused over %s by name, with no upstream call, once there were as many as a minute may have',
    (_, ask) =>
      withBed(
        async (bed) => {
          await asDemo(bed);
          for (let turn = 0; turn < 3; turn++) expect(refusalOf(await ask(bed, { query: read }))).toEqual({});
          const { answer, calls } = await withCalls(bed, () => ask(bed, { query: read }));
          expect(refusalOf(answer)).toMatchObject({
            code: 'RATE_LIMITED',
            limit: 'RATE_REQUESTS',
            maximum: 3,
            retryAfterSeconds: expect.any(Number),
            requestId: expect.any(String),
          });
          expect(calls).toEqual([]);
          expect(await refusalsOf(bed, 'RATE_REQUESTS')).toBe('1');
        },
        { rates: { requests: 3 } },
      )(),
  );

  it('are answered 429 over HTTP, with Retry-After and the headers of the draft on rate limits', () =>
    withBed(
      async (bed) => {
        await asDemo(bed);
        await asDemo(bed);
        const { status, headers } = await asDemo(bed);
        expect(status).toBe(429);
        expect(headers.get('retry-after')).toBe('60');
        expect(headers.get('ratelimit-policy')).toBe('"RATE_REQUESTS";q=1;w=60');
        expect(headers.get('ratelimit')).toBe('"RATE_REQUESTS";r=0;t=60');
        expect(headers.get('x-request-id')).not.toBeNull();
      },
      { rates: { requests: 1 } },
    )());

  it('are an error of the operation over WebSocket, which stays open', () =>
    withBed(
      async (bed) => {
        await asDemo(bed);
        const { socket, ...operations } = await socketOf(bed);
        for (const id of ['1', '2', '3']) operations.subscribe(id, read);
        await expect.poll(() => operations.answersTo('3')).toEqual(['error']);
        expect(operations.refusalOf('3')).toMatchObject({ code: 'RATE_LIMITED', limit: 'RATE_REQUESTS' });
        await expect.poll(() => operations.answersTo('2')).toEqual(['next', 'complete']);
        expect(socket.readyState).toBe(WebSocket.OPEN);
        socket.close();
      },
      { rates: { requests: 2 } },
    )());

  it('count for that caller alone', () =>
    withBed(
      async (bed) => {
        const other = await bed.signIn('demo');
        await asDemo(bed);
        await asDemo(bed);
        expect((await asDemo(bed)).status).toBe(429);
        expect((await post(bed, read, other.headers)).status).toBe(200);
      },
      { rates: { requests: 1 } },
    )());

  it('have no limit at 0', () =>
    withBed(
      async (bed) => {
        for (let turn = 0; turn < 20; turn++) expect((await asDemo(bed)).status).toBe(200);
      },
      { rates: { requests: 0 } },
    )());
});

describe('requests without a token that was accepted', () => {
  it('count for their address, however many tokens are made up', () =>
    withBed(
      async (bed) => {
        const statuses: number[] = [];
        for (let turn = 0; turn < 5; turn++) {
          statuses.push((await post(bed, '{ __typename }', { 'x-auth-token': `made-up-${turn}` })).status);
        }
        expect(statuses).toEqual([200, 200, 200, 429, 429]);
        expect(await refusalsOf(bed, 'RATE_ADDRESS_REQUESTS')).toBe('2');
      },
      { rates: { addressRequests: 3 } },
    )());

  it('take nothing from those whose token was accepted', () =>
    withBed(
      async (bed) => {
        await asDemo(bed);
        for (let turn = 0; turn < 5; turn++) await post(bed, '{ __typename }');
        expect((await asDemo(bed)).status).toBe(200);
      },
      { rates: { addressRequests: 3 } },
    )());

  it('are those of a token, too, that was accepted and has been refused since', () =>
    withBed(
      async (bed) => {
        await asDemo(bed);
        await bed.fault({ name: 'unauthorised', times: 1 });
        await asDemo(bed);
        expect(await extensionsOf(await asDemo(bed))).toMatchObject({ limit: 'RATE_ADDRESS_REQUESTS' });
      },
      { rates: { addressRequests: 1 } },
    )());

  const from = (address: string) => ({ 'x-forwarded-for': address });

  it('come from the entry of X-Forwarded-For that the last trusted proxy wrote', () =>
    withBed(
      async (bed) => {
        expect((await post(bed, '{ __typename }', from('1.1.1.1, 203.0.113.7'))).status).toBe(200);
        expect((await post(bed, '{ __typename }', from('2.2.2.2, 203.0.113.7'))).status).toBe(429);
        expect((await post(bed, '{ __typename }', from('1.1.1.1, 203.0.113.8'))).status).toBe(200);
      },
      { rates: { addressRequests: 1 }, gateway: { trustedProxies: 1 } },
    )());

  it('come from where their connection comes from when no proxy is trusted', () =>
    withBed(
      async (bed) => {
        expect((await post(bed, '{ __typename }', from('203.0.113.7'))).status).toBe(200);
        expect((await post(bed, '{ __typename }', from('203.0.113.8'))).status).toBe(429);
      },
      { rates: { addressRequests: 1 } },
    )());
});

it('operations are refused once they could have cost as many calls as a minute may have', () =>
  withBed(
    async (bed) => {
      await asDemo(bed);
      const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await asDemo(bed)).status));
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      const refused = await asDemo(bed);
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await extensionsOf(refused)).toMatchObject({ code: 'RATE_LIMITED', limit: 'RATE_COST', maximum: 12 });
      // what costs nothing is answered
      expect((await asDemo(bed, '{ __typename }')).status).toBe(200);
    },
    { rates: { cost: 12 } },
  )());

describe('open subscriptions', () => {
  const watch = 'subscription { notebooksChanged { kind } }';
  const listeners = (bed: TestBed) => bed.gateway.watchStats().listeners;

  it('of a caller are bounded, and one more may be opened for each that was closed', () =>
    withBed(
      async (bed) => {
        await beAccepted(bed);
        const { socket, ...operations } = await socketOf(bed);
        for (const id of ['1', '2', '3']) operations.subscribe(id, watch);
        await expect.poll(() => operations.refusalOf('3')).toMatchObject({ limit: 'RATE_SUBSCRIPTIONS', maximum: 2 });
        operations.complete('1');
        await expect.poll(() => listeners(bed)).toBe(1);
        operations.subscribe('4', watch);
        await expect.poll(() => listeners(bed)).toBe(2);
        socket.close();
        await expect.poll(() => listeners(bed)).toBe(0);
        const again = await socketOf(bed);
        again.subscribe('1', watch);
        again.subscribe('2', watch);
        await expect.poll(() => listeners(bed)).toBe(2);
        again.socket.close();
      },
      { rates: { subscriptions: 2 } },
    )());

  it('with made-up tokens are bounded for their address', () =>
    withBed(
      async (bed) => {
        // nothing is known of a token that ModelArts has not judged
        await bed.fault({ name: 'hang' });
        const sockets = await Promise.all(['a', 'b', 'c'].map((name) => socketOf(bed, `made-up-${name}`)));
        for (const { subscribe } of sockets) {
          subscribe('1', watch);
          subscribe('2', watch);
        }
        const refusals = () =>
          sockets.flatMap((one) => [one.refusalOf('1'), one.refusalOf('2')]).filter((one) => one !== undefined);
        await expect.poll(() => refusals().length).toBe(2);
        expect(refusals()[0]).toMatchObject({ limit: 'RATE_ADDRESS_SUBSCRIPTIONS', maximum: 4 });
        for (const { socket } of sockets) socket.close();
        await bed.clearFaults();
      },
      { rates: { addressSubscriptions: 4 } },
    )());
});

describe('connections of an address', () => {
  const opened = async (bed: TestBed): Promise<Socket> => {
    const { hostname, port } = new URL(bed.gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };

  it('are bounded, and one more may be opened for each that was closed', () =>
    withBed(
      async (bed) => {
        const [first, second] = [await opened(bed), await opened(bed)];
        const third = await opened(bed);
        await once(third, 'close');
        first.destroy();
        await expect
          .poll(async () => (await fetch(new URL('/health', bed.gateway.url)).catch(() => null))?.status)
          .toBe(200);
        second.destroy();
      },
      { rates: { addressConnections: 2 } },
    )());

  it('are the WebSockets of the address a trusted proxy names', () =>
    withBed(
      async (bed) => {
        const open = (address: string) =>
          new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws', {
            headers: { 'x-forwarded-for': address },
          });
        const first = open('203.0.113.7');
        await once(first, 'open');
        const second = open('203.0.113.7');
        const [, response] = await once(second, 'unexpected-response');
        expect(response.statusCode).toBe(429);
        expect(response.headers['retry-after']).toBe('5');
        response.destroy();
        const other = open('203.0.113.8');
        await once(other, 'open');
        for (const socket of [first, other]) socket.close();
      },
      { rates: { addressConnections: 1 }, gateway: { trustedProxies: 1 } },
    )());
});
