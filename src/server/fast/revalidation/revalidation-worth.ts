/** Learns whether remembering the answers of a document pays: whether what it reads is the same as before often enough. */
export class RevalidationWorth {
  /** share of the last comparisons that found everything unchanged, later ones counting more; hopeful at first */
  #hitRate = 1;
  #skipped = 0;

  /** Whether the answer at hand is worth remembering; now and then it is looked at again whether that has changed. */
  get isDue(): boolean {
    if (this.#hitRate >= leastHitRate) return true;
    this.#skipped += 1;
    if (this.#skipped < tryAgainAfter) return false;
    this.#skipped = 0;
    return true;
  }

  compared(isSame: boolean): void {
    this.#hitRate += ((isSame ? 1 : 0) - this.#hitRate) / memory;
  }
}

/** Comparisons that count. */
const memory = 8;
/** A miss costs a digest of what was read, 34 µs for 60 KiB; a hit spares reading it and running the query. */
const leastHitRate = 0.15;
/** Of a document that does not pay every so manyth answer is remembered all the same. */
const tryAgainAfter = 32;
