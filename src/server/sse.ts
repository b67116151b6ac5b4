import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Context } from '../schema/context.ts';

const heartbeatMs = 12_000;
const comment = ':\n\n';
const complete = 'event: complete\ndata:\n\n';

/** Clients that lost their stream come back spread over these seconds, not all at once. */
const retryMs = (): number => 1000 + Math.floor(Math.random() * 4000);

type Streamable = ExecutionResult | AsyncIterable<ExecutionResult>;

/**
 * Results as server-sent events in the "distinct connections" way of graphql-sse, with an `id:` on each event that has a
 * resume point, a `retry:` that spreads reconnects, and a heartbeat.
 * The next event is asked for once the client has taken the last one, so a slow client holds up nobody.
 */
export const serverSentEvents = (): Plugin<Context> => {
  const contexts = new WeakMap<Request, Context>();
  return {
    onSubscribe({ args }) {
      const { request } = args.contextValue;
      if (request !== undefined) contexts.set(request, args.contextValue);
    },
    onResultProcess({ request, setResultProcessor }) {
      if (!request.headers.get('accept')?.includes('text/event-stream')) return;
      const context = contexts.get(request);
      if (context === undefined) return;
      setResultProcessor(
        (result, fetchAPI) =>
          new fetchAPI.Response(streamOf(result as Streamable, context, fetchAPI.ReadableStream), {
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

function streamOf(result: Streamable, context: Context, Stream: typeof ReadableStream): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = (isAsyncIterable(result) ? result : only(result))[Symbol.asyncIterator]();
  let heartbeat: NodeJS.Timeout | undefined;
  return new Stream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`retry: ${retryMs()}\n${comment}`));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(comment));
      }, heartbeatMs);
    },
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done !== true) {
          controller.enqueue(encoder.encode(frame(value, context.resume.sequence)));
          return;
        }
        controller.enqueue(encoder.encode(complete));
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

async function* only(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}

const frame = (result: ExecutionResult, id: string | null): string =>
  `event: next\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(result)}\n\n`;
