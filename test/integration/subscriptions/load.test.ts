import { type ClientRequest, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { freshBed, projectId } from '../../support/bed.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { collect, type Event, sse, transports, websocket } from '../../support/subscription.ts';
import { settledAfterMs } from '../../support/wire/scripted-upstream.ts';

const watch =
  'subscription($id: ID!, $until: [NotebookStatus!]) { notebookStatusChanged(id: $id, until: $until) { status } }';
const stop = 'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }';
const statuses = (events: readonly Event[]) => events.map((event) => event.data.notebookStatusChanged.status);

describe('a hundred subscribers of one token', () => {
  const intervalMs = 100;
  let bed: TestBed;
  let ids: string[] = [];
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);

  beforeAll(async () => {
    process.on('warning', onWarning);
    bed = await startTestBed({ gateway: { projectId, pollIntervalMs: intervalMs, pollIdleIntervalMs: intervalMs } });
    ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => createNotebook(bed, name)));
    await bed.advance(1000);
  });
  afterAll(async () => {
    await bed.close();
    process.off('warning', onWarning);
  });

  const listeners = () => bed.gateway.watchStats().listeners;

  it('of five notebooks, half over each transport, share one list a tick, and each hears every change', async () => {
    const variables = (index: number) => ({ id: ids[index % ids.length], until: ['STOPPED'] });
    const streams = Array.from({ length: 100 }, (_, index) =>
      collect((index % 2 ? sse : websocket)(bed, watch, { variables: variables(index) })),
    );
    await expect.poll(listeners).toBe(100);
    expect(bed.gateway.watchStats().watches).toBe(1);

    const before = bed.exchanges.length;
    const startedAt = performance.now();
    await expect.poll(() => bed.exchanges.length - before).toBeGreaterThanOrEqual(8);
    const ticks = (performance.now() - startedAt) / (0.9 * intervalMs);
    const polls = bed.exchanges.slice(before);
    expect(polls.every(({ operationId }) => operationId === 'listNotebooks')).toBe(true);
    // one may be on its way at either end
    expect(polls.length).toBeLessThanOrEqual(ticks + 2);

    await Promise.all(ids.map((id) => bed.ask(stop, { id })));
    for (const events of await Promise.all(streams))
      expect(statuses(events)).toEqual(['RUNNING', 'STOPPING', 'STOPPED']);
    expect(bed.gateway.watchStats().pollsSaved).toBeGreaterThan(300);
    expect(await bed.violations()).toEqual([]);
  });

  it('over one WebSocket are all served', async () => {
    const client = createClient({
      url: bed.gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { 'X-Auth-Token': bed.simulator.demo.token },
    });
    const variables = { id: ids[0], until: ['STOPPED'] };
    const streams = Array.from({ length: 100 }, () => collect(client.iterate({ query: watch, variables })));
    for (const events of await Promise.all(streams)) expect(statuses(events as Event[])).toEqual(['STOPPED']);
    await client.dispose();
  });

  it('are no leak to Node', () => {
    expect(warnings).toEqual([]);
  });
});

