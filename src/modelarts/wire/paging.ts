import { UpstreamUnavailableError } from './errors.ts';
import type { Page } from './operation.ts';

/** A list the upstream hands out by record offset and limit. The order of its items is taken as fixed: sort by a key that does not change. */
export type PageSource<T> = {
  /** @param isFresh pages kept from before do not fit together */
  fetch(offset: number, limit: number, isFresh: boolean): Promise<Page<T>>;
  /** page sizes the upstream takes, ascending: `[10, 20, 50]`, or `[200]` */
  readonly limits: readonly number[];
  id(item: T): string;
};

export type Row<T> = {
  readonly item: T;
  readonly id: string;
  /** record offset when it was read; the list may have moved since */
  readonly offset: number;
};

/** Neighbouring items in the upstream's order, each once. Whatever was in the list all through the reading and belongs between two of them is among them. */
export type RowRange<T> = {
  readonly rows: readonly Row<T>[];
  /** record offset of the first row */
  readonly offset: number;
  /** nothing comes behind the last row */
  readonly isEnd: boolean;
  /** the upstream's own count, which may be wrong */
  readonly total: number | null;
};

export type ItemRange<T> = {
  readonly items: readonly T[];
  /** record offset of the first item */
  readonly offset: number;
  /** nothing comes behind the last item */
  readonly isEnd: boolean;
  /** the upstream's own count, which may be wrong */
  readonly total: number | null;
};

/**
 * In records. `spare`: this many more are welcome, but not worth another call. `isTotalTrusted`: a full page that reaches
 * the upstream's own count ends the list, without another call to see that nothing follows.
 */
export type ListWindow = {
  readonly offset: number;
  readonly count: number;
  readonly spare?: number;
  readonly isTotalTrusted?: boolean;
};

/** Longest list read whole, in items. */
export const maxItemsRead = 2000;

const maxPagesAtOnce = 4;
const maxBridges = 4;
const maxFruitlessPages = 4;
const maxAttempts = 5;

/**
 * The items [offset, offset + count) as the upstream orders them, from as many pages as it takes.
 * @throws UpstreamUnavailableError the list kept changing too fast to be read without a hole
 */
export async function readItems<T>(source: PageSource<T>, window: ListWindow): Promise<ItemRange<T>> {
  const { rows, offset, isEnd, total } = await readRange(source, window);
  const items = rows.slice(0, window.count).map((row) => row.item);
  return { items, offset, isEnd: isEnd && items.length === rows.length, total };
}

/**
 * The whole list.
 * @param options.maxItems where reading stops; `isEnd` is false when there is more
 * @throws UpstreamUnavailableError the list kept changing too fast to be read without a hole
 */
export const readAllItems = <T>(
  source: PageSource<T>,
  options: { readonly maxItems?: number; readonly isTotalTrusted?: boolean } = {},
): Promise<ItemRange<T>> =>
  readItems(source, {
    offset: 0,
    count: options.maxItems ?? maxItemsRead,
    isTotalTrusted: options.isTotalTrusted ?? false,
  });

/** The page size for a window: the smallest that covers it, else the largest. */
export const limitFor = (limits: readonly number[], count: number): number =>
  limits.find((limit) => limit >= count) ?? limits.at(-1) ?? count;

/**
 * Like `gather`, but keeps what came along beyond the window, and where each item was.
 * @throws UpstreamUnavailableError the list kept changing too fast to be read without a hole
 */
export async function readRange<T>(source: PageSource<T>, window: ListWindow): Promise<RowRange<T>> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const reading = new Reading(source, window, attempt > 0);
    if (await reading.run()) return reading.rowRange();
  }
  throw new UpstreamUnavailableError('The list kept changing while it was read; ask again.', { retryable: true });
}

type PageRows<T> = {
  readonly rows: readonly Row<T>[];
  readonly offset: number;
  readonly received: number;
  readonly total: number | null;
};

/**
 * One pass over the pages of a window. Pages overlap by one record: an item they share proves that nothing fell between
 * them when the list moved. A page that shares none is bridged by reading further left.
 */
class Reading<T> {
  readonly #source: PageSource<T>;
  readonly #window: ListWindow;
  readonly #isFresh: boolean;
  readonly #limit: number;
  /** of all pages but the latest: a list of one page needs none of them */
  readonly #seenIds = new Set<string>();
  #latest: readonly Row<T>[] = [];
  /** may hold an item twice, as the upstream's pages do */
  #rows: readonly Row<T>[] = [];
  /** each item once; null: not worked out since the last page came */
  #once: readonly Row<T>[] | null = null;
  /** records the upstream gives in one page: the limit asked for, or less when it caps pages silently */
  #size: number;
  #largest = 0;
  #next: number;
  #total: number | null = null;
  #isEnd = false;
  #fruitless = 0;
  #hasUnreadable = false;

