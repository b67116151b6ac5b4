import type { Clock, Timer } from './clock.ts';

export type PollLoopOptions = {
  readonly clock: Clock;
  /** One poll. Never rejects; ends soon after `signal` aborts. */
  poll(signal: AbortSignal): Promise<void>;
  /** ms from the end of the last poll to the start of the next */
  delayMs(): number;
  /** the same for a poll that was asked for: 0, or what the upstream demands */
  leastDelayMs(): number;
};

/** Runs polls one after the other, never two at once, and only between `resume` and `pause`. */
export class PollLoop {
  readonly #options: PollLoopOptions;
  #isActive = false;
  /** a poll was asked for, so many ms from then */
  #request: { readonly at: number; readonly delayMs: number } | null = null;
  #timer: { readonly handle: Timer; readonly dueAt: number } | null = null;
  #endedAt: number | null = null;
  #inFlight: AbortController | null = null;
  #settled: Promise<void> = Promise.resolve();

  constructor(options: PollLoopOptions) {
    this.#options = options;
  }

  get isPolling(): boolean {
    return this.#inFlight !== null;
  }

  get isRequested(): boolean {
    return this.#request !== null;
  }

  /** The first poll starts at once, a later one when it is due. */
  resume(): void {
    this.#isActive = true;
    this.plan();
  }

  /** No further poll starts; one in flight goes on. */
  pause(): void {
    this.#isActive = false;
    this.#clearTimer();
  }

  /** Polls now or after a while, at the earliest right after the poll in flight. Whatever poll starts next will do. */
  request(delayMs = 0): void {
    const at = this.#options.clock.now() + delayMs;
    if (this.#request === null || at < this.#request.at) this.#request = { at, delayMs };
    this.plan();
  }

  /** Works out again when the next poll is due, after something its delay depends on has changed. */
  plan(): void {
    if (!this.#isActive || this.#inFlight !== null) return;
    const { clock, delayMs, leastDelayMs } = this.#options;
    if (this.#endedAt === null) {
      this.#startSoon();
      return;
    }
    const now = clock.now();
    let waitMs = leftOf(delayMs(), this.#endedAt, now);
    if (this.#request !== null) {
      const { at, delayMs: askedMs } = this.#request;
      const askedWaitMs = Math.max(leftOf(leastDelayMs(), this.#endedAt, now), leftOf(askedMs, at - askedMs, now));
      waitMs = Math.min(waitMs, askedWaitMs);
    }
    const dueAt = now + waitMs;
    if (waitMs <= 0) {
      this.#startSoon();
    } else if (this.#timer?.dueAt !== dueAt) {
      this.#clearTimer();
      this.#timer = { handle: clock.setTimeout(() => this.#start(), waitMs), dueAt };
    }
  }

  /** Aborts the poll in flight; resolves once it has ended. */
  stop(): Promise<void> {
    this.pause();
    this.#inFlight?.abort();
    return this.#settled;
  }

  /** One microtask later, so that listeners that join together share the first poll. */
  #startSoon(): void {
    this.#clearTimer();
    queueMicrotask(() => this.#start());
  }

  #start(): void {
    this.#clearTimer();
    if (!this.#isActive || this.#inFlight !== null) return;
    this.#request = null;
    this.#inFlight = new AbortController();
    this.#settled = this.#run(this.#inFlight.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    await this.#options.poll(signal);
    this.#inFlight = null;
    this.#endedAt = this.#options.clock.now();
    this.plan();
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer.handle);
    this.#timer = null;
  }
}

/** What is left of a span; never more than the whole of it, should the clock have been set back. */
const leftOf = (spanMs: number, from: number, now: number): number => Math.min(spanMs, from + spanMs - now);
