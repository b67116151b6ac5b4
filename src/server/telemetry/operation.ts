import type { CallReport, TraceCall } from '../../modelarts/client/client.ts';
import type { Opened } from '../rates/open-counts.ts';
import type { Subscribed } from './subscribed.ts';

/** One GraphQL operation, whichever transport it came in on. */
export type Operation = {
  readonly requestId: string;
  /** null: refused before it could be read */
  kind: 'query' | 'mutation' | 'subscription' | null;
  /** null: it has none */
  name: string | null;
  /** ms, as `performance.now()` */
  readonly startedAt: number;
  /** REST calls made for it alone; polls are shared and count for nobody */
  upstreamCalls: number;
  /** how those calls failed; null: none did */
  upstreamCodes: Set<string> | null;
  /** counts one of its calls */
  readonly onCall: (report: CallReport) => void;
  /** results of a subscription */
  events: number;
  /** running: from its first resolver on */
  phase: 'arrived' | 'running' | 'ended';
  /** what a subscription is counted under while it is open */
  opened: Opened | null;
  /** of a subscription whose client takes events */
  subscribed: Subscribed | null;
  /** null: nobody traces */
  readonly span: OperationSpan | null;
};

export type OperationEnd = {
  /** refused: before it ran */
  readonly outcome: 'ok' | 'error' | 'refused';
  /** it got as far as its first resolver */
  readonly isRun: boolean;
  readonly durationMs: number;
  /** of the top-level errors, each once */
  readonly codes: readonly string[];
};

export type OperationListener = {
  operationStarted(operation: Operation): void;
  /** A result of a subscription goes to its client. @param observedAt Unix ms when the gateway learned what it says; null: it says no such thing */
  eventSent?(operation: Operation, observedAt: number | null): void;
  operationEnded(operation: Operation, end: OperationEnd): void;
};

/** The span of an operation, where somebody traces. */
export type OperationSpan = {
  /** hexadecimal, for the log */
  readonly traceId: string;
  /** traces the upstream calls of the operation */
  readonly trace: TraceCall;
  end(operation: Operation, end: OperationEnd): void;
};
