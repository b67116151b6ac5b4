import { createHandler, type HandlerOptions } from 'graphql-sse';
import type { FetchAPI } from 'graphql-yoga';
import type { UnreadEvents } from './unread-events.ts';

export type StreamHandlerOptions = Pick<HandlerOptions<Request>, 'authenticate' | 'onSubscribe'> & {
  readonly fetchAPI: FetchAPI;
  /** what waits on the stream a request opens */
  readonly unreadOf: (request: Request) => UnreadEvents;
  /** the stream that a request opened is over */
  readonly onEnd: (request: Request) => void;
};

export type StreamHandler = (request: Request) => Promise<Response>;

/** graphql-sse's handler over requests and responses, with an account of what is read: its own adapter keeps none. */
export function createStreamHandler({ fetchAPI, unreadOf, onEnd, ...hooks }: StreamHandlerOptions): StreamHandler {
  const handle = createHandler<Request>(hooks);

  function streamed(events: AsyncGenerator<string, void, undefined>, request: Request): ReadableStream<Uint8Array> {
    const encoder = new fetchAPI.TextEncoder();
    const unread = unreadOf(request);
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      unread.end();
      onEnd(request);
      // it has ended by itself, or nobody is left to be told how it went
      events.return().catch(() => {});
    };
    unread.stop = end;
    if (request.signal.aborted) end();
    else request.signal.addEventListener('abort', end);
    return new fetchAPI.ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await events.next();
        if (done === true) {
          end();
          controller.close();
          return;
        }
        unread.taken(value);
        controller.enqueue(encoder.encode(value));
      },
      cancel: end,
    });
  }

  return async (request) => {
    const { method, url, headers } = request;
    const body = () => request.text();
    const [answer, init] = await handle({ method, url, headers, body, raw: request, context: undefined });
    const isStream = answer !== null && typeof answer !== 'string';
    return new fetchAPI.Response(isStream ? streamed(answer, request) : answer, init);
  };
}
