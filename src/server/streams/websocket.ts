import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Caller } from '../graphql/context.ts';
import { type Enveloped, enveloped, type Yoga } from '../graphql/enveloped.ts';
import type { Failures } from '../graphql/errors/failures.ts';
import { plainError } from '../graphql/errors/plain.ts';
import { type Limits, tooManyOperations } from '../graphql/limits/limits.ts';
import { readCredential } from '../http/credential.ts';
import { namesHost } from '../http/host.ts';
import { isWebSocketUpgrade } from '../http/incoming.ts';
import { endRaw } from '../http/raw-answer.ts';
import { clientAddress } from '../rates/address.ts';
import type { ClientRates } from '../rates/client-rates.ts';
import { isUpgradeRefused } from '../rates/connections.ts';
import { readTraceHeaders } from '../telemetry/tracing.ts';
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

type Connection = {
  /** where it comes from; see `clientAddress` */
  readonly address: string;
  /** aborts when the socket closes; one for all its operations */
  readonly signal: AbortSignal;
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
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.bodyBytes, handleProtocols });

  // graphql-ws asks for execute and subscribe once for all, the envelope makes them for each operation
  const operations = new WeakMap<object, Enveloped>();
  const operationOf = ({ contextValue }: ExecutionArgs): Enveloped => {
    // graphql-js knows no type of it; every transport makes one
    const operation = operations.get(contextValue as object);
    if (operation === undefined) throw new Error('operation without its envelope');
    return operation;
  };

  const connections = new WeakMap<WebSocket, Connection>();
  const connectionOf = ({ socket, request }: Extra): Connection => {
    let connection = connections.get(socket);
    if (connection === undefined) {
      const controller = new AbortController();
      const closed = new Promise<void>((resolve) => {
        socket.once('close', () => {
          controller.abort();
          resolve();
        });
      });
      const address = clientAddress(request, trustedProxies);
      connection = { address, signal: controller.signal, renewedBy: null, isRefused: false, closed };
      connections.set(socket, connection);
    }
    return connection;
  };

  const thrownOf = (error: GraphQLError): GraphQLError => {
    const { originalError } = error;
    if (originalError === undefined || originalError === null) return error;
    return plainError(originalError instanceof GraphQLError ? originalError : failures.errorOf(originalError));
  };

  const serve = serveConnections({
    heartbeatMs,
    execute: (args) => operationOf(args).execute(args),
    subscribe: (args) => operationOf(args).subscribe(args),
    // outside of what an operation goes through: a hook of this file, or the writing of a message
    onFailed: (error) => plainError(failures.errorOf(error)),
    onSubscribe: async ({ connectionParams, extra, subscriptions }, _id, payload) => {
      const connection = connectionOf(extra);
      const parameters = lowerCased(connectionParams);
      const credential = readCredential(
        (name) => parameters.get(name) ?? extra.request.headers[name],
        connection.address,
      );
      const caller: Caller = {
        credential: connection.renewedBy === null ? credential : { ...credential, token: connection.renewedBy },
        requestId: randomUUID(),
        signal: connection.signal,
        isCostAsked: String(parameters.get('x-cost') ?? extra.request.headers['x-cost']) === '1',
        clientName: clientNameOf((name) => parameters.get(name) ?? extra.request.headers[name]),
        traceHeaders: readTraceHeaders((name) => parameters.get(name) ?? extra.request.headers[name]),
        onRenewed: (token) => {
          connection.renewedBy = token;
        },
      };
      const refuse = (error: GraphQLError) => failures.resultOf(error, caller).errors.map(plainError);
      // this one is among them
      if (Object.keys(subscriptions).length > limits.operations) return refuse(tooManyOperations(limits.operations));
      const tooMany = clientRates.request(caller.credential);
      if (tooMany !== null) return refuse(tooMany);
      const operation = enveloped(yoga, failures, { caller });
      const prepared = await operation.prepare(payload);
      if ('errors' in prepared) return [...prepared.errors];
      const { document, operationName } = prepared.args;
      if (!getOperationAST(document, operationName)) return refuse(noOperation());
      operations.set(prepared.args.contextValue, operation);
      return prepared.args;
    },
    // graphql-ws wraps what ended a subscription, whatever it was; onComplete follows
    onError: async ({ connectionParams, extra }, _id, _payload, errors) => {
      const thrown = errors.map(thrownOf);
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
    onComplete: ({ extra }) => {
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
