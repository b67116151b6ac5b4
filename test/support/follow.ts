import type { TestBed } from './gateway.ts';
import { type SubscriptionOptions, sse } from './subscription.ts';

export type Follower = {
  /** The next event's field; rejects when the subscription has ended, or with the errors of the event. */
  // biome-ignore lint/suspicious/noExplicitAny: events are read by path in tests
  next(): Promise<any>;
  /** Reads on to the first event that fits. */
  // biome-ignore lint/suspicious/noExplicitAny: events are read by path in tests
  until(fits: (event: any) => boolean): Promise<any>;
  /** Whatever comes until the subscription ends. */
  // biome-ignore lint/suspicious/noExplicitAny: events are read by path in tests
  rest(): Promise<any[]>;
  /** Events that come within so many ms; the one after them is not lost. */
  // biome-ignore lint/suspicious/noExplicitAny: events are read by path in tests
  within(durationMs: number): Promise<any[]>;
  leave(): Promise<void>;
};

/** A subscription with one field, read event by event over server-sent events. */
export function follow(
  bed: TestBed,
  query: string,
  variables: Record<string, unknown> = {},
  options: Pick<SubscriptionOptions, 'token'> = {},
): Follower {
  const leaving = new AbortController();
  const events = sse(bed, query, { ...options, variables, signal: leaving.signal });
  let pending: ReturnType<typeof events.next> | null = null;
  const read = () => {
    pending ??= events.next();
    return pending;
  };
  const take = async () => {
    const result = await read();
    pending = null;
    return result;
  };
  const fieldOf = (event: { data?: Record<string, unknown> | null; errors?: unknown[] }) => {
    if (event.errors !== undefined) throw new Error(JSON.stringify(event.errors));
    return Object.values(event.data ?? {})[0];
  };
  const next = async () => {
    const { done, value } = await take();
    if (done === true) throw new Error('the subscription has ended');
    return fieldOf(value);
  };
  return {
    next,
    async until(fits) {
      for (;;) {
        const event = await next();
        if (fits(event)) return event;
      }
    },
    async rest() {
      const all = [];
      for (let result = await take(); result.done !== true; result = await take()) all.push(fieldOf(result.value));
      return all;
    },
    async within(durationMs) {
      const all = [];
      const over = new Promise<'over'>((resolve) => setTimeout(resolve, durationMs, 'over'));
      for (;;) {
        const result = await Promise.race([read(), over]);
        if (result === 'over') return all;
        pending = null;
        if (result.done === true) return all;
        all.push(fieldOf(result.value));
      }
    },
    async leave() {
      leaving.abort();
      await (pending ?? events.return(undefined));
    },
  };
}

/** How often an operation was called upstream. */
export const callsOf = (bed: TestBed, operationId: string, from = 0): number =>
  bed.exchanges.slice(from).filter((exchange) => exchange.operationId === operationId).length;
