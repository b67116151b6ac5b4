import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { isWebSocketUpgrade } from '../http/incoming.ts';
import { endRaw, type RawAnswer } from '../http/raw-answer.ts';
import { clientAddress, peerAddress } from './address.ts';
import { messageOf, type Rates, rateHeaders } from './rates.ts';

export type ConnectionLimitOptions = {
  readonly rates: Pick<Rates, 'addressConnections'>;
  /** proxies of the operator's own that every connection comes from */
  readonly trustedProxies: number;
  readonly onRefused: () => void;
};

/**
 * Bounds the connections of an address. Behind proxies all connections are theirs, and what they hold for a client is known of
 * WebSockets alone: those are counted then.
 */
export function limitConnections(
  server: Server,
  { rates: { addressConnections: maximum }, trustedProxies, onRefused }: ConnectionLimitOptions,
): void {
  if (maximum === 0) return;
  const open = new Map<string, number>();

  /** @returns false: there are too many, and this one was not counted */
  function count(address: string, socket: Duplex): boolean {
    const others = open.get(address) ?? 0;
    if (others >= maximum) {
      onRefused();
      return false;
    }
    open.set(address, others + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    return true;
  }

  const refusal = { rate: 'addressConnections', maximum, waitMs: null } as const;
  const tooMany: RawAnswer = { status: 429, text: messageOf(refusal), headers: rateHeaders(refusal) };

  if (trustedProxies > 0) {
    server.prependListener('upgrade', (request: IncomingMessage, socket: Duplex) => {
      if (isWebSocketUpgrade(request) && !count(clientAddress(request, trustedProxies), socket)) {
        refuseUpgrade(request);
        endRaw(socket, tooMany);
      }
    });
    return;
  }
  const counted = new WeakSet<Duplex>();
  server.prependListener('connection', (socket: Duplex & { readonly remoteAddress?: string }) => {
    // one that offered another protocol comes again, see `carryOnAfterDeclined`
    if (counted.has(socket)) return;
    if (count(peerAddress(socket), socket)) counted.add(socket);
    else socket.destroy();
  });
}

const refused = Symbol('refused');

/** Marks an upgrade as answered. */
const refuseUpgrade = (request: IncomingMessage): void => {
  // a field of ours on a request of node:http
  (request as { [refused]?: true })[refused] = true;
};

/** Whether an upgrade was answered already. */
export const isUpgradeRefused = (request: IncomingMessage): boolean =>
  // as above
  (request as { [refused]?: true })[refused] === true;
