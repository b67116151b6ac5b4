import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ExecutionResult, getOperationAST } from 'graphql';
import type { RequestParams } from 'graphql-sse';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Caller, OperationCaller } from '../graphql/context.ts';
import { enveloped, type Yoga } from '../graphql/enveloped.ts';
import type { Failures, ResultText } from '../graphql/errors/failures.ts';
import { plainResult } from '../graphql/errors/plain.ts';
import { type Limits, tooManyOperations, unreadOutput } from '../graphql/limits/limits.ts';
import type { TokenMemory } from '../graphql/token-store.ts';
import { SharedRoom } from '../http/shared-room.ts';
import { noteEnd } from '../telemetry/subscribed.ts';
import { explained, streamFull } from './stream-answer.ts';
import { createStreamHandler, type StreamHandler } from './stream-handler.ts';
import { tokenHeader, tokenParameter } from './stream-request.ts';
import { createStreamReservations } from './stream-reservations.ts';
import { UnreadEvents } from './unread-events.ts';
import { type Writable, WritableResults, writable } from './writable-results.ts';

type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

/** ms a reserved stream waits to be opened: a client opens it with its next request */
const reservationMs = 30_000;

export type EventStreamOptions = {
  readonly path: string;
  readonly limits: Limits;
  readonly failures: Failures;
  readonly tokens: Pick<TokenMemory, 'hash'>;
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
  tokens,
  streamReservationMs = reservationMs,
}: EventStreamOptions): Plugin<OperationCaller, OperationCaller> {
  const callers = new WeakMap<Request, StreamCaller>();
  /** how many subscriptions run on a stream, by its token */
  const running = new Map<string, number>();
  let handle: StreamHandler | null = null;
  const reservations = createStreamReservations(streamReservationMs, forget);
  const maximum = 2 * limits.responseBytes;
  const room = new SharedRoom({ share: 2 * maximum, total: 8 * maximum });
  /** what waits on streams with a token of their own, and on those of one request */
  const unreadByToken = new Map<string, UnreadEvents>();
  const unreadByRequest = new WeakMap<Request, UnreadEvents>();

  /** What waits on the stream that a request opens, or asks on. */
  function unreadOf(request: Request): UnreadEvents {
    const known = unreadByToken.get(tokenOf(request) ?? '') ?? unreadByRequest.get(request);
    if (known !== undefined) return known;
    // graphql-sse hands its requests on, and every one of them was handled here
    const unread = new UnreadEvents({ room, maximum, caller: callers.get(request)?.key ?? '' });
    unreadByRequest.set(request, unread);
    return unread;
  }

  /** graphql-sse forgets a stream when its reader leaves, and only then. */
  function forget(token: string): void {
    const headers = { accept: 'text/event-stream', [tokenHeader]: token };
    const opened = handle?.(new Request('http://localhost/', { headers }));
    // one that is not there is forgotten already
    opened?.then((response) => response.body?.cancel()).catch(() => {});
  }

  /** The token, or the address where there is none. */
  function keyOf(context: OperationCaller): string {
    const { token } = context.caller.credential;
    if (token !== null) return tokens.hash(token);
    // put there by Yoga
    const { req } = context as { readonly req?: IncomingMessage };
    return req?.socket.remoteAddress ?? '';
  }

  async function reserve(request: Request, answer: StreamHandler): Promise<Response> {
    const response = await answer(request);
    if (response.status !== 201) return response;
    const token = await response.clone().text();
    const caller = callers.get(request)?.key ?? '';
    const unread = new UnreadEvents({ room, maximum, caller });
    unread.stop = () => {
      unreadByToken.delete(token);
      reservations.open(token);
      forget(token);
    };
    unreadByToken.set(token, unread);
    reservations.add(token, caller);
    return response;
  }

  /** What becomes of a result on a stream: it is kept until it is read, if there is room for it. */
  function keptIn(unread: UnreadEvents, caller: Caller): (result: ExecutionResult) => Writable {
    return (result) => {
      const written = writable(result, failures.textOf(result, caller));
      const kept = unread.hasRoomFor(written.size)
        ? written
        : writable(result, failureText(failures.resultOf(unreadOutput(maximum), caller)));
      unread.add(kept.size);
      return kept;
    };
  }

  return {
    onYogaInit({ yoga }) {
      const perform = async (request: Request, params: RequestParams): Promise<Results> => {
        // graphql-sse hands its requests on, and every one of them was handled here
        const { caller } = callers.get(request) as StreamCaller;
        const initial = { caller, request, transport: 'sse_single' } as const;
        // the hook gives the instance this plugin is put into
        const { prepare, execute, subscribe } = enveloped(yoga as Yoga, failures, initial);
        const prepared = await prepare(params);
        if ('errors' in prepared) return { errors: prepared.errors };
        const { args } = prepared;
        const isSubscription = getOperationAST(args.document, params.operationName)?.operation === 'subscription';
        return isSubscription ? subscribe(args) : execute(args);
      };

      handle = createStreamHandler({
        fetchAPI: yoga.fetchAPI,
        unreadOf,
        onEnd: (request) => unreadByToken.delete(tokenOf(request) ?? ''),
        authenticate: ({ raw }) => tokenOf(raw) ?? randomUUID(),
        onSubscribe: async ({ raw }, params) => {
          const results = await perform(raw, params);
          const unread = unreadOf(raw);
          // as above
          const { caller } = callers.get(raw) as StreamCaller;
          const written = keptIn(unread, caller);
          if (!isAsyncIterable(results)) return written(results).result;
          const left = (): void => {
            if (unread.wasCut) noteEnd(caller.operation, 'limit');
          };
          return new WritableResults(results, { written, ready: () => unread.ready(), left });
        },
      });
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
      callers.set(request, { caller: serverContext.caller, key: keyOf(serverContext) });
      const { requestId } = serverContext.caller;
      const ask = async (asked: Request) => explained(await answer(asked), requestId);
      if (request.method === 'PUT') return endResponse(await reserve(request, ask));
      if (isAsking(request) && unreadByToken.get(tokenOf(request) ?? '')?.isFull === true) {
        return endResponse(await explained(streamFull(unreadOutput(maximum)), requestId));
      }
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

/** Whether it asks something on a stream that is reserved, and does not open it. */
const isAsking = ({ method, headers }: Request): boolean =>
  (method === 'POST' || method === 'GET') && headers.get('accept') !== 'text/event-stream';

type StreamCaller = {
  readonly caller: Caller;
  /** stands for whoever asks, in shares */
  readonly key: string;
};

const failureText = (result: ExecutionResult): ResultText => ({
  text: JSON.stringify(plainResult(result)),
  isFailure: true,
});

/** The token of the event stream a request belongs to; null: it has a connection of its own. */
function streamOf(request: Request, path: string): string | null {
  return new URL(request.url).pathname === path ? tokenOf(request) : null;
}
