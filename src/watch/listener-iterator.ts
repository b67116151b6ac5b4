import type { ListenerQueue } from './listener-queue.ts';
import type { WatchEvent } from './watch-event.ts';

/** The reading end of a listener. `return()` ends it at once, also while a `next()` is pending. */
export class ListenerIterator<Item> implements AsyncIterableIterator<WatchEvent<Item>> {
  readonly #queue: ListenerQueue<Item>;
  readonly #leave: () => void;

  /** @param leave called when reading is over, for whatever reason; more than once does no harm */
  constructor(queue: ListenerQueue<Item>, leave: () => void) {
    this.#queue = queue;
    this.#leave = leave;
  }

  async next(): Promise<IteratorResult<WatchEvent<Item>, undefined>> {
    try {
      const result = await this.#queue.next();
      if (result.done) this.#leave();
      return result;
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<WatchEvent<Item>, undefined>> {
    this.#leave();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
