import type { PageSource } from '../../../src/modelarts/wire/paging.ts';

export type Item = { readonly id: string };

/** Positions are taken modulo the length of the list. */
export type Change = {
  readonly kind: 'delete' | 'insert';
  readonly position: number;
  readonly count: number;
};

/** A change right before an answer is put together. `call`: which one, from 0. */
export type TimedChange = Change & { readonly call: number };

export type MovingListOptions = {
  readonly limits: readonly number[];
  /** most records in a page, whatever is asked for */
  readonly cap?: number;
  /** what `total` says of a list of so many records */
  readonly total?: (length: number) => number | null;
  /** every record whose rank divides by this is listed twice in a row */
  readonly twiceEvery?: number;
  readonly isReadable?: (id: string) => boolean;
  readonly changes?: readonly TimedChange[];
};

export type MovingList = {
  readonly source: PageSource<Item>;
  /** the ids as they are now */
  ids(): readonly string[];
  change(change: Change): void;
  move(id: string, to: number): void;
  readonly deleted: ReadonlySet<string>;
  readonly calls: readonly { readonly offset: number; readonly limit: number }[];
  mostAtOnce(): number;
};

/** Ids are ranks: `0`, `1`, `2`; what is inserted gets a rank between its neighbours, so the right order can always be told. */
export const rankOf = (id: string): number => Number(id);

export const itemsOf = (length: number): string[] => Array.from({ length }, (_, index) => String(index));

/** An upstream list by offset and limit that changes while it is read. */
export function movingList(length: number, options: MovingListOptions): MovingList {
  const ids = itemsOf(length);
  const deleted = new Set<string>();
  const calls: { offset: number; limit: number }[] = [];
  const { cap = Number.POSITIVE_INFINITY, total = (records) => records, isReadable = () => true } = options;
  let running = 0;
  let mostAtOnce = 0;

  function change({ kind, position, count }: Change): void {
    if (kind === 'delete') {
      const at = ids.length === 0 ? 0 : position % ids.length;
      for (const id of ids.splice(at, count)) deleted.add(id);
      return;
    }
    const at = position % (ids.length + 1);
    const right = rankOf(ids[at] ?? String(rankOf(ids[at - 1] ?? '0') + 1));
    const left = rankOf(ids[at - 1] ?? String(right - 1));
    const added = Array.from({ length: count }, (_, index) =>
      String(left + ((right - left) * (index + 1)) / (count + 1)),
    );
    // halving a gap too often leaves no number in between; an id does not come back
    const ascending = [left, ...added.map(rankOf)];
    const isNew = added.every((id, index) => rankOf(id) > (ascending[index] ?? 0) && !deleted.has(id));
    if (isNew) {
      ids.splice(at, 0, ...added);
    }
  }

  return {
    source: {
      limits: options.limits,
      id: (item) => item.id,
      async fetch(offset, limit) {
        if (!options.limits.includes(limit)) throw new Error(`The limit ${limit} is not taken.`);
        for (const due of options.changes ?? []) if (due.call === calls.length) change(due);
        calls.push({ offset, limit });
        const { twiceEvery = 0 } = options;
        const records = ids.flatMap((id) => (twiceEvery > 0 && rankOf(id) % twiceEvery === 0 ? [id, id] : [id]));
        const page = records.slice(offset, offset + Math.min(limit, cap));
        running += 1;
        mostAtOnce = Math.max(mostAtOnce, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return {
          items: page.filter(isReadable).map((id) => ({ id })),
          received: page.length,
          total: total(records.length),
        };
      },
    },
    ids: () => ids,
    change,
    move: (id, to) => ids.splice(to, 0, ...ids.splice(ids.indexOf(id), 1)),
    deleted,
    calls,
    mostAtOnce: () => mostAtOnce,
  };
}
