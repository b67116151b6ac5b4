import { LRUCache } from 'lru-cache';
import type { CreateMemory, RememberedCreate } from '../../schema/core/context.ts';

const capacity = 10_000;
const lifetimeMs = 24 * 60 * 60 * 1000;

/** Creates of all callers by idempotency key; each caller reaches their own only. */
export type CreateMemoryStore = { of(tokenHash: string): CreateMemory };

export function createMemoryStore(): CreateMemoryStore {
  const creates = new LRUCache<string, RememberedCreate>({ max: capacity, ttl: lifetimeMs });
  return {
    of: (tokenHash) => {
      const keyOf = (key: string): string => `${tokenHash} ${key}`;
      return {
        get: (key) => creates.get(keyOf(key)),
        set: (key, create) => creates.set(keyOf(key), create),
        drop: (key) => creates.delete(keyOf(key)),
      };
    },
  };
}
