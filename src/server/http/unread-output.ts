import type { Socket } from 'node:net';
import type { Connection } from './connections.ts';

export type UnreadOutputOptions = {
  readonly connections: ReadonlySet<Connection>;
  /** bytes that may wait for clients that do not read, on all connections together */
  readonly maxBytes: number;
  /** ms between two looks; default 500 */
  readonly intervalMs?: number;
};

/** What waits on a connection that is read is in the system's hands; less than this is not worth a look. */
const leastBytes = 64 * 1024;

type Unread = { readonly socket: Socket; readonly bytes: number };

const cut = Symbol('cut');

const markCut = (socket: Socket): void => {
  // a field of ours on a socket of node:net
  (socket as { [cut]?: true })[cut] = true;
};

/** Whether a connection was cut because its client does not read. */
export const wasCutUnread = (socket: object): boolean => (socket as { readonly [cut]?: true })[cut] === true;

/**
 * Bounds what is kept for clients that do not read, whatever it is and on however many connections: each may keep an answer.
 * Beyond the bound, connections are cut of the address for which most waits, the one that keeps most first.
 * @returns what ends it
 */
export function boundUnread({ connections, maxBytes, intervalMs = 500 }: UnreadOutputOptions): () => void {
  function look(): void {
    let total = 0;
    const unread: Unread[] = [];
    for (const { socket } of connections) {
      const bytes = socket?.writableLength ?? 0;
      if (socket === null || bytes < leastBytes) continue;
      total += bytes;
      unread.push({ socket, bytes });
    }
    if (total <= maxBytes) return;
    for (const { socket, bytes } of byAddress(unread)) {
      markCut(socket);
      socket.destroy();
      total -= bytes;
      if (total <= maxBytes) return;
    }
  }

  const timer = setInterval(look, intervalMs).unref();
  return () => clearInterval(timer);
}

/** Those of the address for which most waits first, and of each address those that keep most. */
function byAddress(unread: readonly Unread[]): Unread[] {
  const totals = new Map<string, number>();
  const addressOf = ({ socket }: Unread): string => socket.remoteAddress ?? '';
  for (const one of unread) totals.set(addressOf(one), (totals.get(addressOf(one)) ?? 0) + one.bytes);
  const totalOf = (one: Unread): number => totals.get(addressOf(one)) ?? 0;
  return [...unread].sort((one, other) => totalOf(other) - totalOf(one) || other.bytes - one.bytes);
}
