/** Where the simulator reads the time: epoch milliseconds. */
export type Clock = { now(): number };

export const realClock: Clock = { now: () => Date.now() };

/** A clock that stands still until `advance` is called. */
export type SimulatedClock = Clock & { advance(durationMs: number): void };

/** @param startMs epoch ms of the first reading; default is the creation of the instance in the documented samples */
export function simulatedClock(startMs = 1_687_656_452_470): SimulatedClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (durationMs) => {
      nowMs += durationMs;
    },
  };
}

/** The given clock, moved forward by the sum of all `advance` calls. */
export function shiftedClock(base: Clock): SimulatedClock {
  let shiftMs = 0;
  return {
    now: () => base.now() + shiftMs,
    advance: (durationMs) => {
      shiftMs += durationMs;
    },
  };
}
