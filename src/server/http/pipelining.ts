import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Incoming } from './incoming.ts';

type Handle = (request: Incoming, response: ServerResponse) => void;

/** With as many requests that wait on a connection, the next are left with the client. */
const enoughWaiting = 32;
/** What was read at once is parsed at once, and can be more: a connection with as many is cut. */
const maxWaiting = 1000;

/**
 * Begins a request once all before it on its connection are answered, and the client has taken the answers: node:http begins
 * each as it is parsed, and keeps the answers of all for a client that reads none. What is sent ahead meanwhile stays with the
 * client.
 */
export function inTurn(handle: Handle): Handle {
  const lines = new WeakMap<Socket, Line>();
  return (request, response) => {
    // node:http gives the socket to a response when the one before it has been handed to the system
    if (response.socket !== null) {
      handle(request, response);
      return;
    }
    const { socket } = request;
    let line = lines.get(socket);
    if (line === undefined || line.isOver) {
      line = new Line(socket);
      lines.set(socket, line);
    }
    line.add(response, () => handle(request, response));
  };
}

/** The requests of one connection that wait for others. */
class Line {
  readonly #socket: Socket;
  readonly #waiting = new Set<ServerResponse>();
  isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    // node:http resumes it for reasons of its own
    socket.on('resume', this.#hold).on('close', this.#end);
  }

  add(response: ServerResponse, begin: () => void): void {
    // those that come behind in the same packet, too
    if (this.#socket.destroyed) return;
    if (this.#waiting.size >= maxWaiting) {
      this.#socket.destroy();
      return;
    }
    this.#waiting.add(response);
    this.#hold();
    response.once('socket', () => {
      // it is in the middle of giving the socket over
      setImmediate(() => {
        if (!this.#waiting.delete(response)) return;
        if (this.#waiting.size === 0) this.#release();
        begin();
      });
    });
  }

  #hold = (): void => {
    if (this.#waiting.size >= enoughWaiting && !this.#socket.isPaused()) this.#socket.pause();
  };

  #release(): void {
    this.isOver = true;
    this.#socket.off('resume', this.#hold).off('close', this.#end);
    this.#socket.resume();
  }

  #end = (): void => {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.isOver = true;
    // node:http says so only to the one that has the socket
    for (const response of waiting) response.emit('close');
  };
}
