import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { isAsyncIterable } from 'graphql-yoga';
import { type WebSocket, WebSocketServer } from 'ws';
import { LazyAbortController } from '../../runtime/abort.ts';
import type { Caller } from '../graphql/context.ts';
import { type Enveloped, enveloped, type Yoga } from '../graphql/enveloped.ts';
import type { Failures } from '../graphql/errors/failures.ts';
import { plainError } from '../graphql/errors/plain.ts';
import { type Limits, tooManyOperations } from '../graphql/limits/limits.ts';
import { readCredential } from '../http/credential.ts';
import { namesHost } from '../http/host.ts';
import { isWebSocketUpgrade } from '../http/incoming.ts';
import { endRaw } from '../http/raw-answer.ts';
import { wasCutUnread } from '../http/unread-output.ts';
import { clientAddress } from '../rates/address.ts';
import type { ClientRates } from '../rates/client-rates.ts';
import { isUpgradeRefused } from '../rates/connections.ts';
import { noteEnd } from '../telemetry/subscribed.ts';
import { readTraceHeaders } from '../telemetry/tracing.ts';
import { SocketOperations, unheard, WantedResults } from './socket-operations.ts';
import { MessageTooLargeError, type SocketOutput } from './socket-output.ts';
import { type Extra, handleProtocols, serveConnections } from './websocket-connection.ts';

const goingAway = 1001;
/** time a client has to answer that the connection is closing */
const closeGraceMs = 1000;

export type WebSocketOptions = {
  readonly server: Server;
  readonly path: string;
  readonly yoga: Yoga;
  readonly failures: Failures;
  readonly limits: Limits;
  /** ms between two pings; a peer that has not answered by the next one is cut off */
  readonly heartbeatMs: number;
  readonly clientRates: Pick<ClientRates, 'request'>;
  /** proxies of the operator's own that every connection comes by */
  readonly trustedProxies: number;
};

/** What graphql-ws is to run an operation with. */
type Running = {
  readonly envelope: Enveloped;
  readonly output: SocketOutput;
  readonly signal: LazyAbortController;
  /** its results are asked for no longer */
  readonly left: () => void;
};

type Connection = {
  /** where it comes from; see `clientAddress` */
  readonly address: string;
  readonly operations: SocketOperations;
  /** the token `renewSession` handed over on this connection */
  renewedBy: string | null;
  /** the upstream no longer takes the token of this connection: it is told to an operation, and closed */
  isRefused: boolean;
  readonly closed: Promise<void>;
};

/**
 * graphql-transport-ws on the GraphQL path. Parsing, validation, context and execution are those of HTTP (`getEnveloped`),
 * so every rule that holds there holds here.
 */
