import { createBoundedStore, type StoreStats } from '../../runtime/bounded-store.ts';
import type { CreateMemory, RememberedCreate } from '../../schema/core/context.ts';

const lifetimeMs = 24 * 60 * 60 * 1000;
const defaultMaxBytes = 16 * 1024 * 1024;
/** Some two thousand creates a day; whoever makes more loses their own oldest. */
const callerShare = 1 / 8;
/** Key of 128 characters, hash of the token, fingerprint, id of the notebook, a promise. */
const createBytes = 1024;

/** Whom creates count against that run, or whose answer was lost: a token made up gets as far. No hash has a space. */
const unanswered = 'not answered';

/** Creates of all callers by idempotency key; each caller reaches their own only. */
export type CreateMemoryStore = { of(tokenHash: string): CreateMemory; readonly stats: StoreStats };

export function createMemoryStore({ maxBytes = defaultMaxBytes } = {}): CreateMemoryStore {
  const creates = createBoundedStore<string, RememberedCreate>({ maxBytes, callerShare, ttlMs: lifetimeMs });
  return {
    of: (tokenHash) => {
      const keyOf = (key: string): string => `${tokenHash} ${key}`;
      return {
        get: (key) => creates.get(keyOf(key)),
        set(key, create) {
          creates.set(keyOf(key), create, { bytes: createBytes, caller: create.isAnswered ? tokenHash : unanswered });
        },
        drop: (key) => creates.delete(keyOf(key)),
      };
    },
    get stats() {
      return creates.stats;
    },
  };
}
