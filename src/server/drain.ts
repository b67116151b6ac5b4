import type { Server, ServerResponse } from 'node:http';

/** Time running operations have to end; what a write did is unknown to a client that is cut off. */
const graceMs = 5000;

/** Ends the server: no new connections, event streams cut so that their clients come back elsewhere, other answers finished. */
export function drainable(server: Server): { close(): Promise<void> } {
  const open = new Set<ServerResponse>();
  let isClosing = false;
  server.on('request', (_request, response) => {
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
  });
  return {
    async close() {
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of open) if (isEventStream(response)) response.destroy();
      const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(giveUp);
    },
  };
}

const isEventStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type')).startsWith('text/event-stream');
