import type { IncomingMessage } from 'node:http';
import type { GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, MessageType, makeServer, type ServerOptions, stringifyMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { withQueryText } from '../graphql/persisted-query.ts';

/** What hooks of graphql-ws find beside their connection. */
export type Extra = { readonly socket: WebSocket; readonly request: IncomingMessage };

export type ConnectionOptions = Pick<
  ServerOptions<Record<string, unknown>, Extra>,
  'execute' | 'subscribe' | 'onSubscribe' | 'onNext' | 'onError' | 'onComplete'
> & {
  /** a ping this often, ms; a peer that has not answered by the next one is cut off */
  readonly heartbeatMs: number;
  /** @returns what the client is told of something that was thrown while its message was handled */
  onFailed(error: unknown): GraphQLError;
};

export { handleProtocols };

/**
 * Serves graphql-transport-ws on sockets. graphql-ws' own way to do so closes the socket, with all operations on it, when
 * one of them cannot be answered; here that operation ends with an error, and the others go on.
 */
export function serveConnections({ heartbeatMs, onFailed, ...hooks }: ConnectionOptions): (extra: Extra) => void {
  const server = makeServer<Record<string, unknown>, Extra>(hooks);

  return (extra) => {
    const { socket } = extra;
    const send = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        if (socket.readyState !== socket.OPEN) resolve();
        else socket.send(text, (error) => (error ? reject(error) : resolve()));
      });

    async function fail(error: unknown, message: string): Promise<void> {
      if (socket.readyState !== socket.OPEN) return;
      const masked = onFailed(error);
      const id = operationIdOf(message);
      if (id === null) socket.close(CloseCode.InternalServerError, 'Internal server error');
      else await send(stringifyMessage({ id, type: MessageType.Error, payload: [masked.toJSON()] }));
    }

    const stopBeating = beat(socket, heartbeatMs);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send,
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (bytes) => {
            const message = withQueryText(String(bytes));
            // a socket that failed meanwhile has nobody to be told
            handle(message).catch((error: unknown) => fail(error, message).catch(() => socket.terminate()));
          });
        },
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      stopBeating();
      closed(code, String(reason)).catch((error: unknown) => onFailed(error));
    });
  };
}

/** The operation a message is about; null: none, or it is no message. */
function operationIdOf(message: string): string | null {
  const { id }: { readonly id?: unknown } = JSON.parse(message);
  return typeof id === 'string' ? id : null;
}

/** @returns what ends it */
function beat(socket: WebSocket, heartbeatMs: number): () => void {
  let isAnswered = true;
  socket.on('pong', () => {
    isAnswered = true;
  });
  const timer = setInterval(() => {
    if (!isAnswered) {
      socket.terminate();
      return;
    }
    isAnswered = false;
    socket.ping();
  }, heartbeatMs);
  return () => clearInterval(timer);
}
