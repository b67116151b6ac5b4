import { randomUUID } from 'node:crypto';
import { type ExecutionResult, getOperationAST } from 'graphql';
import type { RequestParams } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/fetch';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { OperationCaller } from '../graphql/context.ts';
import { enveloped, type Yoga } from '../graphql/enveloped.ts';
import type { Failures } from '../graphql/errors/failures.ts';
import { type Limits, tooManyOperations } from '../graphql/limits/limits.ts';
import { explained } from './stream-answer.ts';
import { tokenHeader, tokenParameter } from './stream-request.ts';
import { createStreamReservations } from './stream-reservations.ts';
import { WritableResults, writable } from './writable-results.ts';

type Handler = (request: Request) => Promise<Response>;

type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

/** ms a reserved stream waits to be opened: a client opens it with its next request */
const reservationMs = 30_000;

export type EventStreamOptions = {
  readonly path: string;
  readonly limits: Limits;
  readonly failures: Failures;
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
  failures,
  streamReservationMs = reservationMs,
}: EventStreamOptions): Plugin<OperationCaller, OperationCaller> {
  const callers = new WeakMap<Request, OperationCaller>();
  /** how many subscriptions run on a stream, by its token */
  const running = new Map<string, number>();
  let handle: Handler | null = null;
  const reservations = createStreamReservations(streamReservationMs, (token) => void forget(token).catch(() => {}));

  /** graphql-sse forgets a stream when its reader leaves, and only then. */
  async function forget(token: string): Promise<void> {
    const headers = { accept: 'text/event-stream', [tokenHeader]: token };
    const opened = await handle?.(new Request('http://localhost/', { headers }));
    await opened?.body?.cancel();
  }

  async function reserve(
    request: Request,
    { answer, requestId }: { readonly answer: Handler; readonly requestId: string },
  ): Promise<Response> {
    if (reservations.isFull) return explained(tooManyReservations(streamReservationMs), requestId);
    const response = await answer(request);
    if (response.status === 201) reservations.add(await response.clone().text());
    return response;
  }

  return {
    onYogaInit({ yoga }) {
      const perform = async (request: Request, params: RequestParams): Promise<Results> => {
        // graphql-sse hands its requests on, and every one of them was handled here
        const initial = { ...(callers.get(request) as OperationCaller), request };
        // the hook gives the instance this plugin is put into
        const { prepare, execute, subscribe } = enveloped(yoga as Yoga, failures, initial);
        const prepared = await prepare(params);
        if ('errors' in prepared) return { errors: prepared.errors };
        const { args } = prepared;
        const isSubscription = getOperationAST(args.document, params.operationName)?.operation === 'subscription';
        return isSubscription ? subscribe(args) : execute(args);
      };

      handle = createHandler(
        {
          authenticate: ({ raw }) => tokenOf(raw) ?? randomUUID(),
          onSubscribe: async ({ raw }, params) => {
            const results = await perform(raw, params);
            // as above
            const { caller } = callers.get(raw) as OperationCaller;
            const written = (result: ExecutionResult) => writable(result, (error) => failures.resultOf(error, caller));
            return isAsyncIterable(results) ? new WritableResults(results, written) : written(results).result;
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
      const answer = handle;
      if (url.pathname !== path || answer === null) return;
      callers.set(request, serverContext);
      const { requestId } = serverContext.caller;
      const ask = async (asked: Request) => explained(await answer(asked), requestId);
      if (request.method === 'PUT') return endResponse(await reserve(request, { answer: ask, requestId }));
      const response = await ask(request);
      const isOpened = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      const token = tokenOf(request);
      if (isOpened && token !== null) reservations.open(token);
      endResponse(response);
    },
    onDispose: () => reservations.clear(),
  };
}

const tokenOf = (request: Request): string | null =>
  request.headers.get(tokenHeader) ?? new URL(request.url).searchParams.get(tokenParameter);

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
