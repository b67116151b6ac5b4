import { createMemoryStore } from './memory-store.ts';
import { openRedisStore } from './redis-store.ts';
import { type SealedStore, type SealedStoreOptions, sealed } from './sealed-store.ts';
import type { StateStore } from './state-store.ts';

/** What is kept beyond a request and is not to be lost with its connection: one store for a gateway. */
export type State = {
  readonly store: StateStore;
  /** the same; null: no other replica sees it */
  readonly shared: SealedStore | null;
};

export type RedisPlace = { readonly url: string; readonly stateKeys: SealedStoreOptions['secrets'] };

/** @param redis null: what is kept is kept by this process alone */
export function openState(redis: RedisPlace | null, options: Omit<SealedStoreOptions, 'secrets'>): State {
  if (redis === null) return { store: createMemoryStore(), shared: null };
  const shared = sealed(openRedisStore({ url: redis.url }), { ...options, secrets: redis.stateKeys });
  return { store: shared, shared };
}