  constructor(source: PageSource<T>, window: ListWindow, isFresh: boolean) {
    this.#source = source;
    this.#isFresh = isFresh;
    this.#window = window;
    this.#limit = limitFor(source.limits, Math.max(1, window.count + (window.spare ?? 0)));
    this.#size = this.#limit;
    this.#next = window.offset;
  }

  /** @returns false: there is a hole that could not be closed */
  async run(): Promise<boolean> {
    do {
      const pages = await Promise.all(this.#plan().map((offset) => this.#fetch(offset)));
      for (const page of pages) {
        if (this.#isEnd) break;
        if (this.#take(page)) continue;
        if (!(await this.#bridge(page.offset))) return false;
        break;
      }
      if (this.#fruitless >= maxFruitlessPages) return false;
    } while (!this.#isEnd && this.#unique().length < this.#window.count);
    return true;
  }

  rowRange(): RowRange<T> {
    return { rows: this.#unique(), offset: this.#window.offset, isEnd: this.#isEnd, total: this.#total };
  }

  #unique(): readonly Row<T>[] {
    if (this.#once !== null) return this.#once;
    const ids = new Set(this.#rows.map((row) => row.id));
    // a row comes after another of its id when the id has been taken out already
    this.#once = ids.size === this.#rows.length ? this.#rows : this.#rows.filter((row) => ids.delete(row.id));
    return this.#once;
  }

  /** The next page, and with it those `total` promises within the window; too high a total costs empty pages, never items. */
  #plan(): number[] {
    const until = Math.min(this.#window.offset + this.#window.count, this.#total ?? 0);
    const offsets = [this.#next];
    let last = this.#next;
    while (offsets.length < maxPagesAtOnce && last + this.#size < until) {
      last += Math.max(1, this.#size - 1);
      offsets.push(last);
    }
    return offsets;
  }

  async #fetch(offset: number): Promise<PageRows<T>> {
    const { items, received, total } = await this.#source.fetch(offset, this.#limit, this.#isFresh);
    const rows = items.map((item, index) => ({ item, id: this.#source.id(item), offset: offset + index }));
    return { rows, offset, received, total };
  }

  /** Puts the page behind what is there. @returns false: they have nothing in common, so items may be missing between them */
  #take(page: PageRows<T>): boolean {
    const seam = this.#seam(page);
    if (seam === null) return false;
    // What was read behind the seam and is not in this page was deleted, or pushed behind it and comes again.
    this.#rows =
      this.#rows.length === 0 ? page.rows : [...this.#rows.slice(0, seam.kept), ...page.rows.slice(seam.from)];
    this.#once = null;
    for (const row of this.#latest) this.#seenIds.add(row.id);
    this.#latest = page.rows;
    const hasNews = page.rows.some((row) => !this.#seenIds.has(row.id));
    this.#fruitless = hasNews ? 0 : this.#fruitless + 1;
    this.#hasUnreadable = page.received > page.rows.length;
    this.#total = page.total;
    this.#largest = Math.max(this.#largest, page.received);
    const isFull = page.received >= this.#size && page.received <= this.#limit;
    if (!isFull) {
      const promisesMore = page.total !== null && page.total > page.offset + page.received;
      this.#isEnd = !(promisesMore && hasNews);
      // not 1: such pages could not overlap
      this.#size = Math.max(2, this.#largest);
    } else if (this.#window.isTotalTrusted && page.total !== null && page.total <= page.offset + page.received) {
      this.#isEnd = true;
    }
    this.#next = page.offset + page.received - (this.#limit > 1 ? 1 : 0);
    return true;
  }

  #seam(page: PageRows<T>): { kept: number; from: number } | null {
    const kept = this.#rows.length;
    // pages of one record cannot overlap
    if (kept === 0 || this.#limit === 1) return { kept, from: 0 };
    const firstAt = new Map<string, number>();
    for (const [index, row] of page.rows.entries()) if (!firstAt.has(row.id)) firstAt.set(row.id, index);
    const last = this.#rows.findLastIndex((row) => firstAt.has(row.id));
    const at = firstAt.get(this.#rows[last]?.id ?? '');
    if (at !== undefined) return { kept: last + 1, from: at + 1 };
    // the shared record may be one that neither page could read
    const isUnreadable = this.#hasUnreadable && page.received > page.rows.length;
    return isUnreadable ? { kept, from: 0 } : null;
  }

  async #bridge(offset: number): Promise<boolean> {
    const step = Math.max(1, Math.floor(this.#size / 2));
    for (let attempt = 1; attempt <= maxBridges && offset - (attempt - 1) * step > 0; attempt++) {
      if (this.#take(await this.#fetch(Math.max(0, offset - attempt * step)))) return true;
    }
    return false;
  }
}
