import { type Clock, systemClock } from '../clock.ts';
import type { WatchSource } from '../watch-source.ts';
import type { Watches } from '../watches.ts';
import { type SharableSource, Share, type ShareOptions } from './share.ts';

export type SharedWatchesOptions = Omit<ShareOptions, 'key' | 'onNews' | 'clock'> & {
  readonly clock?: Clock | undefined;
  /** What replicas call the view of the upstream that the watch of `key` has now; it changes with the credentials. */
  sharedKey(key: string): string;
  /** The credentials were refused a moment ago: what others polled with them before will not do. */
  readonly isRefused?: ((key: string) => boolean) | undefined;
};

/**
 * Watches that poll once for all replicas of the gateway, as far as their sources have a codec. Writes are told to the
 * others as such: their subscribers see them by the poll that follows at once. `stats` counts polls another replica made, too.
 */
export function shareWatches(watches: Watches, options: SharedWatchesOptions): Watches {
  const shares = new Map<string, { readonly sharedKey: string; readonly share: Share }>();
  const written = new Set<string>();

  /** What was read with other credentials, or is read with these from now on, is of no concern to those who hold the old ones. */
  function shareOf(key: string): Share {
    const sharedKey = options.sharedKey(key);
    const open = shares.get(key);
    if (open?.sharedKey === sharedKey) return open.share;
    open?.share.close();
    const clock = options.clock ?? systemClock;
    const share = new Share({ ...options, clock, key: sharedKey, onNews: () => watches.wake(key) });
    shares.set(key, { sharedKey, share });
    return share;
  }

  function close(key: string): void {
    shares.get(key)?.share.close();
    shares.delete(key);
  }

  function sharedSource<Item>(key: string, source: WatchSource<Item>): WatchSource<Item> {
    if (!isSharable(source)) return source;
    shareOf(key);
    return {
      poll: (request) => {
        const isNew = request.isNew === true || options.isRefused?.(key) === true;
        return shareOf(key).poll(source, { ...request, isNew });
      },
      id: (item) => source.id(item),
      isEqual: (a, b) => source.isEqual(a, b),
      isTransitional: (item) => source.isTransitional(item),
      rest() {
        source.rest?.();
        shares.get(key)?.share.rest();
      },
      close() {
        source.close?.();
        close(key);
      },
    };
  }

  /** Once for a write that is both observed and a reason to poll again. */
  function announce(key: string): void {
    if (written.size === 0) queueMicrotask(announceAll);
    written.add(key);
  }

  function announceAll(): void {
    for (const key of written) {
      if (shares.has(key)) shareOf(key).announceWrite();
      else options.link.announceWrite(options.sharedKey(key));
    }
    written.clear();
  }

  return {
    listen: (key, source, listenOptions) => watches.listen(key, () => sharedSource(key, source()), listenOptions),
    wake(key) {
      announce(key);
      watches.wake(key);
    },
    // the other replicas hear of the change itself
    pollSoon: (isConcerned) => watches.pollSoon(isConcerned),
    observe(key, item) {
      announce(key);
      watches.observe(key, item);
    },
    forget(key, id) {
      announce(key);
      watches.forget(key, id);
    },
    replaceSource(key, source) {
      watches.replaceSource(key, shares.has(key) ? sharedSource(key, source) : source);
    },
    end: (owner, error) => watches.end(owner, error),
    get stats() {
      return watches.stats;
    },
    get oldestPollAt() {
      return watches.oldestPollAt;
    },
    close: () => watches.close(),
  };
}

const isSharable = <Item>(source: WatchSource<Item>): source is SharableSource<Item> => source.codec !== undefined;
