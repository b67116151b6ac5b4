import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { exchange } from '../../support/wire/frames.ts';

const bed = sharedBed();

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.destroy();
});

function open(): Socket {
  const { hostname, port } = new URL(bed.gateway.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

/** Some 200 KB of answer for a request of 1 KB, without a token. */
const large = `{ ${['a', 'b', 'c'].map((alias) => `${alias}: __schema { types { ...Type } }`).join(' ')} }
  fragment Type on __Type { name description fields { name description args { name description type { ...Ref } } type { ...Ref } } }
  fragment Ref on __Type { kind name ofType { kind name ofType { kind name } } }`;

function request(query: string, id: string): string {
  const body = JSON.stringify({ query });
  const head = [
    `POST /graphql HTTP/1.1`,
    'Host: gateway.test',
    'Content-Type: application/json',
    `X-Request-Id: ${id}`,
  ];
  return `${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const idsIn = (text: string): string[] => [...text.matchAll(/^x-request-id: (\S+)\r\n/gim)].map(([, id]) => id ?? '');

/** Operations the gateway has ended, from a client's. */
const endedOf = (prefix: string): number => bed.logLines.filter((line) => line.includes(`"${prefix}-`)).length;

/** Waits until nothing more of them ends. */
async function settled(prefix: string): Promise<number> {
  let before = -1;
  for (let tries = 0; tries < 100; tries += 1) {
    const now = endedOf(prefix);
    if (now > 0 && now === before) return now;
    before = now;
    await pause(300);
  }
  throw new Error('it goes on and on');
}

describe('requests that are sent one behind the other on a connection', () => {
  it('are not begun while the answers before them are not read, and are all answered in their order when they are', async () => {
    const socket = open();
    await once(socket, 'connect');
    socket.pause();
    const ids = Array.from({ length: 300 }, (_, index) => `unread-${index}`);
    socket.write(ids.map((id) => request(large, id)).join(''));
    // what the two systems keep between them is a dozen megabytes at most; 300 answers have sixty
    expect(await settled('unread')).toBeLessThan(150);
    const answered: string[] = [];
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const text = rest + chunk.toString('latin1');
      answered.push(...idsIn(text));
      // a header that is cut is looked at when it is whole
      rest = text.slice(text.lastIndexOf('\n') + 1).slice(-100);
    });
    socket.resume();
    await expect.poll(() => answered.length, { timeout: 15_000 }).toBe(300);
    expect(answered).toEqual(ids);
  });

  it('are left with the client while the one before them runs', async () => {
    await bed.fault({ name: 'hang', operation: 'listNotebooks', times: 1 });
    const socket = open();
    await once(socket, 'connect');
    const token = `X-Auth-Token: ${bed.simulator.demo.token}\r\nContent-Type`;
    socket.write(request('{ notebooks { totalCount } }', 'first-0').replace('Content-Type', token));
    await expect.poll(() => bed.exchanges.some(({ operationId }) => operationId === 'listNotebooks')).toBe(true);
    const behind = request(`{ __typename } # ${'x'.repeat(4000)}`, 'behind-0');
    let isTaken = true;
    for (let sent = 0; sent < 20_000 && isTaken; sent += 100) isTaken = socket.write(behind.repeat(100));
    await pause(300);
    // all of it was taken, and kept, by a server that reads on
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(endedOf('behind')).toBe(0);
    await bed.clearFaults();
  });

  it('are answered in their order, bodies and all, whatever is asked', async () => {
    const pieces = Array.from({ length: 40 }, (_, index) =>
      index % 3 === 0
        ? `GET /none HTTP/1.1\r\nHost: a\r\nX-Request-Id: mixed-${index}\r\n\r\n`
        : request('{ __typename }', `mixed-${index}`),
    );
    const { answers, rest } = await exchange(bed.gateway.url, [Buffer.from(pieces.join(''))], 40);
    expect(rest).toBe('');
    expect(answers.flatMap(idsIn)).toEqual(pieces.map((_, index) => `mixed-${index}`));
  });

  it('warn of no leak of listeners', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on('warning', note);
    const pieces = Array.from({ length: 50 }, (_, index) => request('{ viewer { projectId } }', `listened-${index}`));
    const { answers } = await exchange(bed.gateway.url, [Buffer.from(pieces.join(''))], 50);
    await pause(0);
    process.off('warning', note);
    expect(answers).toHaveLength(50);
    expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([]);
  });
});
