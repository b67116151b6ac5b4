import type { LazyAbortController } from '../../runtime/abort.ts';
import type { Caller } from '../graphql/context.ts';

/** An operation that runs on a WebSocket. */
export type SocketOperation = {
  readonly caller: Caller;
  /** aborts when the client completes the operation, or is gone */
  readonly signal: LazyAbortController;
  /** of the message that began it: clients may use an id again */
  readonly payload: object;
};

/** The operations of one WebSocket, by the ids its client gave them. */
export class SocketOperations {
  readonly #running = new Map<string, SocketOperation>();

  begin(id: string, operation: SocketOperation): void {
    this.#running.set(id, operation);
  }

  /** whose operation it is; null: it is over */
  callerOf(id: string): Caller | null {
    return this.#running.get(id)?.caller ?? null;
  }

  /** @param payload null: whichever has the id */
  end(id: string, payload: object | null): void {
    if (payload === null || this.#running.get(id)?.payload === payload) this.#running.delete(id);
  }

  /** The client wants no more of it: what it waits for ends. */
  abort(id: string): void {
    const operation = this.#running.get(id);
    this.#running.delete(id);
    operation?.signal.abort();
  }

  abortAll(): void {
    for (const id of [...this.#running.keys()]) this.abort(id);
  }
}

/**
 * What graphql-ws waits for when nobody does any more. It would tell what became of an operation whose client has completed it
 * to the next one of the same id, and end that; nothing refers to what waits for this, so it is collected.
 */
export const unheard = (): Promise<never> => new Promise(() => {});

type Reading = {
  readonly ready: () => Promise<void>;
  readonly isWanted: () => boolean;
  /** no more are asked for */
  readonly left: () => void;
};

/** The results of a subscription, each asked for when the client has read enough of those before, for as long as it wants them. */
export class WantedResults<T> implements AsyncIterableIterator<T, undefined> {
  readonly #results: AsyncIterator<T>;
  readonly #ready: () => Promise<void>;
  readonly #isWanted: () => boolean;
  readonly #left: () => void;

  constructor(results: AsyncIterable<T>, { ready, isWanted, left }: Reading) {
    this.#results = results[Symbol.asyncIterator]();
    this.#ready = ready;
    this.#isWanted = isWanted;
    this.#left = left;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    await this.#ready();
    try {
      const { done, value } = await this.#results.next();
      if (!this.#isWanted()) return unheard();
      return done === true ? { done, value: undefined } : { done: false, value };
    } catch (error) {
      if (!this.#isWanted()) return unheard();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#left();
    await this.#results.return?.();
    return { done: true, value: undefined };
  }

  /** graphql-ws ends those alone that have it. */
  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
