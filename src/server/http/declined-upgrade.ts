import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Incoming, isWebSocketUpgrade } from './incoming.ts';

/** Bytes kept of requests behind one that is being answered; more is left with the client. */
const maxHeldBytes = 64 * 1024;

/**
 * Has connections go on with HTTP/1.1 behind a request that offered another protocol. The parser of node:http stops behind
 * such a request, whoever declines the offer, and drops what came in the same packet; a parser of its own takes over from there.
 */
export function carryOnAfterDeclined(server: Server): void {
  const answers = new WeakMap<IncomingMessage, ServerResponse>();
  const held = new Set<HeldConnection>();
  const note = (request: Incoming, response: ServerResponse): void => {
    if (request.isUpgradeOffered === true) answers.set(request, response);
  };
  server.prependListener('request', note).prependListener('checkExpectation', note);
  server.on('upgrade', (request, socket: Socket, head) => {
    const response = answers.get(request);
    if (isWebSocketUpgrade(request) || response === undefined) return;
    const connection = new HeldConnection(socket, head, () => {
      held.delete(connection);
      // a parser is given to each connection, as to a new one
      if (socket.writable) server.emit('connection', socket);
    });
    held.add(connection);
    if (response.closed) connection.answered(!server.listening);
    else response.once('close', () => connection.answered(!server.listening));
  });

  // node:http does not know of those that have no parser
  const { closeIdleConnections, closeAllConnections } = server;
  server.closeIdleConnections = () => {
    closeIdleConnections.call(server);
    for (const connection of held) connection.closeIfIdle();
  };
  server.closeAllConnections = () => {
    closeAllConnections.call(server);
    for (const connection of held) connection.close();
  };
}

/** A connection between the request that offered another protocol and the next: answers must leave in the order of requests. */
class HeldConnection {
  readonly #socket: Socket;
  readonly #goOn: () => void;
  #chunks: Buffer[];
  #size: number;
  #isAnswered = false;

  /** @param goOn is called when there is more to read and the request is answered, or when the connection is over */
  constructor(socket: Socket, head: Buffer, goOn: () => void) {
    this.#socket = socket;
    this.#goOn = goOn;
    this.#chunks = head.length > 0 ? [head] : [];
    this.#size = head.length;
    socket.on('data', this.#keep).on('end', this.#end).on('timeout', this.close).on('close', this.#release);
    socket.on('error', this.close);
  }

  answered(isLast: boolean): void {
    this.#isAnswered = true;
    if (isLast) this.#socket.end();
    else this.#goOnWhenDue();
  }

  closeIfIdle(): void {
    if (this.#isAnswered) this.close();
  }

  readonly close = (): void => {
    this.#socket.destroy();
  };

  #keep = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > maxHeldBytes) this.#socket.pause();
    this.#goOnWhenDue();
  };

  /** as node:http does: a client that has left is told nothing more */
  #end = (): void => {
    this.#socket.end();
  };

  #release = (): void => {
    const socket = this.#socket;
    socket.off('data', this.#keep).off('end', this.#end).off('timeout', this.close).off('close', this.#release);
    socket.off('error', this.close);
    // while nobody listens, so that it stays there for who does next
    if (!socket.destroyed) socket.unshift(Buffer.concat(this.#chunks));
    this.#goOn();
    socket.resume();
  };

  #goOnWhenDue(): void {
    if (!this.#isAnswered || this.#chunks.length === 0) return;
    // what was set for an idle connection
    this.#socket.setTimeout(0);
    this.#release();
  }
}
