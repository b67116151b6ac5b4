import { type QueryValue, queryString } from './path.ts';

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
  /** a token in the body that the call asks about: refused, it is this one that is good for nothing */
  readonly askedAbout?: string | undefined;
};

/** Path and query: with the service, what tells one read from another. */
export const targetOf = ({ path, query }: Call): string => (query === undefined ? path : path + queryString(query));
