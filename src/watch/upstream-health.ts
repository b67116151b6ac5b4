import { nextDelayMs } from './interval.ts';
import type { Reachability } from './watch-event.ts';

export type UpstreamHealthOptions = {
  readonly random: () => number;
  readonly transitionalIntervalMs: number;
  readonly settledIntervalMs: number;
  /** failed polls in a row that make it unreachable */
  readonly unreachableAfter: number;
  /** ms the upstream asked to be left alone */
  retryAfterMs(error: unknown): number | null;
  /** the upstream was not asked: no reason to wait longer than usual */
  isUnasked?(error: unknown): boolean;
  /** Unix ms; counts as the last good poll before the first one */
  readonly startedAt: number;
};

/** How the last polls went, and when the next may follow. */
export class UpstreamHealth {
  readonly #options: UpstreamHealthOptions;
  #failures = 0;
  #wasAsked = true;
  #retryAfterMs: number | null = null;
  /** one draw per poll: asking twice for the delay gives the same answer */
  #draw: number;
  #lastGoodAt: number;
  #fault: Reachability | null = null;

  constructor(options: UpstreamHealthOptions) {
    this.#options = options;
    this.#draw = options.random();
    this.#lastGoodAt = options.startedAt;
  }

  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** The UNREACHABLE event in force. */
  get fault(): Reachability | null {
    return this.#fault;
  }

  /** Unix ms */
  get lastGoodAt(): number {
    return this.#lastGoodAt;
  }

  /** Ms the upstream asked for after the last poll. */
  get leastDelayMs(): number {
    return this.#retryAfterMs ?? 0;
  }

  /** Ms from the end of the last poll to the start of the next. */
  delayMs(anyTransitional: boolean): number {
    const { transitionalIntervalMs, settledIntervalMs } = this.#options;
    return nextDelayMs({
      anyTransitional,
      failures: this.#wasAsked ? this.#failures : 1,
      retryAfterMs: this.#retryAfterMs,
      random: this.#draw,
      transitionalIntervalMs,
      settledIntervalMs,
    });
  }

  /** @returns the event to announce, if this ends a fault */
  succeed(observedAt: number): Reachability | null {
    const wasUnreachable = this.#fault !== null;
    this.#failures = 0;
    this.#retryAfterMs = null;
    this.#draw = this.#options.random();
    this.#lastGoodAt = observedAt;
    this.#fault = null;
    return wasUnreachable ? { kind: 'REACHABLE', observedAt } : null;
  }

  /** @returns the event to announce, if this failure is the one too many */
  fail(error: unknown, observedAt: number): Reachability | null {
    this.#failures += 1;
    this.#wasAsked = this.#options.isUnasked?.(error) !== true;
    this.#retryAfterMs = this.#options.retryAfterMs(error);
    this.#draw = this.#options.random();
    if (this.#fault !== null || this.#failures < this.#options.unreachableAfter) return null;
    this.#fault = { kind: 'UNREACHABLE', observedAt, since: this.#lastGoodAt, error };
    return this.#fault;
  }
}
