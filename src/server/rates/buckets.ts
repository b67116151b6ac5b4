import { LRUCache } from 'lru-cache';

/** So many in a time. */
export type Rate = {
  readonly count: number;
  readonly windowMs: number;
};

/** Callers kept at most, some 250 bytes each: those that were counted last. Who is forgotten begins with a full bucket. */
const maxKeys = 10_000;

/**
 * A bucket for each key that holds `count` and is filled again evenly, `count` in `windowMs` (GCRA: of each bucket only the time is
 * kept at which it will be full). One look-up for each request, and neither a promise nor a timer.
 */
export class Buckets {
  readonly rate: Rate;
  readonly #intervalMs: number;
  readonly #buckets = new LRUCache<string, Bucket>({ max: maxKeys });

  constructor(rate: Rate) {
    this.rate = rate;
    this.#intervalMs = rate.windowMs / rate.count;
  }

  /**
   * Takes `amount` out, or nothing. More than a bucket holds is taken from a full one.
   * @param nowMs as `performance.now()`
   * @returns ms until there is enough in it; 0: it was taken
   */
  take(key: string, amount: number, nowMs: number): number {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.#buckets.set(key, bucket);
    }
    const missingMs = Math.max(0, bucket.fullAtMs - nowMs);
    const costMs = amount * this.#intervalMs;
    const waitMs = missingMs + Math.min(costMs, this.rate.windowMs) - this.rate.windowMs;
    // what is left of a division is not waited for
    if (waitMs > rounding) return waitMs;
    bucket.fullAtMs = nowMs + missingMs + costMs;
    return 0;
  }

  giveBack(key: string, amount: number): void {
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) bucket.fullAtMs -= amount * this.#intervalMs;
  }
}

const rounding = 1e-6;

/** A class: a number with a fraction that changes stays inside its object. */
class Bucket {
  fullAtMs = -0.5;
}
