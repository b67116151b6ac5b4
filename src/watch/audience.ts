import type { ListenerQueue } from './listener-queue.ts';
import type { Change, Reachability } from './watch-event.ts';

/** One reader of a watch. */
export type Listener<Item> = {
  /** the one item it listens to; undefined = all */
  readonly id: string | undefined;
  readonly queue: ListenerQueue<Item>;
  /** its resume point; undefined: it has none, or it could not be honoured */
  readonly since: string | undefined;
  /** its resume point could not be honoured */
  readonly isReset: boolean;
  /** null: it has its state and hears of changes; else the first poll whose answer may give it its state */
  awaitedPoll: number | null;
  /** the first poll that starts after it began to listen */
  readonly ownPoll: number;
  /** it would end at this state of its item, undefined: it is not there; so that is not to be one from before it began */
  endsAt(item: Item | undefined): boolean;
  /** Ends it from the watch's side, releasing all it holds. */
  leave(): void;
};

/** The listeners of one watch, found by the item they want: a change costs only those it concerns, an unchanged poll none. */
export class Audience<Item> {
  readonly #listeners = new Set<Listener<Item>>();
  readonly #ofAll = new Set<Listener<Item>>();
  readonly #byId = new Map<string, Set<Listener<Item>>>();
  readonly #waiting = new Set<Listener<Item>>();

  get size(): number {
    return this.#listeners.size;
  }

  get everyone(): Iterable<Listener<Item>> {
    return this.#listeners;
  }

  /** Listeners without their first state. */
  get waiting(): ReadonlySet<Listener<Item>> {
    return this.#waiting;
  }

  /** Ids somebody wants, null = all. A copy. */
  interest(): ReadonlySet<string> | null {
    return this.#ofAll.size > 0 ? null : new Set(this.#byId.keys());
  }

  wants(id: string): boolean {
    return this.#ofAll.size > 0 || this.#byId.has(id);
  }

  join(listener: Listener<Item>): void {
    this.#listeners.add(listener);
    if (listener.awaitedPoll !== null) this.#waiting.add(listener);
    if (listener.id === undefined) {
      this.#ofAll.add(listener);
      return;
    }
    const sameId = this.#byId.get(listener.id);
    if (sameId === undefined) this.#byId.set(listener.id, new Set([listener]));
    else sameId.add(listener);
  }

  /** @returns false when it had left before */
  leave(listener: Listener<Item>): boolean {
    this.#waiting.delete(listener);
    this.#ofAll.delete(listener);
    if (listener.id !== undefined) {
      const sameId = this.#byId.get(listener.id);
      sameId?.delete(listener);
      if (sameId?.size === 0) this.#byId.delete(listener.id);
    }
    return this.#listeners.delete(listener);
  }

  /** The listener has its state; changes reach it from now on. */
  settle(listener: Listener<Item>): void {
    listener.awaitedPoll = null;
    this.#waiting.delete(listener);
  }

  publish(id: string, change: Change<Item>): void {
    for (const listener of this.#ofAll) if (listener.awaitedPoll === null) listener.queue.push(change);
    for (const listener of this.#byId.get(id) ?? []) if (listener.awaitedPoll === null) listener.queue.push(change);
  }

  /** To everybody, also those who wait for their first state. */
  announce(event: Reachability): void {
    for (const listener of this.#listeners) listener.queue.push(event);
  }
}
