import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { OperationCaller } from './context.ts';
import { refusal } from './limits/limits.ts';

type Params = { readonly query?: unknown; readonly extensions?: unknown };

/**
 * Whether only the hash of a query is sent, as Apollo Client's persisted-query link does at first. Told that this is not
 * supported it sends the query, and hashes no more; told anything else it fails, for this query and all that follow.
 */
export function isHashOnly({ query, extensions }: Params): boolean {
  if (query !== undefined && query !== null && query !== '') return false;
  if (typeof extensions !== 'object' || extensions === null || !('persistedQuery' in extensions)) return false;
  const { persistedQuery } = extensions;
  return typeof persistedQuery === 'object' && persistedQuery !== null;
}

/** The request with a text to parse, so that it gets as far as being refused; null: it asks for more than a hash. */
export const withEmptyQuery = <T extends Params>(known: T): (T & { readonly query: '' }) | null =>
  isHashOnly(known) ? { ...known, query: '' } : null;

/** Message and code are those of Apollo's servers, by which its clients know it. */
const notSupported = (): GraphQLError =>
  refusal('PersistedQueryNotSupported', { code: 'PERSISTED_QUERY_NOT_SUPPORTED' });

/** Refuses them where documents are parsed, which every transport does; its place is behind all that parses. */
export const refusePersistedQueries = (): Plugin<OperationCaller> => ({
  onParams({ params, setParams }) {
    const known = withEmptyQuery(params);
    if (known !== null) setParams(known);
  },
  onParse({ context, setParseFn }) {
    // put there by every transport; Envelop knows of no context
    const { params } = context as { readonly params?: Params };
    if (params === undefined || !isHashOnly(params)) return;
    setParseFn(() => {
      throw notSupported();
    });
  },
});

/**
 * A message of graphql-transport-ws with a text to parse where it has only a hash, for graphql-ws closes the socket on
 * a subscribe message without one.
 */
export function withQueryText(message: string): string {
  if (!message.includes('"persistedQuery"')) return message;
  try {
    const { payload, ...rest } = JSON.parse(message);
    const known = withEmptyQuery(payload);
    return known === null ? message : JSON.stringify({ ...rest, payload: known });
  } catch {
    // for graphql-ws to refuse
    return message;
  }
}
