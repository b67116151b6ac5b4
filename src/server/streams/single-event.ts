import { isAsyncIterable, type Plugin, processRegularResult } from 'graphql-yoga';
import type { Caller, OperationCaller } from '../graphql/context.ts';
import type { Failures } from '../graphql/errors/failures.ts';
import { takesEvents, takesJson } from '../http/media-type.ts';
import { comment, completeFrame, eventHeaders, nextFrame, openingFrame } from './sse-frame.ts';

/**
 * One result for a client that takes events and no JSON (a query's, or why a subscription was refused): a stream that is over
 * at once. Subscriptions are never executed here; `event-responses` writes theirs.
 */
export function singleEvents(failures: Failures): Plugin<OperationCaller, OperationCaller> {
  /** what is refused before it is begun has the status of its refusal */
  const begun = new WeakSet<Caller>();
  return {
    onParams({ context: { outcome }, setResult }) {
      if (outcome !== undefined) setResult(outcome);
    },
    onExecute({ args: { contextValue } }) {
      // of no other query: V8 keeps what is in a WeakSet, and all it refers to, until the next full collection
      const { request } = contextValue;
      if (request !== undefined && isForEvents(request)) begun.add(contextValue.caller);
    },
    onSubscribe({ args: { contextValue } }) {
      begun.add(contextValue.caller);
    },
    onResultProcess({ request, result, serverContext: { caller }, setResultProcessor }) {
      if (isAsyncIterable(result) || Array.isArray(result) || !isForEvents(request)) return;
      setResultProcessor(async (_result, fetchAPI) => {
        if (begun.has(caller)) {
          const { bytes } = nextFrame(result, null, (one) => failures.textOf(one, caller));
          return new fetchAPI.Response(`${openingFrame()}${bytes}${completeFrame}`, {
            // Response adds to what it is given
            headers: { ...eventHeaders },
          });
        }
        const told = processRegularResult(result, fetchAPI, 'application/json');
        const headers = new fetchAPI.Headers(told.headers);
        // that of its JSON
        headers.delete('content-length');
        for (const [name, value] of Object.entries(refusalHeaders)) headers.set(name, value);
        const text = await told.text();
        return new fetchAPI.Response(`${comment}event: next\ndata: ${text}\n\n${completeFrame}`, {
          status: told.status,
          headers,
        });
      }, 'text/event-stream');
    },
  };
}

const refusalHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'content-encoding': 'none',
};

/** Some clients (urql) send the same list with queries and subscriptions. */
function isForEvents({ headers }: Request): boolean {
  const accept = headers.get('accept') ?? undefined;
  return takesEvents(accept) && !takesJson(accept);
}
