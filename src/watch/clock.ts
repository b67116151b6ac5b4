/** What `setTimeout` returned: an object in Node, a number in tests. */
export type Timer = NodeJS.Timeout | number;

/** Everything time-like a watch does goes through this. */
export type Clock = {
  /** Unix ms */
  now(): number;
  setTimeout(run: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
};

/** Wall clock and Node timers, which keep the event loop alive: a closed watch leaves none. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
};
