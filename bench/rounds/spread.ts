/** What is known of a figure that was measured in several rounds. */
export type Spread = {
  readonly median: number;
  /** of any round */
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
};

/** @returns null: there is no round */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return null;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? least;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? least;
  return { median: (lower + upper) / 2, least, most, rounds: sorted.length };
}

/** A figure of each round; null: that round failed. */
export type Rounds = readonly (number | null)[];

/**
 * One figure over another, each round by itself: what slows a whole round down is in both and goes out.
 * Rounds that one of them lacks are left out.
 */
export function ratioSpread(own: Rounds, over: Rounds): Spread | null {
  const ratios = own.map((value, round) => {
    const other = over[round];
    return value === null || other === null || other === undefined ? null : value / other;
  });
  return spreadOf(ratios.filter((ratio) => ratio !== null));
}

/** `open`: the bound lies within the spread, or there are too few rounds to say. */
export type Verdict = 'reached' | 'not reached' | 'open';

/** Of all cores: a machine that others keep busier than this moves ratios, and not only widens their spread. */
export const othersPercentAtMost = 10;

/** Two rounds that agree can do so by chance. */
export const leastRounds = 3;

export function verdictAtMost({ least, most, rounds }: Spread, bound: number): Verdict {
  if (rounds < leastRounds) return 'open';
  if (most <= bound) return 'reached';
  return least > bound ? 'not reached' : 'open';
}

export function verdictAtLeast({ least, most, rounds }: Spread, bound: number): Verdict {
  if (rounds < leastRounds) return 'open';
  if (least >= bound) return 'reached';
  return most < bound ? 'not reached' : 'open';
}

/** Whether the median of one run is what a round of another could have been. */
export const isWithin = (run: Spread, other: Spread): boolean => run.median >= other.least && run.median <= other.most;
