import type { Clock } from '../../../src/watch/clock.ts';

export type FakeClock = Clock & {
  /** Lets `durationMs` pass; timers fire in order, and what they set off is finished before the next one. */
  advance(durationMs: number): Promise<void>;
  /** timers set and neither fired nor cleared */
  readonly pending: number;
};

/** Lets everything run that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  const timers = new Map<number, { dueAt: number; run: () => void }>();
  let nowMs = startMs;
  let lastId = 0;

  /** the timer due first, the older one of two */
  function nextTimer(untilMs: number) {
    let next: { id: number; dueAt: number; run: () => void } | null = null;
    for (const [id, timer] of timers) {
      if (timer.dueAt <= untilMs && (next === null || timer.dueAt < next.dueAt)) next = { id, ...timer };
    }
    return next;
  }

  return {
    now: () => nowMs,
    setTimeout(run, delayMs) {
      lastId += 1;
      timers.set(lastId, { dueAt: nowMs + Math.max(1, delayMs), run });
      return lastId;
    },
    clearTimeout(timer) {
      timers.delete(Number(timer));
    },
    get pending() {
      return timers.size;
    },
    async advance(durationMs) {
      const untilMs = nowMs + durationMs;
      await settle();
      for (let timer = nextTimer(untilMs); timer !== null; timer = nextTimer(untilMs)) {
        timers.delete(timer.id);
        nowMs = timer.dueAt;
        timer.run();
        await settle();
      }
      nowMs = untilMs;
    },
  };
}
