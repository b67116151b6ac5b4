import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { exchange } from '../../support/wire/frames.ts';

let bed: TestBed;
let isOpen = true;

beforeEach(async () => {
  bed = await startTestBed();
  isOpen = true;
});
afterEach(async () => {
  if (isOpen) await bed.close();
});

const http2 = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n';
const get = (path: string, headers = http2) => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;

function post(query: string, { headers = http2, isChunked = false } = {}): string {
  const body = JSON.stringify({ query });
  const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const sent = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  const token = `X-Auth-Token: ${bed.simulator.demo.token}\r\nX-Project-Id: ${bed.simulator.demo.projectId}\r\n`;
  return `POST /graphql HTTP/1.1\r\nHost: a\r\n${headers}${token}Content-Type: application/json\r\n${length}\r\n\r\n${sent}`;
}

const answersTo = async (text: string, count: number): Promise<string[]> => {
  const { answers } = await exchange(bed.gateway.url, [Buffer.from(text)], count);
  return answers.map((answer) => answer.replace(/\r\n.*?\r\n\r\n/s, ' ').replace('HTTP/1.1 ', ''));
};

async function open(): Promise<{ socket: Socket; received: () => string }> {
  const { hostname, port } = new URL(bed.gateway.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, received: () => received };
}

async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { interval: 10 }).toBe(true);
}

describe('an offer of HTTP/2', () => {
  it.each([false, true])('with a POST is as if it were not there (chunked: %s)', async (isChunked) => {
    expect(await answersTo(post('{ __typename }', { isChunked }), 1)).toEqual([
      '200 OK {"data":{"__typename":"Query"}}',
    ]);
  });

  it.each([
    ['/health', '"status":"alive"'],
    ['/ready', '"status":"ready"'],
    ['/graphql?query={__typename}', '{"data":{"__typename":"Query"}}'],
    ['/nothing', 'GraphQL is at /graphql'],
  ])('with a GET of %s is as if it were not there', async (path, told) => {
    const [answer] = await answersTo(get(path), 1);
    expect(answer).toContain(told);
    expect(answer).toMatch(path === '/nothing' ? /^404/ : /^200/);
  });

  it('holds up nothing that comes in the same packet, and answers keep their order, slow ones among them', async () => {
    const slow = '{ notebooks { totalCount } }';
    const text = [
      post(slow),
      post('{ a: __typename }'),
      get('/nothing'),
      post(slow, { headers: '' }),
      post('{ b: __typename }', { headers: '', isChunked: true }),
    ].join('');
    await bed.fault({ name: 'slow', operation: 'listNotebooks', delayMs: 100 });
    const answers = await answersTo(text, 5);
    expect(answers).toEqual([
      '200 OK {"data":{"notebooks":{"totalCount":0}}}',
      '200 OK {"data":{"a":"Query"}}',
      expect.stringMatching(/^404 Not Found /),
      '200 OK {"data":{"notebooks":{"totalCount":0}}}',
      '200 OK {"data":{"b":"Query"}}',
    ]);
  });

  it('that is made fifty times on one connection is answered fifty times', async () => {
    const answers = await answersTo(post('{ __typename }').repeat(50), 50);
    expect(new Set(answers)).toEqual(new Set(['200 OK {"data":{"__typename":"Query"}}']));
    expect(answers).toHaveLength(50);
  });

  it('with a body that comes long after its head is answered, and the connection goes on', async () => {
    const { socket, received } = await open();
    const text = post(`{ __typename } # ${'x'.repeat(40_000)}`);
    socket.write(text.slice(0, 400));
    await pause(50);
    socket.write(text.slice(400, 20_000));
    await pause(50);
    socket.write(text.slice(20_000));
    await until(() => received().includes('{"data":{"__typename":"Query"}}'));
    socket.write(post('{ later: __typename }'));
    await until(() => received().includes('{"data":{"later":"Query"}}'));
    socket.destroy();
  });

  it('with a subscription ends the subscription when the client leaves', async () => {
    const { socket, received } = await open();
    const headers = `${http2}Accept: text/event-stream\r\n`;
    socket.write(post('subscription { notebooksChanged { kind } }', { headers }));
    await until(() => received().includes('SNAPSHOT'));
    expect(bed.gateway.watchStats().listeners).toBe(1);
    socket.destroy();
    await until(() => bed.gateway.watchStats().listeners === 0);
  });

  it('does not hold up the end of the server', async () => {
    const { socket, received } = await open();
    socket.write(post('{ __typename }'));
    await until(() => received().includes('Query'));
    const closed = once(socket, 'close');
    isOpen = false;
    const startedAt = performance.now();
    await bed.close();
    await closed;
    // the server waits for what is unfinished up to 5 s
    expect(performance.now() - startedAt).toBeLessThan(4500);
  });
});

describe('a WebSocket at another path', () => {
  const webSocket =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

  it('is refused with a reason, and its socket closed', async () => {
    const { socket, received } = await open();
    const closed = once(socket, 'close');
    socket.write(get('/elsewhere', webSocket));
    await closed;
    expect(received()).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(received()).toContain('GraphQL is at /graphql');
  });

  it('that is reset while it is refused disturbs nobody', async () => {
    for (let times = 0; times < 20; times++) {
      const { socket } = await open();
      socket.write(get('/elsewhere', webSocket));
      if (times % 2 === 0) await pause(1);
      socket.resetAndDestroy();
    }
    await pause(100);
    expect(await answersTo(get('/graphql?query={__typename}', ''), 1)).toEqual([
      '200 OK {"data":{"__typename":"Query"}}',
    ]);
  });

  it('that is asked for by POST is a POST', async () => {
    expect(await answersTo(post('{ __typename }', { headers: webSocket }), 1)).toEqual([
      '200 OK {"data":{"__typename":"Query"}}',
    ]);
  });
});
