import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './percentile.ts';

/** One answer: its body, and whatever is wrong with it as HTTP. */
export type Received = { readonly status: number; readonly body: Buffer };

/** A request and what its answer must be. */
export type Step = {
  /** the request's bytes, for one connection's token; `previous` is the answer of the step before, for ids */
  request(token: string, previous: Buffer | null): Buffer;
  /** looks deeply at an answer; throws when it is not what was asked for */
  check(body: Buffer): void;
};

export type LoadOptions = {
  readonly port: number;
  readonly connections: number;
  /** asked one after the other on each connection, again and again; one of them counts as one request */
  readonly steps: readonly Step[];
  /** all connections show one token; else each its own */
  readonly isTokenShared?: boolean;
};

export type Window = {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export type Load = {
  /**
   * Asks for `durationMs`, then waits for the last answers; throws at the first wrong one.
   * @param perSecond steady rate of all connections together, or what the system keeps up with; left out: as fast as it answers
   */
  run(durationMs: number, perSecond?: number): Promise<Window>;
  close(): void;
};

const answerMs = 15_000;

/** Opens keep-alive connections for a closed loop: each asks again as soon as it is answered. */
export async function openLoad({ port, connections, steps, isTokenShared = false }: LoadOptions): Promise<Load> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const turns = sockets.map((socket, index) => {
    const token = `bench-token-${isTokenShared ? 0 : index}`;
    // most requests are the same every time: made once
    const fixed = steps.map((step) => (step.request.length < 2 ? step.request(token, null) : null));
    return { exchange: createExchange(socket), token, fixed, at: 0, previous: null as Buffer | null };
  });
  return {
    async run(durationMs, perSecond) {
      const latencies: number[] = [];
      /** bytes of a good answer, by step, once one was looked at deeply */
      const lengths: (number | undefined)[] = steps.map(() => undefined);
      const startedAt = performance.now();
      const until = startedAt + durationMs;
      const everyMs = perSecond === undefined ? 0 : (1000 * connections) / perSecond;
      const drive = async (turn: (typeof turns)[number], index: number): Promise<void> => {
        let due = startedAt + (everyMs * index) / connections;
        for (let now = performance.now(); now < until || turn.at !== 0; ) {
          if (due > now) {
            await sleep(due - now);
            now = performance.now();
          }
          // who is late does not hurry to make up for it
          due = Math.max(due + everyMs, now);
          const step = steps[turn.at] as Step;
          const answer = await turn.exchange(turn.fixed[turn.at] ?? step.request(turn.token, turn.previous));
          const { status, body } = answer;
          if (status !== 200 || body.includes('"errors"')) throw wrong(answer);
          const length = lengths[turn.at];
          if (length === undefined) {
            step.check(body);
            lengths[turn.at] = body.length;
          } else if (length !== body.length) throw wrong(answer);
          turn.previous = body;
          turn.at = (turn.at + 1) % steps.length;
          const answeredAt = performance.now();
          latencies.push(answeredAt - now);
          now = answeredAt;
        }
      };
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy(new Error('no answer in time'));
      }, durationMs + answerMs);
      try {
        await Promise.all(turns.map(drive));
      } finally {
        clearTimeout(cut);
      }
      const seconds = (performance.now() - startedAt) / 1000;
      return {
        requests: latencies.length,
        perSecond: latencies.length / seconds,
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
      };
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const wrong = ({ status, body }: Received): Error =>
  new Error(`a wrong answer: ${status}, ${body.length} bytes: ${body.toString().slice(0, 300)}`);

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** Sends one request at a time and gives its answer. */
function createExchange(socket: Socket): (request: Buffer) => Promise<Received> {
  let chunks: Buffer[] = [];
  let received = 0;
  /** bytes of the whole answer; Infinity: it comes in chunks, null: its head is not here yet */
  let expected: number | null = null;
  let bodyAt = 0;
  let status = 0;
  let waiting: { resolve(answer: Received): void; reject(error: Error): void } | null = null;

  const readHead = (): void => {
    const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    chunks = [bytes];
    const end = bytes.indexOf(headEnd);
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end);
    bodyAt = end + headEnd.length;
    status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    expected = length === undefined ? Number.POSITIVE_INFINITY : bodyAt + Number(length);
  };

  const finish = (body: Buffer): void => {
    const answered = waiting;
    chunks = [];
    received = 0;
    expected = null;
    waiting = null;
    answered?.resolve({ status, body });
  };

  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    if (expected === null) readHead();
    if (expected === null) return;
    if (received >= expected) return finish(joined(chunks).subarray(bodyAt));
    // nothing was asked yet that could follow: an answer in chunks ends where what came ends with the last one
    if (expected !== Number.POSITIVE_INFINITY) return;
    const bytes = joined(chunks);
    if (bytes.subarray(-lastChunk.length).equals(lastChunk)) finish(unchunked(bytes.subarray(bodyAt)));
    else chunks = [bytes];
  });
  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = null;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));

  return (request) =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error('the connection was closed'));
      waiting = { resolve, reject };
      socket.write(request);
    });
}

const joined = (chunks: readonly Buffer[]): Buffer =>
  chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);

/** The content of a body in chunks. */
function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (!(size > 0)) break;
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return joined(parts);
}
