import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Context } from '../../schema/core/context.ts';
import type { Caller, OperationCaller } from '../graphql/context.ts';
import type { Failures } from '../graphql/errors/failures.ts';
import { takesJson } from '../http/media-type.ts';
import { comment, completeFrame, nextFrame, openingFrame } from './sse-frame.ts';

export type ServerSentEventsOptions = {
  readonly failures: Failures;
  /** ms between two comments on a stream */
  readonly heartbeatMs: number;
};

type Streamable = ExecutionResult | AsyncIterable<ExecutionResult>;

/**
 * Results as server-sent events in the "distinct connections" way of graphql-sse, with an `id:` on each event that has a
 * resume point, a `retry:` that spreads reconnects, and a heartbeat.
 * The next event is asked for once the client has taken the last one, so a slow client holds up nobody.
 */
export const serverSentEvents = (
  options: ServerSentEventsOptions,
): Plugin<Context & OperationCaller, OperationCaller> => {
  const contexts = new WeakMap<Caller, Context & OperationCaller>();
  return {
    onParams({ context: { outcome }, setResult }) {
      if (outcome !== undefined) setResult(outcome);
    },
    onExecute({ args: { contextValue } }) {
      // of no other query: V8 keeps what is in a WeakMap, and all it refers to, until the next full collection
      const { request } = contextValue;
      if (request !== undefined && takesEvents(request)) contexts.set(contextValue.caller, contextValue);
    },
    onSubscribe({ args: { contextValue } }) {
      contexts.set(contextValue.caller, contextValue);
    },
    onResultProcess({ request, result, serverContext, setResultProcessor }) {
      if (!takesEvents(request)) return;
      // of all that they take, some clients (urql) send the same list with queries and subscriptions
      if (!isAsyncIterable(result) && takesJson(request.headers.get('accept') ?? '')) return;
      const context = contexts.get(serverContext.caller);
      if (context === undefined) return;
      setResultProcessor(
        (result, fetchAPI) =>
          // Yoga calls it for results that follow each other
          new fetchAPI.Response(streamOf(result as Streamable, { ...options, context }, fetchAPI.ReadableStream), {
            headers: {
              'content-type': 'text/event-stream',
              'cache-control': 'no-cache',
              connection: 'keep-alive',
              'x-accel-buffering': 'no',
            },
          }),
        'text/event-stream',
      );
    },
  };
};

const takesEvents = ({ headers }: Request): boolean => headers.get('accept')?.includes('text/event-stream') === true;

function streamOf(
  result: Streamable,
  { context, failures, heartbeatMs }: ServerSentEventsOptions & { readonly context: Context & OperationCaller },
  Stream: typeof ReadableStream,
): ReadableStream<Uint8Array> {
  const textOf = (one: ExecutionResult) => failures.textOf(one, context.caller);
  let isLast = false;
  const encoder = new TextEncoder();
  const iterator = (isAsyncIterable(result) ? result : only(result))[Symbol.asyncIterator]();
  let heartbeat: NodeJS.Timeout | undefined;
  return new Stream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(openingFrame()));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(comment));
      }, heartbeatMs);
    },
    async pull(controller) {
      try {
        const { done, value } = isLast ? ended : await iterator.next();
        if (done !== true) {
          const frame = nextFrame(value, context.resume.sequence, textOf);
          controller.enqueue(frame.bytes);
          isLast = frame.isLast;
          if (isLast) await iterator.return?.(undefined);
          return;
        }
        controller.enqueue(encoder.encode(completeFrame));
        clearInterval(heartbeat);
        controller.close();
      } catch (error) {
        clearInterval(heartbeat);
        controller.error(error);
      }
    },
    async cancel() {
      clearInterval(heartbeat);
      await iterator.return?.(undefined);
    },
  });
}

const ended = { done: true, value: undefined } as const;

async function* only(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}
