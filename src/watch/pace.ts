/** Polls that one change sets off in many watches follow each other at this distance: at most 200 a second. */
const distanceMs = 5;

/** Each is moved at random by up to this, so that the replicas of the gateway do not keep step. */
const jitterMs = 45;

/** A change is looked for after this at the earliest: who made it has a poll of its own under way by then. */
const leastMs = 10;

/** More would be 12,000 watches that wait for their turn: the clock was set back. */
const longestQueueMs = 60_000;

/** Spreads over a moment what would otherwise all start at once. */
export class Pace {
  readonly #random: () => number;
  /** Unix ms */
  #nextAt = 0;

  /** @param random [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Ms until the next may start; each call is one that does. */
  nextDelayMs(now: number): number {
    if (this.#nextAt < now || this.#nextAt > now + longestQueueMs) this.#nextAt = now;
    const queueMs = this.#nextAt - now;
    this.#nextAt += distanceMs;
    return leastMs + queueMs + Math.round(jitterMs * this.#random());
  }
}
