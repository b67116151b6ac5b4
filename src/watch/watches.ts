import { type Clock, systemClock } from './clock.ts';
import { Pace } from './pace.ts';
import { type ListenOptions, Watch, type WatchSettings } from './watch.ts';
import type { WatchEvent } from './watch-event.ts';
import type { WatchSource } from './watch-source.ts';

export type WatchesOptions = {
  readonly clock?: Clock | undefined;
  /** [0, 1), for jitter */
  readonly random?: (() => number) | undefined;
  /** ms between polls while something listened to is in transition */
  readonly transitionalIntervalMs: number;
  /** ms between polls while nothing is */
  readonly settledIntervalMs: number;
  /** ms a watch without listeners stays warm; default 300 */
  readonly graceMs?: number | undefined;
  /** unread events per listener before they are collapsed; default 64 */
  readonly queueLimit?: number | undefined;
  /** changes kept for listeners that come back with a resume point; default 256 */
  readonly ringSize?: number | undefined;
  /** failed polls in a row until listeners hear UNREACHABLE; default 2 */
  readonly unreachableAfter?: number | undefined;
  /** what the watch of a key polls with: `end` ends all watches of one owner; default: the key */
  ownerOf?(key: string): string;
  /** trying again is pointless (an expired token): the error ends every listener of the key */
  isFatal(error: unknown): boolean;
  /** ms the upstream asked to be left alone; default never */
  retryAfterMs?(error: unknown): number | null;
  /** the poll failed without a call: asking again at the usual pace harms nobody; default never */
  isUnasked?(error: unknown): boolean;
};

export type WatchStats = {
  /** keys with a live watch, in grace or not */
  readonly watches: number;
  readonly listeners: number;
  /** polls started since creation */
  readonly polls: number;
  /** polls the listeners would have made on top, had each polled for itself */
  readonly pollsSaved: number;
  /** times a listener fell behind by `queueLimit` events */
  readonly lags: number;
  /** events that were not given to listeners who fell behind: newer ones took their place */
  readonly droppedEvents: number;
};

/**
 * Shared polling: per key one loop of polls and any number of listeners. A key stands for one view of the upstream
 * (endpoint, project, credentials, kind) and for one `Item` type.
 */
export type Watches = {
  /**
   * Starts to listen now, not at the first `next()`: whoever calls it reads to the end, calls `return()` or aborts the signal.
   * First a SNAPSHOT (or the changes behind `since`), then each change once and in order; UNREACHABLE and REACHABLE at any point.
   * `next()` rejects with the error that was fatal.
   * @param source asked for only when the key has no live watch
   * @throws Error after `close()`
   */
  listen<Item>(
    key: string,
    source: () => WatchSource<Item>,
    options?: ListenOptions<Item>,
  ): AsyncIterableIterator<WatchEvent<Item>>;
  /** Polls now, or right after the poll in flight (Retry-After still holds): after a write whose outcome is not known in full. */
  wake(key: string): void;
  /**
   * Polls in a moment, spread over it when there are many: after a change made with other credentials. A watch that has
   * polled by then is spared, one that fails keeps to its rhythm, and what its listeners come to know they read themselves.
   * @param isConcerned whether the change may show in the watch of the key
   */
  pollSoon(isConcerned: (key: string) => boolean): void;
  /** Publishes the answer of our own write; polls already in flight do not overwrite this item. */
  observe<Item>(key: string, item: Item): void;
  /** Publishes our own removal; polls already in flight do not bring the item back. */
  forget(key: string, id: string): void;
  /** Polls with another source (a renewed token) from now on; a failure of the old one still in flight does not count. */
  replaceSource<Item>(key: string, source: WatchSource<Item>): void;
  /** Ends all watches of an owner: their listeners with the error, behind what they have not read yet. */
  end(owner: string, error: unknown): void;
  readonly stats: WatchStats;
  /** Unix ms of the last good poll of the watch whose listeners have waited longest for one; null: nobody listens */
  readonly oldestPollAt: number | null;
  /** Ends all listeners, drops what they have not read, aborts all polls; resolves when the last poll has ended. */
  close(): Promise<void>;
};

