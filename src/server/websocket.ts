import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Caller } from './context.ts';
import { readCredential } from './credential.ts';
import type { Yoga } from './yoga.ts';

const heartbeatMs = 12_000;
const maxFrameBytes = 256 * 1024;

export type WebSocketOptions = { readonly server: Server; readonly path: string; readonly yoga: Yoga };

type Execution = Pick<ReturnType<Yoga['getEnveloped']>, 'execute' | 'subscribe'>;

/**
 * graphql-transport-ws on the GraphQL path. Parsing, validation, context and execution are those of HTTP (`getEnveloped`),
 * so every rule that holds there holds here.
 */
export function serveWebSocket({ server, path, yoga }: WebSocketOptions): { close(): Promise<void> } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });

  // graphql-ws asks for execute and subscribe once for all, the envelope makes them for each operation
  const executions = new WeakMap<object, Execution>();
  const executionOf = ({ contextValue }: ExecutionArgs): Execution => {
    const execution = executions.get(contextValue as object);
    if (execution === undefined) throw new Error('operation without its envelope');
    return execution;
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?', 1)[0] !== path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });

  const graphqlWs = useServer<Record<string, unknown>>(
    {
      execute: (args) => executionOf(args).execute(args),
      subscribe: (args) => executionOf(args).subscribe(args),
      onSubscribe: async ({ connectionParams, extra }, _id, payload) => {
        const left = new AbortController();
        extra.socket.once('close', () => left.abort());
        const parameters = lowerCased(connectionParams);
        const caller: Caller = {
          credential: readCredential((name) => parameters.get(name) ?? extra.request.headers[name]),
          requestId: randomUUID(),
          signal: left.signal,
        };
        const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped({
          caller,
          params: payload,
        });
        try {
          const document = parse(payload.query);
          const errors = validate(schema, document);
          if (errors.length > 0) return errors;
          const contextValue = await contextFactory();
          executions.set(contextValue, { execute, subscribe });
          return {
            schema,
            document,
            operationName: payload.operationName ?? undefined,
            variableValues: payload.variables ?? undefined,
            contextValue,
          };
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      },
    },
    sockets,
    heartbeatMs,
  );

  return {
    close: async () => {
      await graphqlWs.dispose();
      sockets.close();
    },
  };
}

const lowerCased = (parameters: Readonly<Record<string, unknown>> | undefined): Map<string, unknown> =>
  new Map(Object.entries(parameters ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
