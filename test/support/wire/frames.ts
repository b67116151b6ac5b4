import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** Answers of one connection, each with its status line, headers and body, without the date that every answer differs in. */
export type Answers = {
  readonly answers: readonly string[];
  /** interim answers (100) that came before them */
  readonly interim: number;
  /** what is no whole answer */
  readonly rest: string;
};

const waitMs = 5000;

/**
 * Writes to a new connection, piece by piece, each in a turn of its own.
 * @param count answers to wait for; the connection is closed then
 */
export async function exchange(url: string, pieces: readonly Buffer[], count: number): Promise<Answers> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let received = Buffer.alloc(0);
  const done = new Promise<void>((resolve) => {
    const giveUp = setTimeout(resolve, waitMs);
    const end = (): void => {
      clearTimeout(giveUp);
      resolve();
    };
    socket.on('close', end).on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (answersIn(received).answers.length >= count) end();
    });
  });
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    await turn();
  }
  await done;
  // what should not come would come right behind
  await turn();
  socket.destroy();
  return answersIn(received);
}

/** Cuts what was received where answers end. */
export function answersIn(received: Buffer): Answers {
  const text = received.toString('latin1');
  const answers: string[] = [];
  let interim = 0;
  let at = 0;
  while (at < text.length) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) break;
    const head = text.slice(at, headEnd);
    if (/^HTTP\/1\.1 1/.test(head)) {
      interim += 1;
      at = headEnd + 4;
      continue;
    }
    const end = bodyEnd(text, head, headEnd + 4);
    if (end === null) break;
    answers.push(text.slice(at, end).replace(/^Date: .*\r\n/m, ''));
    at = end;
  }
  return { answers, interim, rest: text.slice(at) };
}

/** @returns null: it is not whole yet */
function bodyEnd(text: string, head: string, start: number): number | null {
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length !== undefined) return start + Number(length) <= text.length ? start + Number(length) : null;
  if (!/^transfer-encoding: chunked$/im.test(head)) return start;
  for (let at = start; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return null;
    const size = Number.parseInt(text.slice(at, line), 16);
    // answers have no trailers
    at = line + 2 + size + 2;
    if (at > text.length) return null;
    if (size === 0) return at;
  }
}
