import type { ListenerQueue } from './listener-queue.ts';
import type { WatchEvent } from './watch-event.ts';

/**
 * The reading end of a listener. `return()` ends it at once, also while a `next()` is pending.
 * @param leave called when reading is over, for whatever reason; more than once does no harm
 */
export function iterate<Item>(queue: ListenerQueue<Item>, leave: () => void): AsyncIterableIterator<WatchEvent<Item>> {
  return {
    async next() {
      try {
        const result = await queue.next();
        if (result.done) leave();
        return result;
      } catch (error) {
        leave();
        throw error;
      }
    },
    async return() {
      leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
