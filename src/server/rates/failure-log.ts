import { LRUCache } from 'lru-cache';
import type { Rate } from './buckets.ts';

/** Keys kept at most, each with `count` times of 8 bytes: those that failed last. */
const maxKeys = 10_000;

/** So many failures in any window and not one more, for a lock-out elsewhere that counts the same way. */
export class FailureLog {
  readonly #rate: Rate;
  readonly #times: LRUCache<string, readonly number[]>;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#times = new LRUCache({ max: maxKeys, ttl: rate.windowMs, ttlAutopurge: false });
  }

  /**
   * Notes one more, if there may be one.
   * @param nowMs as `performance.now()`
   * @returns ms until there may be; 0: it was noted
   */
  take(key: string, _amount: number, nowMs: number): number {
    const { count, windowMs } = this.#rate;
    const times = (this.#times.get(key) ?? []).filter((time) => time > nowMs - windowMs);
    const [oldest = nowMs] = times;
    if (times.length >= count) return oldest + windowMs - nowMs;
    this.#times.set(key, [...times, nowMs]);
    return 0;
  }

  /** The newest was none. */
  giveBack(key: string, _amount: number): void {
    const times = this.#times.get(key)?.slice(0, -1) ?? [];
    if (times.length > 0) this.#times.set(key, times);
    else this.#times.delete(key);
  }
}
