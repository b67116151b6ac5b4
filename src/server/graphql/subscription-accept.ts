import type { Plugin } from 'graphql-yoga';
import { takesEvents } from '../http/media-type.ts';
import type { OperationCaller } from './context.ts';
import { plainError } from './errors/plain.ts';
import { refusal } from './limits/limits.ts';

/**
 * Refuses a subscription over HTTP whose client takes no event stream before it is begun: Yoga would begin it, and then answer
 * 406 without a body and leave it running.
 * @param path where one request is one operation
 */
export function refuseUnacceptedSubscriptions(path: string): Plugin<OperationCaller> {
  const refused = new WeakSet<Request>();
  return {
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      const { request } = contextValue;
      if (request === undefined || takesEvents(request.headers.get('accept') ?? undefined)) return;
      if (new URL(request.url).pathname !== path) return;
      refused.add(request);
      setResultAndStopExecution({ errors: [needsEvents()] });
    },
    onResultProcess({ request, setResultProcessor }) {
      if (!refused.has(request)) return;
      setResultProcessor((_result, { Response }) => {
        const body = JSON.stringify({ errors: [plainError(needsEvents())] });
        return new Response(body, { status: 406, headers: { 'content-type': 'application/json; charset=utf-8' } });
      }, 'application/json');
    },
  };
}

const needsEvents = () =>
  refusal(
    'A subscription is answered with an event stream: ask for it with `Accept: text/event-stream`, or over a WebSocket (graphql-transport-ws) on the same path.',
    { code: 'NOT_ACCEPTABLE' },
  );
