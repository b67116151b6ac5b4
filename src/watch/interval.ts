/** Failures double the wait up to this; an interval that is longer anyway is kept. */
const backoffLimitMs = 30_000;

/** Node fires a timer at once when its delay does not fit into 31 bits. */
const longestTimerMs = 2 ** 31 - 1;

const jitterRatio = 0.1;

export type IntervalInput = {
  /** something a listener wants is changing by itself, or a listener still waits for its first state */
  readonly anyTransitional: boolean;
  /** failed polls since the last good one */
  readonly failures: number;
  /** ms the upstream asked to be left alone, counted from its last answer */
  readonly retryAfterMs: number | null;
  /** one draw from [0, 1): spreads watches that started together over ±10 % */
  readonly random: number;
  readonly transitionalIntervalMs: number;
  readonly settledIntervalMs: number;
};

/** Ms from the end of one poll to the start of the next. A failing upstream is never asked more often than a healthy one. */
export function nextDelayMs(seen: IntervalInput): number {
  const intervalMs = seen.anyTransitional ? seen.transitionalIntervalMs : seen.settledIntervalMs;
  const backedOffMs = intervalMs * 2 ** Math.max(0, seen.failures - 1);
  const cappedMs = Math.min(backedOffMs, Math.max(intervalMs, backoffLimitMs));
  const jitteredMs = Math.round(cappedMs * (1 + jitterRatio * (2 * seen.random - 1)));
  return Math.min(longestTimerMs, Math.max(jitteredMs, seen.retryAfterMs ?? 0));
}