export function serveWebSocket(options: WebSocketOptions): {
  close(): Promise<void>;
} {
  const { server, path, yoga, failures, limits, heartbeatMs, clientRates, trustedProxies } = options;
  const maxPieces = Math.max(1024, Math.ceil(limits.bodyBytes / 256));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bodyBytes,
    // each takes hundreds of bytes, and may bring one
    maxFragments: maxPieces,
    maxBufferedChunks: maxPieces,
    handleProtocols,
  });

  // graphql-ws asks for execute and subscribe once for all, the envelope makes them for each operation
  const operations = new WeakMap<object, Running>();
  const operationOf = ({ contextValue }: ExecutionArgs): Running => {
    // graphql-js knows no type of it; every transport makes one
    const operation = operations.get(contextValue as object);
    if (operation === undefined) throw new Error('operation without its envelope');
    return operation;
  };

  const connections = new WeakMap<WebSocket, Connection>();
  const connectionOf = ({ socket, request }: Extra): Connection => {
    let connection = connections.get(socket);
    if (connection === undefined) {
      const running = new SocketOperations();
      const closed = new Promise<void>((resolve) => {
        socket.once('close', () => {
          running.abortAll();
          resolve();
        });
      });
      const address = clientAddress(request, trustedProxies);
      connection = { address, operations: running, renewedBy: null, isRefused: false, closed };
      connections.set(socket, connection);
    }
    return connection;
  };

  /** What was thrown while an operation ran, or its messages were written, as its client is told of it. */
  const failureOf = (error: unknown, { extra, id }: { readonly extra: Extra; readonly id: string | null }) => {
    const caller = id === null ? null : connectionOf(extra).operations.callerOf(id);
    if (caller === null) return plainError(failures.errorOf(error));
    const refused = error instanceof MessageTooLargeError ? failures.tooLarge(error.bytes, caller) : null;
    return plainError((refused ?? failures.resultOf(error, caller)).errors[0]);
  };

  const thrownOf = (error: GraphQLError, failed: { readonly extra: Extra; readonly id: string }): GraphQLError => {
    const { originalError } = error;
    return originalError === undefined || originalError === null ? error : failureOf(originalError, failed);
  };

  const serve = serveConnections({
    heartbeatMs,
    maxMessageBytes: limits.responseBytes,
    execute: async (args) => {
      const { envelope, signal } = operationOf(args);
      const result = await envelope.execute(args);
      return signal.aborted ? unheard() : result;
    },
    subscribe: async (args) => {
      const { envelope, output, signal, left } = operationOf(args);
      const results = await envelope.subscribe(args);
      if (signal.aborted) {
        if (isAsyncIterable(results)) await results.return?.();
        return unheard();
      }
      if (!isAsyncIterable(results)) return results;
      return new WantedResults(results, { ready: () => output.ready(), isWanted: () => !signal.aborted, left });
    },
    // outside of what an operation goes through: a hook of this file, or the writing of a message
    onFailed: (error, failed) => {
      const told = failureOf(error, failed);
      if (failed.id !== null) connectionOf(failed.extra).operations.end(failed.id, null);
      return told;
    },
    onAbandoned: (extra, id) => connectionOf(extra).operations.abort(id),
    onSubscribe: async ({ connectionParams, extra, subscriptions }, id, payload) => {
      const connection = connectionOf(extra);
      const signal = new LazyAbortController();
      const parameters = lowerCased(connectionParams);
      const credential = readCredential(
        (name) => parameters.get(name) ?? extra.request.headers[name],
        connection.address,
      );
      const caller: Caller = {
        credential: connection.renewedBy === null ? credential : { ...credential, token: connection.renewedBy },
        requestId: randomUUID(),
        signal,
        isCostAsked: String(parameters.get('x-cost') ?? extra.request.headers['x-cost']) === '1',
        clientName: clientNameOf((name) => parameters.get(name) ?? extra.request.headers[name]),
        traceHeaders: readTraceHeaders((name) => parameters.get(name) ?? extra.request.headers[name]),
        onRenewed: (token) => {
          connection.renewedBy = token;
        },
      };
      const refuse = (error: GraphQLError) => {
        connection.operations.end(id, payload);
        return failures.resultOf(error, caller).errors.map(plainError);
      };
      connection.operations.begin(id, { caller, signal, payload });
      // this one is among them
      if (Object.keys(subscriptions).length > limits.operations) return refuse(tooManyOperations(limits.operations));
      const tooMany = clientRates.request(caller.credential);
      if (tooMany !== null) return refuse(tooMany);
      await extra.output.ready();
      const envelope = enveloped(yoga, failures, { caller, transport: 'websocket' });
      const prepared = await envelope.prepare(payload);
      if (signal.aborted) return unheard();
      if ('errors' in prepared) {
        connection.operations.end(id, payload);
        return [...prepared.errors];
      }
      const { document, operationName } = prepared.args;
      if (!getOperationAST(document, operationName)) return refuse(noOperation());
      const left = (): void => {
        if (connection.isRefused) noteEnd(caller.operation, 'token');
        else if (wasCutUnread(extra.request.socket)) noteEnd(caller.operation, 'limit');
      };
      operations.set(prepared.args.contextValue, { envelope, output: extra.output, signal, left });
      return prepared.args;
    },
    // graphql-ws wraps what ended a subscription, whatever it was; onComplete follows
    onError: async ({ connectionParams, extra }, id, _payload, errors) => {
      const thrown = errors.map((error) => thrownOf(error, { extra, id }));
      if (isRefusal(thrown) && hasToken(connectionParams, extra.request)) {
        const connection = connectionOf(extra);
        // one operation is told why the socket is closed; the others are taken up again by a client that has a new token
        if (connection.isRefused) await connection.closed;
        connection.isRefused = true;
      }
      return thrown.map((error) => error.toJSON());
    },
    onNext: ({ connectionParams, extra }, _id, _payload, args, { errors }) => {
      if (!isRefusal(errors) || !hasToken(connectionParams, extra.request)) return;
      connectionOf(extra).isRefused = true;
      // nothing completes it: the token may be needed for some events only
      if (isSubscription(args)) closeRefused(extra.socket);
    },
    onComplete: ({ extra }, id, payload) => {
      connectionOf(extra).operations.end(id, payload);
      if (connectionOf(extra).isRefused) closeRefused(extra.socket);
    },
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isWebSocketUpgrade(request) || isUpgradeRefused(request)) return;
    if (!namesHost(request)) return endRaw(socket, { status: 400, text: 'One Host header is to name one host.' });
    if (request.url?.split('?', 1)[0] !== path) {
      return endRaw(socket, { status: 404, text: `There is no WebSocket here; GraphQL is at ${path}.` });
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      // ws closes the socket with the right code itself, whatever a client did wrong
      opened.on('error', () => {});
      serve({ socket: opened, request });
    });
  });

  return {
    close: async () => {
      const giveUp = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, closeGraceMs);
      for (const socket of sockets.clients) socket.close(goingAway, 'Going away');
      await new Promise((resolve) => sockets.close(resolve));
      clearTimeout(giveUp);
    },
  };
}

/** As it is said over HTTP. */
const noOperation = (): GraphQLError =>
  new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });

/** The token of the connection is good for nothing any more: closed once the message that says so is sent. */
const closeRefused = (socket: WebSocket): void => {
  setImmediate(() => socket.close(CloseCode.Forbidden, 'Forbidden'));
};

const isRefusal = (errors: readonly GraphQLError[] | undefined): boolean =>
  errors?.some((error) => error.extensions.code === 'UNAUTHENTICATED') === true;

const isSubscription = ({ document, operationName }: ExecutionArgs): boolean =>
  getOperationAST(document, operationName)?.operation === 'subscription';

const hasToken = (parameters: Readonly<Record<string, unknown>> | undefined, { headers }: IncomingMessage): boolean =>
  ['x-auth-token', 'authorization'].some((name) => lowerCased(parameters).has(name) || name in headers);

const lowerCased = (parameters: Readonly<Record<string, unknown>> | undefined): Map<string, unknown> =>
  new Map(Object.entries(parameters ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

/** What the client calls itself; a value of `connection_init` may be anything. */
function clientNameOf(given: (name: string) => unknown): string | undefined {
  const name = given('graphql-client-name') ?? given('apollographql-client-name');
  return typeof name === 'string' ? name : undefined;
}
