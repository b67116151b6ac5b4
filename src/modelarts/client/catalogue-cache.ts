import { LRUCache } from 'lru-cache';
import { object, text } from '../wire/read.ts';
import type { Answer } from './answer.ts';

/** Keeps what changes seldom, images and flavors, for a minute. Keys hold a hash of the token, so nothing is shared between tokens. */
export type CatalogCache = {
  /**
   * The kept answer, or that of `read`, which is kept.
   * @param scope what a change drops together: a project
   */
  through(key: string, options: ThroughOptions): Promise<Answer>;
  /** Forgets the images of a project, those being read included. */
  dropImages(scope: string): void;
  /** Forgets what has a key that begins so: all of one caller. */
  dropOf(prefix: string): void;
  readonly stats: CatalogStats;
};

export type ThroughOptions = {
  readonly operationId: string;
  readonly scope: string;
  /** asks upstream, and keeps the answer for others */
  readonly isFresh: boolean;
  /** asked when the answer is there */
  readonly isKept: () => boolean;
  readonly read: () => Promise<Answer>;
};

export type CatalogStats = {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** of the answers as they came */
  readonly bytes: number;
};

export type CatalogOptions = {
  /** 0 keeps nothing */
  readonly ttlMs: number;
  /** of the answers as they came; in memory they take several times as much */
  readonly maxBytes?: number;
};

const imageReads: ReadonlySet<string> = new Set(['listImage', 'showImage']);
const catalogReads: ReadonlySet<string> = new Set([...imageReads, 'listFlavors']);
const imageChanges: ReadonlySet<string> = new Set(['createImage', 'registerImage', 'deleteImage']);

export const isCatalogRead = (operationId: string): boolean => catalogReads.has(operationId);
export const isImageChange = (operationId: string): boolean => imageChanges.has(operationId);

type Entry = { readonly answer: Answer; readonly operationId: string; readonly scope: string };

const defaultMaxBytes = 32 * 1024 * 1024;
/** A list of 200 images takes 120 KiB. */
const entryShare = 1 / 16;
/** The key and what surrounds an answer. */
const overheadBytes = 512;

export function createCatalogCache({ ttlMs, maxBytes = defaultMaxBytes }: CatalogOptions): CatalogCache {
  const entries = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    maxEntrySize: Math.ceil(maxBytes * entryShare),
    sizeCalculation: ({ answer }) => answer.byteLength + overheadBytes,
    // a token that is not used again would keep its catalogues otherwise, for as long as there is room
    ...(ttlMs > 0 && { ttl: ttlMs, ttlAutopurge: true, ttlResolution: Math.min(1000, Math.floor(ttlMs / 20)) }),
  });
  let [hits, misses, drops] = [0, 0, 0];

  return {
    async through(key, { operationId, scope, isFresh, isKept, read }) {
      const kept = ttlMs > 0 && !isFresh ? entries.get(key) : undefined;
      if (kept !== undefined) {
        hits += 1;
        return kept.answer;
      }
      misses += 1;
      const dropsBefore = drops;
      const answer = await read();
      // what was asked for before a change may tell how it was before
      const isOvertaken = drops !== dropsBefore && imageReads.has(operationId);
      if (ttlMs > 0 && !isOvertaken && isKept() && isSettled(answer.body))
        entries.set(key, { answer, operationId, scope });
      else if (isFresh) entries.delete(key);
      return answer;
    },
    dropImages(scope) {
      drops += 1;
      for (const [key, entry] of entries.entries()) {
        if (entry.scope === scope && imageReads.has(entry.operationId)) entries.delete(key);
      }
    },
    dropOf(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
    get stats() {
      return { hits, misses, entries: entries.size, bytes: entries.calculatedSize };
    },
  };
}

/** An image that is being made changes by itself within seconds: it is live, and so is a list that holds it. */
function isSettled(body: unknown): boolean {
  const wire = object(body);
  const listed = Array.isArray(wire?.data) ? wire.data : [];
  return [body, ...listed].every((item) => {
    const status = text(object(item)?.status)?.toUpperCase();
    return status !== 'INIT' && status !== 'CREATING';
  });
}
