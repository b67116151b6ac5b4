import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { RequestParams } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/fetch';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { OperationCaller } from './context.ts';
import { type Limits, tooManyOperations } from './limits.ts';
import { plainError } from './plain-error.ts';

type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

/**
 * graphql-sse on its own path: many operations on one event stream. Written here because Yoga's plugin answers a document
 * that cannot be parsed with a stack, and one that is refused without the code of the refusal.
 */
export function eventStreams(path: string, limits: Limits): Plugin<OperationCaller, OperationCaller> {
  const callers = new WeakMap<Request, OperationCaller>();
  /** how many subscriptions run on a stream, by its token */
  const running = new Map<string, number>();
  let handle: ((request: Request) => Promise<Response>) | null = null;

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
      endResponse(await handle(request));
    },
  };
}

/** The token of the event stream a request belongs to; null: it has a connection of its own. */
function streamOf(request: Request, path: string): string | null {
  const { pathname, searchParams } = new URL(request.url);
  return pathname === path ? (request.headers.get('x-graphql-event-stream-token') ?? searchParams.get('token')) : null;
}
