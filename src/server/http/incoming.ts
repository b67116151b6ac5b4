import { IncomingMessage } from 'node:http';

/** A request of the gateway's server. */
export class Incoming extends IncomingMessage {
  /** the parser found CONNECT, or `Upgrade` with `Connection: upgrade`; null: not known yet. Set before fields would be */
  declare isUpgradeOffered: boolean | null;

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
}

export const isWebSocketUpgrade = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** What is told of a body while it arrives. */
export type BodyListener = {
  chunk(bytes: Buffer): void;
  /** all of it is there */
  end(): void;
  /** the rest of it will never come */
  cut(): void;
};

/**
 * Tells of the body of a request, for whoever handles its arrival.
 * @returns what stops it: whatever still comes is dropped
 */
export type ReadBody = (request: Incoming, listener: BodyListener) => () => void;

/** As a stream. */
export const readStream: ReadBody = (request, listener) => {
  const chunk = (bytes: Buffer): void => listener.chunk(bytes);
  const end = (): void => listener.end();
  const cut = (): void => listener.cut();
  const stop = (): void => {
    request.off('data', chunk).off('end', end).off('close', cut);
    request.resume();
  };
  // one that is cut off says so by an error too
  request.on('error', () => {});
  request.on('data', chunk).on('end', end).on('close', cut);
  return stop;
};
