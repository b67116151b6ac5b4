import type { Call } from '../../../modelarts/client/client.ts';
import { createBoundedStore, type StoreStats, textBytes } from '../../../runtime/bounded-store.ts';

/** An answer, and the reads it follows from. */
export type Remembered = {
  readonly reads: readonly ExpectedRead[];
  /** the whole answer as JSON */
  readonly text: string;
};

/** `digest`: of the body that was read. The body itself, which can hold secrets, is not kept. */
export type ExpectedRead = { readonly call: Call; readonly digest: string };

/** Answers of queries by caller, document and variables; bounded in bytes and time. */
export type ResponseStore = {
  get(key: string): Remembered | undefined;
  /** @param caller whom it counts against: the key is theirs alone */
  set(key: string, remembered: Remembered, caller: string): void;
  drop(key: string): void;
  /** Drops what has a key that begins so: all of one caller. */
  dropOf(prefix: string): void;
  readonly stats: StoreStats;
  close(): void;
};

export type ResponseStoreOptions = { readonly maxBytes?: number; readonly maxAgeMs?: number };

const defaultMaxBytes = 32 * 1024 * 1024;
const callerShare = 1 / 4;
/** One answer takes at most this share, so that no few of them push out the others. */
const entryShare = 1 / 32;
/** Whoever asks the same again after this long is no dashboard. */
const defaultMaxAgeMs = 5 * 60_000;
/** Call and digest of a read. */
const readBytes = 512;

export function createResponseStore(options: ResponseStoreOptions = {}): ResponseStore {
  const { maxBytes = defaultMaxBytes, maxAgeMs = defaultMaxAgeMs } = options;
  const entries = createBoundedStore<string, Remembered>({ maxBytes, callerShare, entryShare, ttlMs: maxAgeMs });
  // those of a token that is gone would stay until their place is needed
  const sweep = setInterval(() => entries.purge(), maxAgeMs).unref();
  return {
    get: (key) => entries.get(key),
    set(key, remembered, caller) {
      const { reads, text } = remembered;
      entries.set(key, remembered, { bytes: textBytes(text) + textBytes(key) + readBytes * reads.length, caller });
    },
    drop: (key) => entries.delete(key),
    dropOf(prefix) {
      for (const [key] of [...entries.entries()]) if (key.startsWith(prefix)) entries.delete(key);
    },
    get stats() {
      return entries.stats;
    },
    close() {
      clearInterval(sweep);
      entries.clear();
    },
  };
}
