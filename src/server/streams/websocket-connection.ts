import type { IncomingMessage } from 'node:http';
import type { GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, MessageType, makeServer, type ServerOptions, stringifyMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { withQueryText } from '../graphql/persisted-query.ts';
import { SocketOutput } from './socket-output.ts';

/** What hooks of graphql-ws find beside their connection. */
export type Extra = { readonly socket: WebSocket; readonly output: SocketOutput; readonly request: IncomingMessage };

export type ConnectionOptions = Pick<
  ServerOptions<Record<string, unknown>, Extra>,
  'execute' | 'subscribe' | 'onSubscribe' | 'onNext' | 'onError' | 'onComplete'
> & {
  /** a ping this often, ms; a peer that has not answered by the next one is cut off */
  readonly heartbeatMs: number;
  /** bytes a message may have */
  readonly maxMessageBytes: number;
  /**
   * @param id of the operation the message was about, which has ended; null: of none
   * @returns what the client is told of something that was thrown while its message was handled
   */
  onFailed(error: unknown, failed: { readonly extra: Extra; readonly id: string | null }): GraphQLError;
  /** The client wants no more of an operation. */
  onAbandoned(extra: Extra, id: string): void;
};

export { handleProtocols };

/**
 * Serves graphql-transport-ws on sockets. graphql-ws' own way to do so closes the socket, with all operations on it, when
 * one of them cannot be answered; here that operation ends with an error, and the others go on.
 */
export function serveConnections({
  heartbeatMs,
  maxMessageBytes,
  onFailed,
  onAbandoned,
  ...hooks
}: ConnectionOptions): (opened: Omit<Extra, 'output'>) => void {
  const server = makeServer<Record<string, unknown>, Extra>(hooks);

  return ({ socket, request }) => {
    const output = new SocketOutput(socket, maxMessageBytes);
    const extra: Extra = { socket, output, request };

    async function fail(error: unknown, message: string): Promise<void> {
      if (socket.readyState !== socket.OPEN) return;
      const id = operationIdOf(message);
      const masked = onFailed(error, { extra, id });
      if (id === null) socket.close(CloseCode.InternalServerError, 'Internal server error');
      else await output.send(stringifyMessage({ id, type: MessageType.Error, payload: [masked.toJSON()] }));
    }

    socket.on('ping', () => output.hold());
    const stopBeating = beat(socket, heartbeatMs);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (text) => output.send(text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (bytes) => {
            const message = withQueryText(String(bytes));
            // a socket that failed meanwhile has nobody to be told
            handle(message).catch((error: unknown) => fail(error, message).catch(() => socket.terminate()));
            // graphql-ws has let go of it by now, and tells nothing more of it
            const completed = completedBy(message);
            if (completed !== null) onAbandoned(extra, completed);
            output.hold();
          });
        },
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      stopBeating();
      closed(code, String(reason)).catch((error: unknown) => onFailed(error, { extra, id: null }));
    });
  };
}

/** The operation a message is about; null: none, or it is no message. */
function operationIdOf(message: string): string | null {
  const { id }: { readonly id?: unknown } = JSON.parse(message);
  return typeof id === 'string' ? id : null;
}

/** The operation that a message completes; null: it does something else. */
function completedBy(message: string): string | null {
  if (!message.includes(MessageType.Complete)) return null;
  try {
    const { type, id }: { readonly type?: unknown; readonly id?: unknown } = JSON.parse(message);
    return type === MessageType.Complete && typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
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
