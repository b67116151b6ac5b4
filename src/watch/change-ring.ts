import type { Change } from './watch-event.ts';

type Entry<Item> = { readonly id: string; readonly change: Change<Item> };

/** The newest changes of a watch, numbered from 1 without gaps. */
export class ChangeRing<Item> {
  readonly #entries: Entry<Item>[] = [];
  readonly #size: number;
  #last = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Number of the newest change, 0 before the first. */
  get last(): number {
    return this.#last;
  }

  push(id: string, change: Change<Item>): void {
    this.#last += 1;
    this.#entries[this.#last % this.#size] = { id, change };
  }

  /**
   * Changes behind number `since`, oldest first; of one item when `id` is given.
   * @returns null when some of them are gone, or were never here
   */
  after(since: number, id: string | undefined): Change<Item>[] | null {
    if (since > this.#last || since < this.#last - this.#size) return null;
    const changes: Change<Item>[] = [];
    for (let number = since + 1; number <= this.#last; number += 1) {
      const entry = this.#entries[number % this.#size];
      if (entry !== undefined && (id === undefined || entry.id === id)) changes.push(entry.change);
    }
    return changes;
  }
}
