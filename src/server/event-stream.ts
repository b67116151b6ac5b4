import { randomUUID } from 'node:crypto';
import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { RequestParams } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/fetch';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { OperationCaller } from './context.ts';
import { type Limits, tooManyOperations } from './limits.ts';
import { plainError } from './plain-error.ts';
import { createStreamReservations } from './stream-reservations.ts';

type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

const tokenHeader = 'x-graphql-event-stream-token';

/** ms a reserved stream waits to be opened: a client opens it with its next request */
const reservationMs = 30_000;

export type EventStreamOptions = {
  readonly path: string;
  readonly limits: Limits;
  /** ms a reserved stream waits to be opened; default 30000 */
  readonly streamReservationMs?: number | undefined;
};

/**
 * graphql-sse on its own path: many operations on one event stream. Written here because Yoga's plugin answers a document
 * that cannot be parsed with a stack, and one that is refused without the code of the refusal.
 */
export function eventStreams({
  path,
  limits,
  streamReservationMs = reservationMs,
}: EventStreamOptions): Plugin<OperationCaller, OperationCaller> {
  const callers = new WeakMap<Request, OperationCaller>();
  /** how many subscriptions run on a stream, by its token */
  const running = new Map<string, number>();
  let handle: ((request: Request) => Promise<Response>) | null = null;
  const reservations = createStreamReservations(streamReservationMs, (token) => void forget(token).catch(() => {}));

  /** graphql-sse forgets a stream when its reader leaves, and only then. */
  async function forget(token: string): Promise<void> {
    const headers = { accept: 'text/event-stream', [tokenHeader]: token };
    const opened = await handle?.(new Request('http://localhost/', { headers }));
    await opened?.body?.cancel();
  }

  async function reserve(request: Request, answer: (request: Request) => Promise<Response>): Promise<Response> {
    if (reservations.isFull) return tooManyReservations(streamReservationMs);
    const response = await answer(request);
    if (response.status === 201) reservations.add(await response.clone().text());
    return response;
  }

  return {
    onYogaInit({ yoga }) {
      const perform = async (request: Request, params: RequestParams): Promise<Results> => {
        const operations = yoga.getEnveloped({ ...callers.get(request), request, params });
        const document = operations.parse(params.query);
        const errors = operations.validate(operations.schema, document);
        if (errors.length > 0) return { data: null, errors: errors.map(plainError) };
        const args = {
          schema: operations.schema,
          document,
          contextValue: await operations.contextFactory(),
          variableValues: params.variables,
          operationName: params.operationName,
        };
        const isSubscription = getOperationAST(document, params.operationName)?.operation === 'subscription';
        return isSubscription ? operations.subscribe(args) : operations.execute(args);
      };

      handle = createHandler(
        {
          authenticate: ({ raw }) => tokenOf(raw) ?? randomUUID(),
          onSubscribe: async ({ raw }, params) => {
            try {
              const results = await perform(raw, params);
              if (isAsyncIterable(results) || results.errors === undefined) return results;
              return { data: null, ...results, errors: results.errors.map(plainError) };
            } catch (error) {
              if (error instanceof GraphQLError) return { data: null, errors: [plainError(error)] };
              throw error;
            }
          },
        },
        yoga.fetchAPI,
      );
    },
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      const stream = contextValue.request === undefined ? null : streamOf(contextValue.request, path);
      if (stream === null) return;
      const others = running.get(stream) ?? 0;
      if (others >= limits.operations) {
        return setResultAndStopExecution({ errors: [tooManyOperations(limits.operations)] });
      }
      running.set(stream, others + 1);
      const release = (): void => {
        const left = (running.get(stream) ?? 1) - 1;
        if (left > 0) running.set(stream, left);
        else running.delete(stream);
      };
      return {
        onSubscribeResult({ result }) {
          if (isAsyncIterable(result)) return { onEnd: release };
          release();
        },
      };
    },
    async onRequest({ request, url, serverContext, endResponse }) {
      if (url.pathname !== path || handle === null) return;
      callers.set(request, serverContext);
      if (request.method === 'PUT') return endResponse(await reserve(request, handle));
      const response = await handle(request);
      const isOpened = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      const token = tokenOf(request);
      if (isOpened && token !== null) reservations.open(token);
      endResponse(response);
    },
    onDispose: () => reservations.clear(),
  };
}

const tokenOf = (request: Request): string | null =>
  request.headers.get(tokenHeader) ?? new URL(request.url).searchParams.get('token');

/** Nobody in particular is to blame, so the answer is that of a server that is full. */
function tooManyReservations(lifetimeMs: number): Response {
  const message =
    'Too many event streams are reserved and not opened yet: try again, or use a connection for each operation.';
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'LIMIT_EXCEEDED' } }] });
  const retryAfter = String(Math.ceil(lifetimeMs / 1000));
  return new Response(body, {
    status: 503,
    headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': retryAfter },
  });
}

/** The token of the event stream a request belongs to; null: it has a connection of its own. */
function streamOf(request: Request, path: string): string | null {
  return new URL(request.url).pathname === path ? tokenOf(request) : null;
}
