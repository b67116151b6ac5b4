import { LRUCache } from 'lru-cache';
import type { Call } from '../../../modelarts/client/client.ts';

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
  set(key: string, remembered: Remembered): void;
  drop(key: string): void;
  /** Drops what has a key that begins so: all of one caller. */
  dropOf(prefix: string): void;
  readonly stats: { readonly entries: number; readonly bytes: number };
  close(): void;
};

export type ResponseStoreOptions = { readonly maxBytes?: number; readonly maxAgeMs?: number };

const defaultMaxBytes = 32 * 1024 * 1024;
/** One answer takes at most this share, so that no few of them push out the others. */
const entryShare = 1 / 32;
/** Whoever asks the same again after this long is no dashboard. */
const defaultMaxAgeMs = 5 * 60_000;
/** A read takes its call and digest; an entry its key and what surrounds it. */
const readBytes = 512;

export function createResponseStore(options: ResponseStoreOptions = {}): ResponseStore {
  const { maxBytes = defaultMaxBytes, maxAgeMs = defaultMaxAgeMs } = options;
  const entries = new LRUCache<string, Remembered>({
    maxSize: maxBytes,
    maxEntrySize: Math.ceil(maxBytes * entryShare),
    // text with a character beyond Latin-1 takes two bytes for each
    sizeCalculation: ({ reads, text }, key) => 2 * (text.length + key.length) + readBytes * (1 + reads.length),
    ttl: maxAgeMs,
    // the clock is read this often; by default each millisecond, with a timer each
    ttlResolution: Math.min(1000, Math.floor(maxAgeMs / 20)),
  });
  // those of a token that is gone would stay until their place is needed
  const sweep = setInterval(() => entries.purgeStale(), maxAgeMs).unref();
  return {
    get: (key) => entries.get(key),
    set: (key, remembered) => entries.set(key, remembered),
    drop: (key) => entries.delete(key),
    dropOf(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
    get stats() {
      return { entries: entries.size, bytes: entries.calculatedSize };
    },
    close() {
      clearInterval(sweep);
      entries.clear();
    },
  };
}
