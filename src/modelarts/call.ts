import type { QueryValue } from './path.ts';
import type { TransportResponse } from './transport.ts';

/** One documented REST call. */
export type Call = {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly service: 'modelarts' | 'iam';
  /** percent-encoded path, without query */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  /** a POST that leaves nothing behind (issuing a token): a lost answer is an ordinary failure, not an unknown outcome */
  readonly isSafe?: boolean;
  /** the answer must not be older than the question: neither kept from before nor shared with an earlier read */
  readonly isFresh?: boolean | undefined;
};

export type Answer = {
  readonly status: number;
  readonly headers: TransportResponse['headers'];
  /** decoded JSON; null for an empty body (204) */
  readonly body: unknown;
  /** length of the body as it came */
  readonly bytes: number;
};
