import { createClient } from 'graphql-sse';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { freshBed } from '../../support/bed.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';

const create = `mutation { createNotebook(input: {
  name: "watched", flavorId: "modelarts.vm.cpu.2u", imageId: "e1a07296-22a8-4f05-8bc8-e936c8e54090", volume: { category: EFS }
}) { ... on CreateNotebookPayload { notebook { notebookId } } } }`;
const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status sequence isReset } }';

describe('an event stream', () => {
  const bed = freshBed({ gateway: { projectId: null } });
  let id = '';
  let leave: AbortController;

  beforeEach(async () => {
    leave = new AbortController();
    const { data } = await bed.ask(create, {}, { 'x-project-id': bed.simulator.demo.projectId });
    id = data.createNotebook.notebook.notebookId;
  });
  afterEach(async () => {
    leave.abort();
  });

  const headers = () => ({
    accept: 'text/event-stream',
    'content-type': 'application/json',
    'x-auth-token': bed.simulator.demo.token,
    'x-project-id': bed.simulator.demo.projectId,
  });

  /** frames of the stream until one satisfies the condition */
  async function frames(until: (frame: string) => boolean, more: Record<string, string> = {}): Promise<string[]> {
    const left = new AbortController();
    const response = await fetch(bed.gateway.url, {
      method: 'POST',
      headers: { ...headers(), ...more },
      body: JSON.stringify({ query: watch, variables: { id } }),
      signal: AbortSignal.any([left.signal, leave.signal]),
    });
    const read: string[] = [];
    let text = '';
    if (response.body === null) throw new Error('no stream');
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const frame = text.slice(0, end);
        text = text.slice(end + 2);
        read.push(frame);
        if (until(frame)) {
          left.abort();
          return read;
        }
      }
    }
    return read;
  }
  const eventOf = (frame: string) => JSON.parse(frame.split('data: ')[1] ?? 'null').data.notebookStatusChanged;
  const idOf = (frame: string) => /^id: (.+)$/m.exec(frame)?.[1];

  it('gives clients a time to come back, spread over seconds, and each event its resume point as id', async () => {
    const [first = '', second = ''] = await frames((frame) => frame.startsWith('event: next'));
    expect(Number(/^retry: (\d+)/.exec(first)?.[1])).toBeGreaterThanOrEqual(1000);
    expect(idOf(second)).toBe(eventOf(second).sequence);
    expect(idOf(second)).toBeTruthy();
  });

  it('goes on behind Last-Event-ID with what was missed, while somebody else kept the watch alive', async () => {
    const holding = frames((frame) => frame.includes('STOPPED')).catch(() => []);
    const seen = await frames((frame) => frame.includes('RUNNING'));
    const last = idOf(seen.at(-1) ?? '') ?? '';
    await bed.ask(
      'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }',
      { id },
      { 'x-project-id': bed.simulator.demo.projectId },
    );
    await holding;
    const resumed = (await frames((frame) => frame.includes('STOPPED'), { 'last-event-id': last }))
      .filter((frame) => frame.startsWith('event: next'))
      .map(eventOf);
    expect(resumed.map(({ kind, status }) => [kind, status])).toEqual([
      ['MODIFIED', 'STOPPING'],
      ['MODIFIED', 'STOPPED'],
    ]);
  });

  it('begins anew, and says so, behind a Last-Event-ID it does not know', async () => {
    const read = await frames((frame) => frame.startsWith('event: next'), { 'last-event-id': 'long-ago-7' });
    expect(eventOf(read.at(-1) ?? '')).toMatchObject({ kind: 'SNAPSHOT', isReset: true });
  });

  it.each([false, true])('serves graphql-sse clients (single connection: %s)', async (singleConnection) => {
    const client = createClient({
      url: singleConnection ? `${bed.gateway.url}/stream` : bed.gateway.url,
      singleConnection,
      headers: { 'x-auth-token': bed.simulator.demo.token, 'x-project-id': bed.simulator.demo.projectId },
      retryAttempts: 0,
    });
    const statuses: string[] = [];
    const query = watch.replace('(id: $id)', '(id: $id, until: [RUNNING])');
    for await (const event of client.iterate<{ notebookStatusChanged: { status: string } }>({
      query,
      variables: { id },
    })) {
      statuses.push(event.data?.notebookStatusChanged.status ?? '');
    }
    expect(statuses.at(-1)).toBe('RUNNING');
    client.dispose();
  });
});

