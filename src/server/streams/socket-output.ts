import type { WebSocket } from 'ws';
import { unreadOutput } from '../graphql/limits/limits.ts';

/** A message of more bytes than it may have. */
export class MessageTooLargeError extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`a message of ${bytes} bytes`);
    this.name = 'MessageTooLargeError';
    this.bytes = bytes;
  }
}

/** With more bytes waiting for the client than this, nothing more is begun on its connection, and nothing more is read. */
const enoughWaiting = 1024 * 1024;
/** Messages of at most this many bytes are sent, whatever waits already. */
const alwaysSent = 64 * 1024;

/** What is sent on a WebSocket, and waits there until its client reads. */
export class SocketOutput {
  readonly #socket: WebSocket;
  readonly #maxMessageBytes: number;
  #waiting: (() => void)[] = [];

  /** @param maxMessageBytes of one message; twice as much may wait */
  constructor(socket: WebSocket, maxMessageBytes: number) {
    this.#socket = socket;
    this.#maxMessageBytes = maxMessageBytes;
    socket.once('close', () => this.#wake());
  }

  /**
   * Resolves when the client, or rather its system, has taken all up to this.
   * @throws MessageTooLargeError; GraphQLError too much waits already
   */
  send(text: string): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#maxMessageBytes) return Promise.reject(new MessageTooLargeError(bytes));
    const maximum = 2 * this.#maxMessageBytes;
    if (bytes > alwaysSent && socket.bufferedAmount + bytes > maximum) return Promise.reject(unreadOutput(maximum));
    return new Promise((resolve, reject) => {
      socket.send(text, (error) => {
        if (!this.#isFull) this.#wake();
        if (error) reject(error);
        else resolve();
      });
      this.hold();
    });
  }

  /** Reads nothing more while too much waits. */
  hold(): void {
    const socket = this.#socket;
    if (!this.#isFull || socket.isPaused) return;
    socket.pause();
    // goes out behind all that waits
    socket.ping(undefined, undefined, () => this.#wake());
  }

  /** Resolves when something more may be begun. */
  async ready(): Promise<void> {
    while (this.#isFull) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get #isFull(): boolean {
    const { readyState, OPEN, bufferedAmount } = this.#socket;
    return readyState === OPEN && bufferedAmount > enoughWaiting;
  }

  #wake(): void {
    this.#socket.resume();
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }
}
