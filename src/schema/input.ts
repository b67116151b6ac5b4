import type { z } from 'zod';
import { BadUserInputError } from '../modelarts/errors.ts';

/**
 * The input as the rules shape it.
 * @throws BadUserInputError with every problem at once, each with its path; no upstream call was made
 */
export function checked<T extends z.ZodType>(rules: T, input: unknown, path: readonly string[] = []): z.output<T> {
  const result = rules.safeParse(input);
  if (result.success) return result.data;
  throw BadUserInputError.of(
    result.error.issues.map((issue) => ({ path: [...path, ...issue.path.map(String)], message: issue.message })),
  );
}
