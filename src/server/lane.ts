import type { Plugin } from 'graphql-yoga';
import type { DestinationStream, Logger } from 'pino';
import type { StoreStats } from '../runtime/bounded-store.ts';
import type { Context } from '../schema/core/context.ts';
import type { OperationCaller, ReadTracker } from './graphql/context.ts';
import type { Yoga } from './graphql/enveloped.ts';
import type { Failures } from './graphql/errors/failures.ts';
import type { AnswerJson } from './http/answers.ts';
import { Incoming, type ReadBody, readStream } from './http/incoming.ts';
import { type Instruments, promInstruments } from './telemetry/instruments.ts';
import type { OperationListener } from './telemetry/operation.ts';
import { logOperations } from './telemetry/operation-log.ts';

/**
 * The places of a request's way where something can be put that is made by hand for speed. Whatever it is, it behaves as what
 * the libraries give: that is `plainLane`.
 */
export type Lane = {
  /** the class of requests; its instances are what `readBody` reads */
  readonly Request: typeof Incoming;
  readonly readBody: ReadBody;
  /** keeps track of what an operation reads; null: nobody makes use of it */
  readonly trackReads: (() => ReadTracker) | null;
  /** on execute and subscribe: behind those that refuse an operation, before those that write results */
  readonly plugins: readonly Plugin<Context & OperationCaller>[];
  /** a way to answer beside Yoga's HTTP layer; null: that answers everything */
  answerJson(yoga: Yoga, failures: Failures): AnswerJson | null;
  readonly instruments: Instruments;
  /** writes a line for each operation */
  logOperations(log: OperationLogOptions): OperationListener;
  /** Lets go of what is kept for a caller. @param caller `keyOf` of the client */
  forget(caller: string): void;
  /** stores it keeps beyond a request, by name */
  kept(): Readonly<Record<string, StoreStats>>;
  close(): void;
};

export type OperationLogOptions = {
  readonly log: Logger;
  readonly level: string;
  readonly destination: DestinationStream;
};

/** Node's streams, Envelop's hooks, Yoga's HTTP layer, graphql-js, prom-client and pino. */
export const plainLane: Lane = {
  Request: Incoming,
  readBody: readStream,
  trackReads: null,
  plugins: [],
  answerJson: () => null,
  instruments: promInstruments,
  logOperations: ({ log }) => logOperations(log),
  forget: () => {},
  kept: () => ({}),
  close: () => {},
};
