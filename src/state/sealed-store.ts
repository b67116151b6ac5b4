import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { RedisStore } from './redis-store.ts';
import { createSeal } from './seal.ts';
import { type StateStore, StateUnavailableError } from './state-store.ts';

/** Everything in Redis is below this; the number goes up when replicas would misread each other. */
const prefix = 'modelarts-gateway:state:1:';
/** The secret of names outlives whatever has one. */
const secretLifeMs = 10 * 365 * 24 * 60 * 60 * 1000;
/** How long the secret of names is taken for that of all replicas, ms: Redis may have been emptied. */
const secretTrustMs = 2000;

export type SealedStoreOptions = {
  /** `STATE_KEY`: the first seals, all open */
  readonly secrets: readonly [string, ...string[]];
  /** replicas with another scope (another upstream) have other records */
  readonly scope: string;
  /** A value was found that none of the keys opens; told once. */
  onUnreadable(): void;
};

export type SealedStore = StateStore & {
  /** values found so far that none of the keys opens */
  readonly unreadable: number;
  /**
   * A secret that all replicas have for a purpose, whichever of the keys each seals with.
   * @throws StateUnavailableError
   */
  secretFor(purpose: string): Promise<string>;
};

/**
 * A store whose values and messages are sealed, and whose names are HMACs, but for the word they begin with. The secret of
 * names is made up once and kept in the store, sealed: so it stays when `STATE_KEY` changes, and names say nothing to who
 * has no key. A value that does not open counts as none; adding one in its place fails all the same.
 */
export function sealed(store: RedisStore, { secrets, scope, onUnreadable }: SealedStoreOptions): SealedStore {
  const seal = createSeal(secrets);
  const own = `${prefix}${createHash('sha256').update(scope).digest('base64url').slice(0, 12)}:`;
  const secretName = `${own}names`;
  let secret: string | null = null;
  let trusted = { until: 0, connections: -1 };
  let agreeing: Promise<string> | null = null;
  let unreadable = 0;

  /** Whoever comes first makes it up. Where Redis was emptied, whoever still has it writes it down again. */
  async function agree(): Promise<string> {
    const { connections } = store;
    const raw = await store.get(secretName);
    if (raw === null) {
      secret ??= randomBytes(32).toString('base64url');
      const isOurs = await store.add(secretName, seal.seal(secret, secretName), { ttlMs: secretLifeMs, caller: '' });
      if (!isOurs) return agree();
    } else {
      const opened = seal.open(raw, secretName);
      if (opened === null) {
        throw new StateUnavailableError(
          `what is in Redis is sealed under another STATE_KEY; give the former one too, behind a comma, or delete ${secretName} once no replica has it`,
        );
      }
      secret = opened;
      if (!seal.isNewest(raw)) {
        const change = { expected: raw, value: seal.seal(secret, secretName) };
        await store.replace(secretName, change, { ttlMs: secretLifeMs, caller: '' });
      }
    }
    trusted = { until: performance.now() + secretTrustMs, connections };
    return secret;
  }

  function agreed(): Promise<string> | string {
    if (secret !== null && trusted.connections === store.connections && performance.now() < trusted.until)
      return secret;
    agreeing ??= agree().finally(() => {
      agreeing = null;
    });
    return agreeing;
  }

  async function nameOf(key: string): Promise<string> {
    const hash = createHmac('sha256', await agreed())
      .update(key)
      .digest('base64url');
    return `${own}${key.split(' ', 1)[0]}:${hash}`;
  }

  function open(raw: string, place: string): string | null {
    const text = seal.open(raw, place);
    if (text !== null) return text;
    unreadable += 1;
    if (unreadable === 1) onUnreadable();
    return null;
  }

  /** The record as it lies in the store, while it is what is expected. */
  async function found(name: string, expected: string): Promise<string | null> {
    const raw = await store.get(name);
    return raw !== null && open(raw, name) === expected ? raw : null;
  }

  return {
    isShared: store.isShared,
    stats: store.stats,
    get unreadable() {
      return unreadable;
    },
    secretFor: async (purpose) =>
      createHmac('sha256', await agreed())
        .update(purpose)
        .digest('base64url'),
    async get(key) {
      const name = await nameOf(key);
      const raw = await store.get(name);
      return raw === null ? null : open(raw, name);
    },
    async add(key, value, life) {
      const name = await nameOf(key);
      return store.add(name, seal.seal(value, name), life);
    },
    async set(key, value, life) {
      const name = await nameOf(key);
      await store.set(name, seal.seal(value, name), life);
    },
    async replace(key, { expected, value }, life) {
      const name = await nameOf(key);
      const raw = await found(name, expected);
      return raw !== null && store.replace(name, { expected: raw, value: seal.seal(value, name) }, life);
    },
    async delete(key, expected) {
      const name = await nameOf(key);
      if (expected === undefined) return store.delete(name);
      const raw = await found(name, expected);
      return raw !== null && store.delete(name, raw);
    },
    async prolong(key, expected, ttlMs) {
      const name = await nameOf(key);
      const raw = await found(name, expected);
      return raw !== null && store.prolong(name, raw, ttlMs);
    },
    spend: async (key, allowance) => store.spend(await nameOf(key), allowance),
    publish: (channel, message) => store.publish(own + channel, seal.seal(message, own + channel)),
    subscribe: (channel, listener) =>
      store.subscribe(own + channel, (raw) => {
        const message = open(raw, own + channel);
        if (message !== null) listener(message);
      }),
    close: () => store.close(),
  };
}
