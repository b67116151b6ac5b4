import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** What is told of a body while it arrives. */
export type BodyListener = {
  chunk(bytes: Buffer): void;
  /** all of it is there */
  end(): void;
  /** the rest of it will never come */
  cut(): void;
};

const nobody: BodyListener = { chunk: () => {}, end: () => {}, cut: () => {} };

/**
 * A request whose body can be listened to without being a stream: four listeners, three ticks and the state of a Readable cost
 * a small request more than all else that is done with its body.
 */
export class Upload extends IncomingMessage {
  #listener: BodyListener | null = null;
  /** the parser found CONNECT, or `Upgrade` with `Connection: upgrade`; null: not known yet. Set before fields would be */
  declare isUpgradeOffered: boolean | null;

  static {
    // node:http asks for it before it lets go of a request; the types have no accessor
    const ofStream = Object.getOwnPropertyDescriptor(Readable.prototype, 'readableEnded')?.get;
    Object.defineProperty(Upload.prototype, 'readableEnded', {
      get(this: Upload): boolean {
        return this.#listener === null ? ofStream?.call(this) : this.complete;
      },
    });
  }

  /**
   * Whether the connection leaves HTTP: node:http asks before it handles a request, and behind each packet. Clients that offer
   * another protocol (`Upgrade: h2c` of Java's and of `curl --http2`) go on with HTTP/1.1 where it is not taken (RFC 9110, 7.8),
   * so all but a WebSocket's is as if it were not there until the request is whole: behind it the parser goes no further.
   */
  get upgrade(): boolean {
    if (this.isUpgradeOffered !== true) return false;
    return this.complete || this.method === 'CONNECT' || isWebSocketUpgrade(this);
  }

  set upgrade(isOffered: boolean | null) {
    this.isUpgradeOffered = isOffered;
  }

  /** Takes the body past the stream. For whoever handles the arrival of the request: later some of it may be in the stream. */
  listen(listener: BodyListener): void {
    this.#listener = listener;
    // tells node:http that somebody reads, or it would drain the stream when all is answered
    this._read(0);
  }

  /** What still comes is dropped. */
  ignore(): void {
    this.#listener = nobody;
  }

  /** node:http calls it with what it parsed, and with null at the end. */
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    const listener = this.#listener;
    if (listener === null) return super.push(chunk, encoding);
    if (chunk === null) listener.end();
    else listener.chunk(chunk as Buffer);
    return true;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#listener?.cut();
    super._destroy(error, callback);
  }
}

export const isWebSocketUpgrade = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
