import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { Context, ResumePoint } from '../schema/context.ts';
import type { Caller, OperationCaller } from './context.ts';
import { createHeartbeat } from './heartbeat.ts';
import { completeFrame, nextFrame, openingFrame } from './sse-frame.ts';
import { type StreamParams, streamParams } from './stream-params.ts';
import type { Yoga } from './yoga.ts';

export type EventResponseOptions = { readonly yoga: Yoga; readonly maskError: (error: unknown) => Error };

/**
 * Answers a subscription asked over server-sent events, from its document to its last frame, without the Fetch objects of
 * Yoga: they are a third of what a subscriber costs. Whatever does not become a stream is Yoga's to answer.
 * @param body JSON of a POST; null: the request is a GET
 * @returns null when it is answered, or what Yoga is to be handed with the request
 */
export type EventResponses = (
  request: IncomingMessage,
  response: ServerResponse,
  asked: { readonly caller: Caller; readonly body: object | null },
) => Promise<OperationCaller | null>;

type Started =
  | { readonly outcome: NonNullable<OperationCaller['outcome']> }
  | { readonly events: AsyncIterator<ExecutionResult>; readonly resume: ResumePoint };

export function createEventResponses({ yoga, maskError }: EventResponseOptions): EventResponses {
  const heartbeat = createHeartbeat();

  return async (request, response, { caller, body }) => {
    const params = streamParams(request, body);
    const started = params === null ? null : await start(caller, params);
    if (started === null) return { caller };
    if ('outcome' in started) return { caller, outcome: started.outcome };
    send(response, started.events, started.resume).catch(() => response.destroy());
    return null;
  };

  /** @returns null: it is no subscription, or one that is refused before it is executed */
  async function start(caller: Caller, params: StreamParams): Promise<Started | null> {
    const { schema, parse, validate, contextFactory, subscribe } = yoga.getEnveloped({ caller, params });
    const { variables: variableValues, operationName } = params;
    let args: ExecutionArgs & { readonly contextValue: Context };
    try {
      const document = parse(params.query);
      if (getOperationAST(document, operationName)?.operation !== 'subscription') return null;
      if (validate(schema, document).length > 0) return null;
      args = { schema, document, contextValue: await contextFactory(), variableValues, operationName };
    } catch {
      return null;
    }
    try {
      const result: ExecutionResult | AsyncIterable<ExecutionResult> = await subscribe(args);
      if (!isAsyncIterable(result)) return { outcome: { result } };
      return { events: result[Symbol.asyncIterator](), resume: args.contextValue.resume };
    } catch (error) {
      return { outcome: { error } };
    }
  }

  /** The next event is asked for once the socket has taken the last one, so a slow client holds up nobody. */
  async function send(response: ServerResponse, events: AsyncIterator<ExecutionResult>, resume: ResumePoint) {
    const leave = (): void => {
      heartbeat.remove(response);
      events.return?.()?.catch(() => {});
    };
    if (response.destroyed) return leave();
    response.on('close', leave);
    // as single headers, for whoever looks for event streams among the responses
    for (const [name, value] of headers) response.setHeader(name, value);
    // headers written by themselves are kept as one string, and not as the dozens they were put together from
    response.cork();
    response.flushHeaders();
    response.write(openingFrame());
    response.uncork();
    heartbeat.add(response);
    for (;;) {
      const result = await next(events);
      if (response.destroyed) return;
      if (result === null) break;
      if (!response.write(nextFrame(result, resume.sequence))) await drained(response);
      if (response.destroyed) return;
    }
    heartbeat.remove(response);
    response.end(completeFrame);
  }

  async function next(events: AsyncIterator<ExecutionResult>): Promise<ExecutionResult | null> {
    try {
      const { done, value } = await events.next();
      return done === true ? null : value;
    } catch (error) {
      if (isAbort(error)) throw error;
      return { errors: [error instanceof GraphQLError ? error : (maskError(error) as GraphQLError)] };
    }
  }
}

const headers = [
  ['content-type', 'text/event-stream'],
  ['cache-control', 'no-cache'],
  ['connection', 'keep-alive'],
  ['x-accel-buffering', 'no'],
] as const;

/** The caller is gone, and nobody is left to be told. */
const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