describe('when all subscribers have left', () => {
  const bed = freshBed({ gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 40 } });
  let id = '';

  beforeEach(async () => {
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
  });

  async function expectNoMorePolls(): Promise<void> {
    await expect.poll(() => bed.gateway.watchStats()).toMatchObject({ watches: 0, listeners: 0 });
    const before = bed.exchanges.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(bed.exchanges).toHaveLength(before);
  }

  it('polling stops, if they closed their connections', async () => {
    const leaving = new AbortController();
    const streams = transports.map(([, subscribe]) =>
      subscribe(bed, watch, { variables: { id }, signal: leaving.signal }),
    );
    await Promise.all(streams.map((stream) => stream.next()));
    expect(bed.gateway.watchStats().listeners).toBe(2);
    leaving.abort();
    await Promise.all(streams.map(collect));
    await expectNoMorePolls();
  });

  it('polling stops, if they unsubscribed over a WebSocket that stays open', async () => {
    const client = createClient({
      url: bed.gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      lazy: false,
      connectionParams: { 'X-Auth-Token': bed.simulator.demo.token },
    });
    const events = client.iterate({ query: watch, variables: { id } });
    await events.next();
    await events.return?.();
    await expectNoMorePolls();
    await client.dispose();
  });

  it('polling stops, if they reset their sockets', async () => {
    const stream = await openRaw();
    let socket: WebSocket | undefined;
    const client = createClient({
      url: bed.gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { 'X-Auth-Token': bed.simulator.demo.token },
      on: {
        connected: (opened) => {
          socket = opened as WebSocket;
        },
      },
    });
    const events = client.iterate({ query: watch, variables: { id } });
    await events.next();
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(2);
    stream.socket?.resetAndDestroy();
    socket?.terminate();
    await expectNoMorePolls();
    await expect(events.next()).rejects.toBeDefined();
  });

  /** An event stream that can be cut off at its socket. */
  function openRaw(): Promise<ClientRequest> {
    return new Promise((resolve, reject) => {
      const headers = {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-auth-token': bed.simulator.demo.token,
      };
      const sent = request(bed.gateway.url, { method: 'POST', headers });
      sent.once('error', reject);
      sent.once('response', (response) => {
        response.on('error', () => {});
        response.once('data', () => resolve(sent));
      });
      sent.end(JSON.stringify({ query: watch, variables: { id } }));
    });
  }
});

describe('gateway.close', () => {
  /** What runs is waited for up to 5 s; who waits for nothing is done in a tenth of this. */
  const unwaitedMs = 4500;
  const open = async () => {
    const bed = await startTestBed({ gateway: { projectId, pollIntervalMs: 40, pollIdleIntervalMs: 40 } });
    const id = await createNotebook(bed, 'watched');
    return { bed, id };
  };

  it('ends open streams, and leaves no socket behind', async () => {
    const sockets = () =>
      process.getActiveResourcesInfo().filter((name) => /^TCP(Socket|Server)Wrap$/.test(name)).length;
    // those of the tests before take a moment to go
    await expect.poll(sockets).toBe(0);
    const { bed, id } = await open();
    const streams = transports.map(([, subscribe]) => subscribe(bed, watch, { variables: { id } }));
    await Promise.all(streams.map((stream) => stream.next()));
    const ends = Promise.allSettled(streams.map(collect));
    expect(await settledAfterMs(bed.gateway.close())).toBeLessThan(unwaitedMs);
    await ends;
    await bed.simulator.close();
    await expect.poll(sockets).toBe(0);
  });

  it('does not complete event streams, so that their clients come back elsewhere', async () => {
    const { bed, id } = await open();
    const events = sse(bed, watch, { variables: { id } });
    await events.next();
    const rest = collect(events);
    await Promise.all([expect(rest).rejects.toThrow(), bed.gateway.close()]);
    await bed.simulator.close();
  });

  it('lets a running operation end', async () => {
    const { bed } = await open();
    await bed.fault({ name: 'slow', operation: 'listNotebooks', delayMs: 600 });
    const before = bed.exchanges.length;
    const asked = bed.ask('{ notebooks { totalCount } }');
    await expect.poll(() => bed.exchanges.length).toBe(before + 1);
    const [{ data }, closedAfterMs] = await Promise.all([asked, settledAfterMs(bed.gateway.close())]);
    expect(data.notebooks.totalCount).toBe(1);
    expect(closedAfterMs).toBeLessThan(unwaitedMs);
    await bed.simulator.close();
  });

  it('does not wait for a client that answers nothing', async () => {
    const { bed } = await open();
    const silent = await silentWebSocket(new URL(bed.gateway.url));
    expect(await settledAfterMs(bed.gateway.close())).toBeLessThan(unwaitedMs);
    silent.destroy();
    await bed.simulator.close();
  });

  /** A client that opens a WebSocket and never sends a frame, not even in answer to one that closes it. */
  async function silentWebSocket({ hostname, port, pathname }: URL): Promise<Socket> {
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        `GET ${pathname} HTTP/1.1`,
        `Host: ${hostname}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol: graphql-transport-ws',
        '',
        '',
      ].join('\r\n'),
    );
    await new Promise((resolve) => socket.once('data', resolve));
    return socket;
  }
});
