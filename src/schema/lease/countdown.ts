/** Node fires a timer at once when its delay does not fit into 31 bits. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The threshold to emit now: the nearest of those that are past; the others of them are skipped.
 * @param thresholds seconds before the end
 * @param told the threshold emitted last, which is over with all above it; Infinity: none yet
 * @returns null when there is none
 */
export function dueThreshold(remainingMs: number, thresholds: readonly number[], emitted: number): number | null {
  const due = Math.min(...thresholds.filter((seconds) => seconds * 1000 >= remainingMs), emitted);
  return due < emitted ? due : null;
}

/** The next threshold to come once the past ones are emitted; null: there is none. */
export function nextThreshold(thresholds: readonly number[], emitted: number): number | null {
  const next = Math.max(0, ...thresholds.filter((seconds) => seconds < emitted));
  return next === 0 ? null : next;
}

/** What has been emitted to a subscriber of a lease; survives a disconnect as its `sequence`. */
export type LeasePosition = {
  /** Unix ms; null: nothing counts down */
  readonly expiresAtMs: number | null;
  /** the threshold emitted last, in seconds; Infinity: none of this countdown */
  readonly emitted: number;
};

export const writePosition = ({ expiresAtMs, emitted }: LeasePosition): string =>
  `${expiresAtMs ?? 'off'}-${Number.isFinite(emitted) ? emitted : 'all'}`;

/** @returns null for what is no position */
export function readPosition(text: string): LeasePosition | null {
  const [, end, emitted] = /^(off|\d{1,15})-(all|\d{1,9})$/.exec(text) ?? [];
  if (end === undefined || emitted === undefined) return null;
  return { expiresAtMs: end === 'off' ? null : Number(end), emitted: emitted === 'all' ? Infinity : Number(emitted) };
}

/** What `next` gives, or 'due' at `atMs` (Unix ms; null: never) if that is earlier; 'due' may come too early, never too late. */
export async function nextOrDue<T>(next: Promise<T>, atMs: number | null): Promise<T | 'due'> {
  if (atMs === null) return next;
  let timer: NodeJS.Timeout | undefined;
  const due = new Promise<'due'>((resolve) => {
    const waitMs = Math.min(longestTimerMs, Math.max(0, atMs - Date.now()));
    timer = setTimeout(() => resolve('due'), waitMs);
  });
  try {
    return await Promise.race([next, due]);
  } finally {
    clearTimeout(timer);
  }
}
