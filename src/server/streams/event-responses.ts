import type { ServerResponse } from 'node:http';
import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import { isAbort } from '../../runtime/abort.ts';
import type { ResumePoint } from '../../schema/core/context.ts';
import type { Caller } from '../graphql/context.ts';
import { enveloped, type Yoga } from '../graphql/enveloped.ts';
import type { Failures } from '../graphql/errors/failures.ts';
import type { AnswerEvents } from '../http/answers.ts';
import { wasCutUnread } from '../http/unread-output.ts';
import { noteEnd } from '../telemetry/subscribed.ts';
import { createHeartbeat } from './heartbeat.ts';
import { completeFrame, eventHeaders, nextFrame, openingFrame } from './sse-frame.ts';
import { type SubscriptionParams, subscriptionParams } from './subscription-params.ts';

export type EventResponseOptions = {
  readonly yoga: Yoga;
  readonly failures: Failures;
  /** ms between two comments on a stream */
  readonly heartbeatMs: number;
};

type Streamed = { readonly events: AsyncIterator<ExecutionResult>; readonly resume: ResumePoint };

type Started = { readonly outcome: ExecutionResult } | Streamed;

/**
 * Answers subscriptions over server-sent events, in the "distinct connections" way of graphql-sse: with an `id:` on each event
 * that has a resume point, a `retry:` that spreads reconnects, and a heartbeat. Written past Yoga's Response, which is a third
 * of what a subscriber costs. Whatever does not become a stream is Yoga's to answer.
 */
export function createEventResponses({ yoga, failures, heartbeatMs }: EventResponseOptions): AnswerEvents {
  const heartbeat = createHeartbeat(heartbeatMs);

  return async (request, response, { caller, body }) => {
    const params = subscriptionParams(request, body);
    const started = params === null ? null : await start(caller, params);
    if (started === null) return { caller };
    if ('outcome' in started) return { caller, outcome: started.outcome };
    send(response, caller, started).catch(() => response.destroy());
    return null;
  };

  /** @returns null: it is no subscription, or one that is refused before it is executed */
  async function start(caller: Caller, params: SubscriptionParams): Promise<Started | null> {
    const { prepare, subscribe } = enveloped(yoga, failures, { caller, transport: 'sse' });
    const prepared = await prepare(params);
    // what is wrong with a document is said in Yoga's words
    if ('errors' in prepared) return prepared.isFailure ? { outcome: { errors: prepared.errors } } : null;
    const { args } = prepared;
    if (getOperationAST(args.document, args.operationName)?.operation !== 'subscription') return null;
    const result = await subscribe(args);
    if (!isAsyncIterable(result)) return { outcome: result };
    return { events: result, resume: args.contextValue.resume };
  }

  /** The next event is asked for once the socket has taken the last one, so a slow client holds up nobody. */
  async function send(response: ServerResponse, caller: Caller, { events, resume }: Streamed): Promise<void> {
    const leave = (): void => {
      heartbeat.remove(response);
      if (wasCutUnread(response.req.socket)) noteEnd(caller.operation, 'limit');
      events.return?.()?.catch(() => {});
    };
    if (response.destroyed) return leave();
    response.on('close', leave);
    // as single headers, for whoever looks for event streams among the responses
    for (const [name, value] of Object.entries(eventHeaders)) response.setHeader(name, value);
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
      const { bytes, isLast } = nextFrame(result, resume.sequence, (one) => failures.textOf(one, caller));
      if (!response.write(bytes)) await drained(response);
      if (response.destroyed) return;
      if (isLast) break;
    }
    // nothing is left of them, but where one could not be written
    events.return?.()?.catch(() => {});
    heartbeat.remove(response);
    response.end(completeFrame);
  }

  async function next(events: AsyncIterator<ExecutionResult>): Promise<ExecutionResult | null> {
    try {
      const { done, value } = await events.next();
      return done === true ? null : value;
    } catch (error) {
      if (isAbort(error)) throw error;
      // whatever was thrown stands in the place of an error
      return { errors: [error as GraphQLError] };
    }
  }
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
