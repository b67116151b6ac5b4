import { execute, subscribe } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Context } from '../../schema/core/context.ts';
import { schema } from '../../schema/index.ts';
import type { ClientRates } from '../rates/client-rates.ts';
import { limitSubscriptions } from '../rates/subscription-plugin.ts';
import { type EventStreamOptions, eventStreams } from '../streams/event-stream.ts';
import { singleEvents } from '../streams/single-event.ts';
import type { Operations } from '../telemetry/operations.ts';
import { endAbandonedEvents } from './abandoned-events.ts';
import { type Caller, type ContextParts, createContext, type OperationCaller } from './context.ts';
import type { DocumentStore } from './document-store.ts';
import type { Yoga } from './enveloped.ts';
import { completeErrors } from './errors/extensions.ts';
import type { Failures } from './errors/failures.ts';
import { refuseIntrospection } from './introspection.ts';
import { keepDocuments } from './known-documents.ts';
import { type LimitOptions, limitOperations } from './limits/plugin.ts';
import { limitResponses } from './limits/response-size.ts';
import { readFreshInMutations } from './mutation-reads.ts';
import { refusePersistedQueries } from './persisted-query.ts';
import { writeInTurns } from './result-text.ts';
import { refuseUnacceptedSubscriptions } from './subscription-accept.ts';

/** Path of graphql-sse's single-connection mode. */
export const streamPath = (graphqlPath: string): string => `${graphqlPath}/stream`;

export type YogaOptions = ContextParts &
  LimitOptions &
  Pick<EventStreamOptions, 'streamReservationMs'> & {
    readonly operations: Operations;
    readonly clientRates: ClientRates;
    readonly documents: DocumentStore;
    /** whom a document counts against that this caller sent first */
    readonly ownerOf: (caller: Caller) => string;
    readonly failures: Failures;
    readonly maskError: (error: unknown) => Error;
    /** on execute and subscribe: behind those that refuse an operation, before those that write results */
    readonly lanePlugins: readonly Plugin<Context & OperationCaller>[];
    readonly graphqlPath: string;
    readonly isIntrospectionOn: boolean;
    /** more plugins of Envelop and Yoga, behind the gateway's own */
    readonly plugins?: readonly Plugin[] | undefined;
  };

/** GraphQL execution around the schema; the same plugins serve HTTP, SSE and WebSocket. */
export const createGraphql = (options: YogaOptions): Yoga =>
  createYoga<OperationCaller, Context>({
    schema,
    graphqlEndpoint: options.graphqlPath,
    plugins: [
      // Yoga's own executor takes any object with a field named `then` for a promise
      executeAsGraphqlJs,
      keepDocuments(options.documents, options.ownerOf),
      completeErrors(),
      callerContext(options),
      options.operations.plugin,
      limitOperations(options),
      limitSubscriptions(options.clientRates),
      refusePersistedQueries(),
      refuseUnacceptedSubscriptions(options.graphqlPath),
      readFreshInMutations(),
      ...options.lanePlugins,
      endAbandonedEvents(),
      singleEvents(options.failures),
      limitResponses(options.failures),
      eventStreams({ ...options, path: streamPath(options.graphqlPath) }),
      ...(options.isIntrospectionOn ? [] : [refuseIntrospection()]),
      writeInTurns(),
      ...(options.plugins ?? []),
    ],
    maskedErrors: { maskError: options.maskError },
    // what is answered past Yoga has these headers too, so the server puts them on all there is
    cors: false,
    // bounded in entries, not in bytes, and it keeps the errors of each document that is not valid
    parserAndValidationCache: false,
    // the gateway serves its own page, health and errors
    graphiql: false,
    landingPage: false,
    multipart: false,
    logging: false,
    // bounded where it is read, before Yoga sees it
    maxRequestBodySize: false,
  });

const executeAsGraphqlJs: Plugin = {
  onExecute({ setExecuteFn }) {
    setExecuteFn(execute);
  },
  onSubscribe({ setSubscribeFn }) {
    setSubscribeFn(subscribe);
  },
};

/** What resolvers are given. A hook of its own: Yoga's `context` goes by way of promises. */
const callerContext = (options: YogaOptions): Plugin<OperationCaller & Partial<Context>> => ({
  onContextBuilding({ context: { caller }, extendContext }) {
    extendContext(createContext(options, caller, options.operations.of(caller)));
  },
});
