import { LRUCache } from 'lru-cache';

/**
 * What is kept beyond a request, bounded in bytes: in all, and for each caller who can put something in. What was used
 * longest ago gives way; a caller at their share gives way to themselves, and never pushes out what others have.
 */
export type BoundedStore<Key extends {}, Value extends {}> = {
  get(key: Key): Value | undefined;
  /** @returns false: it is larger than one entry, or one caller, may be, and is not kept */
  set(key: Key, value: Value, held: Held): boolean;
  delete(key: Key): void;
  entries(): Iterable<readonly [Key, Value]>;
  /** lets go of what is past its time */
  purge(): void;
  clear(): void;
  /** bytes kept of one caller */
  bytesOf(caller: string): number;
  readonly stats: StoreStats;
};

/** What an entry takes, and whom it counts against. */
export type Held = {
  /** of key and value; what the store needs beside them is added here */
  readonly bytes: number;
  /** stands for the caller in keys; no token */
  readonly caller: string;
};

export type StoreStats = { readonly entries: number; readonly bytes: number; readonly maxBytes: number };

export type BoundedStoreOptions<Key, Value> = {
  readonly maxBytes: number;
  /** part of it that one caller may fill */
  readonly callerShare: number;
  /** part of it that one entry may take; default: that of a caller */
  readonly entryShare?: number;
  /** ms an entry is kept; default: until its place is needed */
  readonly ttlMs?: number;
  /** false: what is past its time goes when it is asked for, at `purge`, or when its place is needed. Default false */
  readonly purgesItself?: boolean;
  /** nothing is kept under a key any more, whatever the reason */
  readonly onLeft?: (value: Value, key: Key) => void;
};

/** Of an entry: its places in the tables of the store and of its caller. */
export const entryBytes = 320;

/** What a text takes at most: two bytes for each character where one is beyond Latin-1. */
export const textBytes = (text: string): number => 2 * text.length + 24;

type Entry<Value> = {
  readonly value: Value;
  readonly caller: string;
  readonly bytes: number;
  /** asked for since its caller last had to give way */
  isUsed: boolean;
};

/** What one caller has, the oldest first. */
type Share<Key> = { bytes: number; readonly keys: Set<Key> };

export function createBoundedStore<Key extends {}, Value extends {}>({
  maxBytes,
  callerShare,
  entryShare = callerShare,
  ttlMs,
  purgesItself = false,
  onLeft,
}: BoundedStoreOptions<Key, Value>): BoundedStore<Key, Value> {
  const callerBytes = Math.floor(maxBytes * callerShare);
  const maxEntryBytes = Math.min(callerBytes, Math.floor(maxBytes * entryShare));
  const shares = new Map<string, Share<Key>>();
  let isReplacing = false;
  const entries = new LRUCache<Key, Entry<Value>>({
    maxSize: maxBytes,
    ...(ttlMs !== undefined && {
      ttl: ttlMs,
      ttlAutopurge: purgesItself,
      // the clock is read this often; by default each millisecond, with a timer each
      ttlResolution: Math.max(1, Math.min(1000, Math.floor(ttlMs / 20))),
    }),
    dispose(entry, key) {
      const share = shares.get(entry.caller);
      if (share !== undefined) {
        share.bytes -= entry.bytes;
        share.keys.delete(key);
        if (share.keys.size === 0) shares.delete(entry.caller);
      }
      if (!isReplacing) onLeft?.(entry.value, key);
    },
  });

  /** Makes room in a share. What was asked for lately is passed over once. */
  function makeRoom(share: Share<Key>, bytes: number): void {
    for (const key of share.keys) {
      if (share.bytes + bytes <= callerBytes) return;
      const entry = entries.peek(key, { allowStale: true });
      if (entry?.isUsed === true) {
        entry.isUsed = false;
        // behind all others, where this loop comes by again
        share.keys.delete(key);
        share.keys.add(key);
      } else if (!entries.delete(key)) share.keys.delete(key);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.isUsed = true;
      return entry.value;
    },
    set(key, value, { bytes: given, caller }) {
      const bytes = Math.ceil(given) + entryBytes;
      isReplacing = bytes <= maxEntryBytes;
      entries.delete(key);
      isReplacing = false;
      if (bytes > maxEntryBytes) return false;
      const known = shares.get(caller);
      if (known !== undefined) makeRoom(known, bytes);
      // before it goes in: pushing out the last of this caller's would take the share away
      entries.set(key, { value, caller, bytes, isUsed: false }, { size: bytes });
      const share = shares.get(caller) ?? { bytes: 0, keys: new Set() };
      share.bytes += bytes;
      share.keys.add(key);
      shares.set(caller, share);
      return true;
    },
    delete(key) {
      entries.delete(key);
    },
    *entries() {
      for (const [key, { value }] of entries.entries()) yield [key, value] as const;
    },
    purge: () => void entries.purgeStale(),
    clear: () => entries.clear(),
    bytesOf: (caller) => shares.get(caller)?.bytes ?? 0,
    get stats() {
      return { entries: entries.size, bytes: entries.calculatedSize, maxBytes };
    },
  };
}
