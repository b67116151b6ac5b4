import type { GraphQLField } from 'graphql';

/** What a field is asked for with, as far as its cost depends on it. */
export type CostedField = {
  /** names of the fields selected under it */
  readonly selected: ReadonlySet<string>;
  /** items of the page: `first`, `last` or the default */
  readonly pageSize: number;
  /** distinct values of the argument `ids` */
  readonly ids: number;
};

/** In upstream REST calls. */
export type Cost = {
  readonly calls: number;
  /** how often what is selected under the field is resolved; 1 when left out */
  readonly rows?: number;
  /** fields of this name share the calls: all on one object, or all of the operation */
  readonly shared?: { readonly name: string; readonly by: 'object' | 'operation' };
};

/**
 * What a field costs upstream at most in the ordinary course of things: retries and lists that move meanwhile not counted.
 * It stands beside the resolver: `extensions: { cost: once(1) }`.
 */
export type CostOf = (field: CostedField) => Cost;

declare module 'graphql' {
  // the names of the type parameters are graphql's own
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    readonly cost?: CostOf;
  }
}

/** So many calls each time. */
export const once =
  (calls: number): CostOf =>
  () => ({ calls });

/** A call only where ModelArts leaves out what it usually says. */
export const seldom: CostOf = () => ({ calls: 0 });

/** The read of a payload: it comes instead of the one that explains a conflict, and is counted with the change. */
export const ofTheChange: CostOf = () => ({ calls: 0 });

/** A list that is paged upstream: what is before or behind the page can cost one more call. */
export const paged =
  (limit: number): CostOf =>
  ({ pageSize }) => ({ calls: 1 + Math.ceil(pageSize / limit), rows: pageSize });

/** A list that comes whole. */
export const whole: CostOf = ({ pageSize }) => ({ calls: 1, rows: pageSize });

/** Calls that all fields of the same `name` share, on one object or in the whole operation. */
export const sharedCall =
  (name: string, by: 'object' | 'operation'): CostOf =>
  () => ({ calls: 1, shared: { name, by } });

/** No call while no more than fields of these names are selected. */
export const beyond =
  (names: readonly string[], cost: CostOf): CostOf =>
  (field) =>
    isWithin(field.selected, names) ? { calls: 0 } : cost(field);

const isWithin = (selected: ReadonlySet<string>, names: readonly string[]): boolean =>
  [...selected].every((name) => name === '__typename' || names.includes(name));

/** Root fields cost one read, a change also the read that explains a conflict, a subscription the poll beside it. */
const rootCalls: ReadonlyMap<string, number> = new Map([
  ['Query', 1],
  ['Mutation', 2],
  ['Subscription', 2],
]);

/** By the field's own `cost`, else by the type it is on. */
export const costOf = (
  { extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>,
  typename: string,
  field: CostedField,
): Cost => extensions.cost?.(field) ?? { calls: rootCalls.get(typename) ?? 0 };
