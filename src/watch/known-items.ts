import { randomBytes } from 'node:crypto';
import { ChangeRing } from './change-ring.ts';
import type { Change, Snapshot } from './watch-event.ts';

/** Of single items, between two changes. */
const maxSnapshots = 256;

/**
 * What one watch last knew of each item, and the changes that led there.
 * An item nobody is interested in any more stays as it was last seen, so that the next poll of it yields the change.
 */
export class KnownItems<Item> {
  readonly #items = new Map<string, Item>();
  readonly #ring: ChangeRing<Item>;
  /** tells this life of the watch from earlier ones and from other replicas, whose numbers mean something else */
  readonly #epoch = randomBytes(6).toString('hex');
  #all: readonly Item[] | null = null;
  /** the newest snapshot by what it is of, until something changes */
  readonly #snapshots = new Map<string | undefined, Snapshot<Item>>();

  constructor(ringSize: number) {
    this.#ring = new ChangeRing(ringSize);
  }

  get ids(): Iterable<string> {
    return this.#items.keys();
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  some(test: (item: Item) => boolean): boolean {
    for (const item of this.#items.values()) if (test(item)) return true;
    return false;
  }

  /** @returns the change, null when the item is as it was; even then the newer object is kept, `isEqual` may ignore parts */
  set(id: string, item: Item, seen: { observedAt: number; isEqual(a: Item, b: Item): boolean }): Change<Item> | null {
    const previous = this.#items.get(id);
    this.#items.set(id, item);
    this.#forgetSnapshots();
    if (previous !== undefined && seen.isEqual(previous, item)) return null;
    const position = { observedAt: seen.observedAt, sequence: this.#sequence(this.#ring.last + 1) };
    const change: Change<Item> =
      previous === undefined
        ? { kind: 'ADDED', item, previous: null, ...position }
        : { kind: 'MODIFIED', item, previous, ...position };
    this.#ring.push(id, change);
    return change;
  }

  /** @returns null when the item was not known */
  remove(id: string, observedAt: number): Change<Item> | null {
    const previous = this.#items.get(id);
    if (previous === undefined) return null;
    this.#items.delete(id);
    this.#forgetSnapshots();
    const sequence = this.#sequence(this.#ring.last + 1);
    const change: Change<Item> = { kind: 'REMOVED', previous, observedAt, sequence };
    this.#ring.push(id, change);
    return change;
  }

  /** The state after the newest change; of one item when `id` is given. One object for all who join at the same time. */
  snapshot(id: string | undefined, options: { observedAt: number; isReset: boolean }): Snapshot<Item> {
    const { observedAt, isReset } = options;
    const known = this.#snapshots.get(id);
    if (known?.observedAt === observedAt && (known.isReset === true) === isReset) return known;
    const sequence = this.#sequence(this.#ring.last);
    const items = id === undefined ? this.#everything() : this.#only(id);
    const snapshot: Snapshot<Item> = { kind: 'SNAPSHOT', items, observedAt, sequence, ...(isReset && { isReset }) };
    // ids are what listeners ask for, and need not exist
    if (this.#snapshots.size >= maxSnapshots) this.#snapshots.clear();
    this.#snapshots.set(id, snapshot);
    return snapshot;
  }

  /** @returns the changes behind a resume point; null when it is of another life of the watch, too old, or made up */
  replay(since: string, id: string | undefined): Change<Item>[] | null {
    const [epoch, number] = since.split('-', 2);
    if (epoch !== this.#epoch || number === undefined || !/^\d{1,15}$/.test(number)) return null;
    return this.#ring.after(Number(number), id);
  }

  #forgetSnapshots(): void {
    this.#all = null;
    this.#snapshots.clear();
  }

  #sequence(number: number): string {
    return `${this.#epoch}-${number}`;
  }

  /** One array for all listeners that join between two changes. */
  #everything(): readonly Item[] {
    this.#all ??= [...this.#items.values()];
    return this.#all;
  }

  #only(id: string): readonly Item[] {
    const item = this.#items.get(id);
    return item === undefined ? [] : [item];
  }
}
