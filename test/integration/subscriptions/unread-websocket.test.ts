import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { sharedBed } from '../../support/bed.ts';

const bed = sharedBed();

/** Some 200 KB without a call. */
const large = (
  name: string,
) => `query Large_${name} { ${['a', 'b'].map((alias) => `${alias}: __schema { types { ...Type } }`).join(' ')} }
  fragment Type on __Type { name description fields { name description args { name description } } }`;

// biome-ignore lint/suspicious/noExplicitAny: messages are read by path
type Message = any;

const opened: WebSocket[] = [];
afterEach(() => {
  for (const socket of opened) socket.terminate();
});

async function open() {
  const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  opened.push(socket);
  const messages: Message[] = [];
  socket.on('message', (text) => messages.push(JSON.parse(String(text))));
  socket.on('error', () => {});
  await once(socket, 'open');
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { 'x-auth-token': bed.simulator.demo.token } });
  await expect.poll(() => messages.length).toBe(1);
  const subscribe = (id: string, query: string, variables = {}): void =>
    send({ id, type: 'subscribe', payload: { query, variables } });
  return { socket, messages, send, subscribe };
}

const endedOf = (prefix: string): number => bed.logLines.filter((line) => line.includes(`"Large_${prefix}_`)).length;

async function settled(count: () => number): Promise<number> {
  let before = -1;
  for (let tries = 0; tries < 100; tries += 1) {
    const now = count();
    if (now > 0 && now === before) return now;
    before = now;
    await pause(300);
  }
  throw new Error('it goes on and on');
}

describe('a WebSocket whose client does not read', () => {
  it('has no more operations begun, and all of them when it reads', async () => {
    const { socket, messages, subscribe } = await open();
    socket.pause();
    const count = 300;
    for (let index = 0; index < count; index += 1) subscribe(`u-${index}`, large(`unread_${index}`));
    // what the two systems keep between them is a dozen megabytes at most; 300 answers have sixty
    expect(await settled(() => endedOf('unread'))).toBeLessThan(200);
    socket.resume();
    const ends = () => messages.filter(({ type }) => type === 'complete' || type === 'error').length;
    await expect.poll(ends, { timeout: 15_000 }).toBe(count);
    const refused = messages.filter(({ type }) => type === 'error');
    for (const { payload } of refused) expect(payload[0].extensions.code).toBe('LIMIT_EXCEEDED');
  });

  it('leaves its pings with it', async () => {
    const { socket, send } = await open();
    socket.pause();
    const payload = { echo: 'x'.repeat(100_000) };
    for (let index = 0; index < 400; index += 1) send({ type: 'ping', payload });
    await pause(500);
    // forty megabytes were sent; who reads on, and keeps the answers, has taken all
    expect(socket.bufferedAmount).toBeGreaterThan(0);
  });
});
