import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { whenStill } from '../../support/when-still.ts';

const intervalMs = 500;
const notebooks = 50;
const perTransport = 500;
const query = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { status } }';

/** One subscriber: the statuses it heard, in order, and its socket. */
type Subscriber = { readonly id: string; readonly heard: string[]; readonly reset: () => void };

describe('500 SSE and 500 WebSocket subscribers of 50 notebooks with one token', { timeout: 120_000 }, () => {
  const bed = sharedBed({
    gateway: { pollIntervalMs: intervalMs, pollIdleIntervalMs: intervalMs, logLevel: 'silent' },
    simulator: { speed: 100, notebooksPerUser: notebooks },
  });
  const ids: string[] = [];
  const subscribers: Subscriber[] = [];

  beforeAll(async () => {
    for (let index = 0; index < notebooks; index += 1) ids.push(await createNotebook(bed, `nb-${index}`));
    await bed.advance(1000);
  }, 60_000);

  const overSse = (id: string): Subscriber => {
    const heard: string[] = [];
    const sent = request(bed.gateway.url, {
      method: 'POST',
      agent: false,
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-auth-token': bed.simulator.demo.token,
      },
    });
    sent.on('error', () => {});
    sent.on('response', (response) => {
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        for (const [, status] of chunk.toString().matchAll(/"status":"(\w+)"/g)) heard.push(status ?? '');
      });
    });
    sent.end(JSON.stringify({ query, variables: { id } }));
    return { id, heard, reset: () => sent.socket?.resetAndDestroy() };
  };

  const overWebSocket = (id: string): Subscriber => {
    const heard: string[] = [];
    let raw: Socket | null = null;
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws', {
      createConnection: () => {
        const { hostname, port } = new URL(bed.gateway.url);
        raw = connect(Number(port), hostname);
        return raw;
      },
    });
    socket.on('error', () => {});
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { 'X-Auth-Token': bed.simulator.demo.token } })),
    );
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { id } } }));
      }
      if (message.type === 'next') heard.push(message.payload.data.notebookStatusChanged.status);
    });
    return { id, heard, reset: () => raw?.resetAndDestroy() };
  };

  it('cost one list of notebooks an interval, and hear every change once and in order', async () => {
    for (let index = 0; index < perTransport; index += 1) {
      const id = ids[index % notebooks] ?? '';
      subscribers.push(overSse(id), overWebSocket(id));
    }
    await expect
      .poll(() => subscribers.filter(({ heard }) => heard.length > 0).length, { timeout: 60_000 })
      .toBe(2 * perTransport);
    expect(bed.gateway.watchStats()).toMatchObject({ watches: 1, listeners: 2 * perTransport });

    const before = bed.exchanges.length;
    const startedAt = performance.now();
    await expect.poll(() => bed.exchanges.length - before, { timeout: 60_000 }).toBeGreaterThanOrEqual(18);
    // jitter takes up to a tenth off an interval, and one may be on its way at either end
    const intervals = (performance.now() - startedAt) / (0.9 * intervalMs);
    expect(bed.exchanges.length - before).toBeLessThanOrEqual(intervals + 2);

    // the states are set by hand, so that a poll falls between each two of them
    for (const status of ['STOPPING', 'STOPPED', 'STARTING', 'RUNNING']) {
      await Promise.all(ids.map((id) => bed.force(id, { status })));
      await expect
        .poll(() => subscribers.filter(({ heard }) => heard.at(-1) === status).length, { timeout: 30_000 })
        .toBe(2 * perTransport);
    }
    const wanted = ['RUNNING', 'STOPPING', 'STOPPED', 'STARTING', 'RUNNING'];
    for (const { heard } of subscribers) expect(heard).toEqual(wanted);
  });

  it('cost no poll any more when all were cut by resetting their sockets', async () => {
    for (const { reset } of subscribers) reset();
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
    const before = await whenStill(() => bed.exchanges.length, 2 * intervalMs);
    await new Promise((resolve) => setTimeout(resolve, 4 * intervalMs));
    expect(bed.exchanges.length).toBe(before);
  });
});