/** What can be done to a watch without knowing its items. */
type AnyWatch = Pick<Watch<never>, 'listeners' | 'lastGoodAt' | 'wake' | 'pollSoon' | 'forget' | 'stop'>;

export function createWatches(options: WatchesOptions): Watches {
  const live = new Map<string, AnyWatch>();
  const byOwner = new Map<string, Set<AnyWatch>>();
  const ownerOf = (key: string): string => options.ownerOf?.(key) ?? key;
  /** last polls of watches that are over */
  const ending = new Set<Promise<void>>();
  let polls = 0;
  let pollsSaved = 0;
  let lags = 0;
  let droppedEvents = 0;
  let isClosed = false;

  const settings: WatchSettings = {
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    transitionalIntervalMs: options.transitionalIntervalMs,
    settledIntervalMs: options.settledIntervalMs,
    graceMs: options.graceMs ?? 300,
    queueLimit: options.queueLimit ?? 64,
    ringSize: options.ringSize ?? 256,
    unreachableAfter: options.unreachableAfter ?? 2,
    isFatal: (error) => options.isFatal(error),
    retryAfterMs: (error) => options.retryAfterMs?.(error) ?? null,
    isUnasked: (error) => options.isUnasked?.(error) ?? false,
    onPoll: (listeners) => {
      polls += 1;
      pollsSaved += listeners - 1;
    },
    onShortened: (dropped, isLag) => {
      droppedEvents += dropped;
      if (isLag) lags += 1;
    },
  };

  const pace = new Pace(settings.random);

  // a key has one Item type for good, see `Watches`
  const find = <Item>(key: string) => live.get(key) as Watch<Item> | undefined;

  function start<Item>(key: string, source: WatchSource<Item>): Watch<Item> {
    const owner = ownerOf(key);
    const owned = byOwner.get(owner) ?? new Set();
    const watch = new Watch(source, settings, (ended) => {
      live.delete(key);
      owned.delete(watch);
      if (owned.size === 0) byOwner.delete(owner);
      ending.add(ended);
      void ended.then(() => ending.delete(ended));
    });
    live.set(key, watch);
    byOwner.set(owner, owned.add(watch));
    return watch;
  }

  return {
    listen<Item>(key: string, source: () => WatchSource<Item>, listenOptions: ListenOptions<Item> = {}) {
      if (isClosed) throw new Error('The watches are closed: the gateway is shutting down.');
      return (find<Item>(key) ?? start(key, source())).listen(listenOptions);
    },
    wake: (key) => live.get(key)?.wake(),
    pollSoon(isConcerned) {
      for (const [key, watch] of live) {
        if (isConcerned(key)) watch.pollSoon(() => pace.nextDelayMs(settings.clock.now()));
      }
    },
    observe: <Item>(key: string, item: Item) => find<Item>(key)?.observe(item),
    forget: (key, id) => live.get(key)?.forget(id),
    replaceSource: <Item>(key: string, source: WatchSource<Item>) => find<Item>(key)?.replaceSource(source),
    end(owner, error) {
      for (const watch of [...(byOwner.get(owner) ?? [])]) watch.stop({ error });
    },
    get stats() {
      const listeners = [...live.values()].reduce((sum, watch) => sum + watch.listeners, 0);
      return { watches: live.size, listeners, polls, pollsSaved, lags, droppedEvents };
    },
    get oldestPollAt() {
      const polledAt = [...live.values()].filter(({ listeners }) => listeners > 0).map(({ lastGoodAt }) => lastGoodAt);
      return polledAt.length === 0 ? null : Math.min(...polledAt);
    },
    async close() {
      isClosed = true;
      for (const watch of live.values()) watch.stop();
      await Promise.all(ending);
    },
  };
}