describe('a stream reserved for graphql-sse clients', () => {
  let bed: TestBed;
  afterEach(() => bed.close());
  const stream = () => `${bed.gateway.url}/stream`;
  const reserve = () => fetch(stream(), { method: 'PUT' });
  const open = (token: string, signal: AbortSignal) =>
    fetch(`${stream()}?token=${token}`, { headers: { accept: 'text/event-stream' }, signal });

  it('is dropped when it is not opened in time, and stays when it is', async () => {
    bed = await startTestBed({ gateway: { streamReservationMs: 300 } });
    const leave = new AbortController();
    const [left, kept] = [await (await reserve()).text(), await (await reserve()).text()];
    expect((await open(kept, leave.signal)).status).toBe(200);
    const operate = async (token: string) =>
      (
        await fetch(stream(), {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-graphql-event-stream-token': token },
          body: JSON.stringify({ query: '{ __typename }', extensions: { operationId: crypto.randomUUID() } }),
        })
      ).status;
    expect(await operate(left)).toBe(202);
    await expect.poll(() => operate(left)).toBe(404);
    expect(await operate(kept)).toBe(202);
    leave.abort();
  });

  it('can be reserved and opened by others while a crowd reserves thousands', async () => {
    bed = await startTestBed({ gateway: { streamReservationMs: 60_000 } });
    const own = await (await fetch(stream(), { method: 'PUT', headers: { 'x-auth-token': 'of-somebody' } })).text();
    const tokens: string[] = [];
    const client = async () => {
      for (let count = 0; count < 60; count += 1) {
        const reserved = await reserve();
        expect(reserved.status).toBe(201);
        tokens.push(await reserved.text());
      }
    };
    await Promise.all(Array.from({ length: 20 }, client));
    const leave = new AbortController();
    expect((await open(own, leave.signal)).status).toBe(200);
    // the newest of the crowd's is there, its oldest is not
    expect((await open(tokens.at(-1) ?? '', leave.signal)).status).toBe(200);
    expect((await open(tokens[0] ?? '', leave.signal)).status).not.toBe(200);
    leave.abort();
  });
});

describe('a WebSocket connection', () => {
  const heartbeatMs = 400;
  const bed = freshBed({ gateway: { projectId: null, heartbeatMs } });

  const open = (token: string) =>
    new Promise<WebSocket>((resolve, reject) => {
      const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
      socket.once('error', reject);
      socket.once('open', () => {
        socket.send(
          JSON.stringify({
            type: 'connection_init',
            payload: { 'X-Auth-Token': token, 'X-Project-Id': bed.simulator.demo.projectId },
          }),
        );
        socket.once('message', () => resolve(socket));
      });
    });
  const closing = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));

  it('is closed with 4403, after the answer, when ModelArts no longer takes its token', async () => {
    const socket = await open('a-token-that-is-none');
    const messages: { type: string; payload?: { errors?: { extensions: { code: string } }[] } }[] = [];
    socket.on('message', (message) => messages.push(JSON.parse(String(message))));
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ notebooks { totalCount } }' } }));
    expect(await closing(socket)).toBe(4403);
    expect(messages.map(({ type }) => type)).toEqual(['next', 'complete']);
    expect(messages[0]?.payload?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('is closed with 1001 when the gateway goes', async () => {
    const socket = await open(bed.simulator.demo.token);
    const closed = closing(socket);
    await bed.gateway.close();
    expect(await closed).toBe(1001);
  });

  it('is noticed to be dead and cut off', async () => {
    const { data } = await bed.ask(create, {}, { 'x-project-id': bed.simulator.demo.projectId });
    const socket = await open(bed.simulator.demo.token);
    socket.send(
      JSON.stringify({
        id: '1',
        type: 'subscribe',
        payload: { query: watch, variables: { id: data.createNotebook.notebook.notebookId } },
      }),
    );
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(1);
    // the peer's machine is gone: nothing answers pings any more, and nothing closes the socket either
    socket.pause();
    await expect.poll(() => bed.gateway.watchStats().listeners, { interval: heartbeatMs / 20 }).toBe(0);
    socket.terminate();
  });
});
