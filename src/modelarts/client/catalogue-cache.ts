import { createBoundedStore, textBytes } from '../../runtime/bounded-store.ts';
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
  /** whom the answer counts against; its key is theirs alone */
  readonly caller: string;
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
  readonly bytes: number;
  readonly maxBytes: number;
};

export type CatalogOptions = {
  /** 0 keeps nothing */
  readonly ttlMs: number;
  /** in memory, of all callers */
  readonly maxBytes?: number;
};

const imageReads: ReadonlySet<string> = new Set(['listImage', 'showImage']);
const catalogReads: ReadonlySet<string> = new Set([...imageReads, 'listFlavors']);
const imageChanges: ReadonlySet<string> = new Set(['createImage', 'registerImage', 'deleteImage']);

export const isCatalogRead = (operationId: string): boolean => catalogReads.has(operationId);
export const isImageChange = (operationId: string): boolean => imageChanges.has(operationId);

type Entry = { readonly answer: Answer; readonly operationId: string; readonly scope: string };

const defaultMaxBytes = 48 * 1024 * 1024;
/** A list of 200 images takes 120 KiB as it comes. */
const callerShare = 1 / 8;
const entryShare = 1 / 16;
/** What an answer takes in memory for each byte of it: the bytes, and what was read from them. Measured: 3.8. */
const inMemory = 5;

/** A read of images on its way: what was asked for before a change may show how it was before. */
type Reading = { readonly scope: string; isOvertaken: boolean };

export function createCatalogCache({ ttlMs, maxBytes = defaultMaxBytes }: CatalogOptions): CatalogCache {
  const entries = createBoundedStore<string, Entry>({
    maxBytes,
    callerShare,
    entryShare,
    // a token that is not used again would keep its catalogues otherwise, for as long as there is room
    ...(ttlMs > 0 && { ttlMs, purgesItself: true }),
  });
  const reading = new Set<Reading>();
  let [hits, misses] = [0, 0];

  return {
    async through(key, { operationId, scope, caller, isFresh, isKept, read }) {
      const kept = ttlMs > 0 && !isFresh ? entries.get(key) : undefined;
      if (kept !== undefined) {
        hits += 1;
        return kept.answer;
      }
      misses += 1;
      if (ttlMs === 0) return read();
      const own: Reading = { scope, isOvertaken: false };
      if (imageReads.has(operationId)) reading.add(own);
      try {
        const answer = await read();
        const bytes = textBytes(key) + inMemory * answer.byteLength;
        if (!own.isOvertaken && isKept() && isSettled(answer.body))
          entries.set(key, { answer, operationId, scope }, { bytes, caller });
        else if (isFresh) entries.delete(key);
        return answer;
      } finally {
        reading.delete(own);
      }
    },
    dropImages(scope) {
      for (const read of reading) if (read.scope === scope) read.isOvertaken = true;
      for (const [key, entry] of [...entries.entries()]) {
        if (entry.scope === scope && imageReads.has(entry.operationId)) entries.delete(key);
      }
    },
    dropOf(prefix) {
      for (const [key] of [...entries.entries()]) if (key.startsWith(prefix)) entries.delete(key);
    },
    get stats() {
      return { hits, misses, ...entries.stats };
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
