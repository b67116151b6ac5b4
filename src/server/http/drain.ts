import type { Server, ServerResponse } from 'node:http';
import type { Connection } from './connections.ts';

export type Drainable = {
  /** connections end with the next answer on them; new ones are taken */
  drain(): void;
  close(): Promise<void>;
};

export type DrainOptions = {
  readonly connections: ReadonlySet<Connection>;
  /** ms answers have to be finished */
  readonly graceMs: number;
};

/** Ends the server: no new connections, event streams cut so that their clients come back elsewhere, other answers finished. */
export function drainable(server: Server, { connections, graceMs }: DrainOptions): Drainable {
  const open = new Set<Open>();
  let isDraining = false;
  let isClosing = false;
  // before the first of them is handled, so that headers are not on their way yet
  server.prependListener('request', (_request, response) => {
    if (isDraining) response.shouldKeepAlive = false;
    const entry: Open = { response };
    open.add(entry);
    response.on('close', () => {
      open.delete(entry);
      entry.response = null;
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
  });
  return {
    drain() {
      isDraining = true;
    },
    async close() {
      isDraining = true;
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { response } of open) if (response !== null && isEventStream(response)) cut(response);
      // opened ahead of time by browsers and pools; Node waits for a request on them
      for (const { socket } of connections) if (socket?.bytesRead === 0) socket.destroy();
      const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(giveUp);
    },
  };
}

/** Let go of as an entry of `connections` is. */
type Open = { response: ServerResponse | null };

const isEventStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type')).startsWith('text/event-stream');

/**
 * Ends a stream in the middle: a stream that came to its proper end would be taken for completed (graphql-sse's client) and
 * not be opened again. The comment says why, to whoever looks at the wire.
 */
function cut(response: ServerResponse): void {
  const destroy = (): void => {
    response.destroy();
  };
  response.write(': the gateway is shutting down, come back\n\n', destroy);
  // a client that does not read takes no comment either
  setTimeout(destroy, 250).unref();
}
