import { z } from 'zod';
import { validated } from '../core/input.ts';

export const defaultThresholds = [600, 60];

const maxThresholds = 10;

/** How long before an end somebody can ask to be notified of it. */
export type Longest = {
  readonly seconds: number;
  /** the same for a reader: `72 hours` */
  readonly inWords: string;
};

/** For the description of the argument. */
export const thresholdsAllowed = ({ seconds }: Longest): string => `up to ${maxThresholds}, each from 1 to ${seconds}`;

/**
 * Seconds before an end at which to be notified of it; those of the argument's default when it is null.
 * @throws BadUserInputError too many, or one that cannot come
 */
export function readThresholds(given: readonly number[] | null | undefined, longest: Longest): readonly number[] {
  const threshold = z
    .int()
    .min(1, 'A threshold is at least 1 second before the end.')
    .max(longest.seconds, `A threshold is at most ${longest.seconds} seconds (${longest.inWords}) before the end.`);
  const rules = z.object({
    beforeSeconds: z.array(threshold).max(maxThresholds, `There can be at most ${maxThresholds} thresholds.`),
  });
  return validated(rules, { beforeSeconds: given ?? defaultThresholds }).beforeSeconds;
}
