import { EventEmitter } from 'node:events';
import { createBoundedStore, textBytes } from '../runtime/bounded-store.ts';
import { type Allowance, type Life, type StateStore, StateUnavailableError } from './state-store.ts';

const defaultMaxBytes = 32 * 1024 * 1024;
/** Some two thousand records of 1 KiB; whoever has more loses their own oldest. */
const callerShare = 1 / 16;
/** Ten thousand allowances. */
const allowancesMaxBytes = 4 * 1024 * 1024;

/** `endsAt`: by `performance.now()`, which nobody sets */
type Kept = { readonly value: string; readonly caller: string; readonly endsAt: number };

/** Records of this process alone; a restart loses them. */
export function createMemoryStore({ maxBytes = defaultMaxBytes } = {}): StateStore {
  const records = createBoundedStore<string, Kept>({ maxBytes, callerShare });
  /** when each allowance is whole again, ms by `performance.now()` */
  const allowances = createBoundedStore<string, number>({ maxBytes: allowancesMaxBytes, callerShare: 1 });
  const channels = new EventEmitter().setMaxListeners(0);

  /** null: there is none, or its time is over */
  function alive(key: string): Kept | null {
    const kept = records.get(key);
    if (kept === undefined) return null;
    if (kept.endsAt > performance.now()) return kept;
    records.delete(key);
    return null;
  }

  function write(key: string, value: string, { ttlMs, caller }: Life): void {
    const kept = { value, caller, endsAt: performance.now() + ttlMs };
    if (records.set(key, kept, { bytes: textBytes(key) + textBytes(value), caller })) return;
    throw new StateUnavailableError(`${value.length} characters are more than memory keeps in one place.`);
  }

  return {
    isShared: false,
    get: async (key) => alive(key)?.value ?? null,
    async add(key, value, life) {
      if (alive(key) !== null) return false;
      write(key, value, life);
      return true;
    },
    async set(key, value, life) {
      write(key, value, life);
    },
    async replace(key, { expected, value }, life) {
      if (alive(key)?.value !== expected) return false;
      write(key, value, life);
      return true;
    },
    async delete(key, expected) {
      const kept = alive(key);
      if (kept === null || (expected !== undefined && kept.value !== expected)) return false;
      records.delete(key);
      return true;
    },
    async prolong(key, expected, ttlMs) {
      const kept = alive(key);
      if (kept?.value !== expected) return false;
      write(key, expected, { ttlMs, caller: kept.caller });
      return true;
    },
    async spend(key, allowance) {
      const now = performance.now();
      const { waitMs, wholeAt } = spent(allowance, { now, wholeAt: allowances.get(key) ?? now });
      if (waitMs === 0) allowances.set(key, wholeAt, { bytes: textBytes(key), caller: 'all' });
      return waitMs;
    },
    async publish(channel, message) {
      // as with Redis: not before the publisher goes on
      setImmediate(() => channels.emit(channel, message));
    },
    async subscribe(channel, listener) {
      channels.on(channel, listener);
      return async () => void channels.off(channel, listener);
    },
    get stats() {
      const { stats } = records;
      const { stats: others } = allowances;
      return {
        entries: stats.entries + others.entries,
        bytes: stats.bytes + others.bytes,
        maxBytes: stats.maxBytes + others.maxBytes,
      };
    },
    async close() {
      channels.removeAllListeners();
      records.clear();
      allowances.clear();
    },
  };
}

/** @returns `wholeAt`: when all that was spent has come back, if this is spent too */
function spent(
  { cost, burst, perSecond }: Allowance,
  { now, wholeAt }: { readonly now: number; readonly wholeAt: number },
): { readonly waitMs: number; readonly wholeAt: number } {
  const msEach = 1000 / perSecond;
  const next = Math.max(now, wholeAt) + cost * msEach;
  return { waitMs: Math.max(0, Math.ceil(next - now - burst * msEach)), wholeAt: next };
}
