import { z } from 'zod';
import { BadUserInputError } from '../../modelarts/wire/errors.ts';
import { readId } from '../relay/global-id.ts';

/**
 * The input as the rules shape it.
 * @throws BadUserInputError with every problem at once, each with its path; no upstream call was made
 */
export function validated<T extends z.ZodType>(rules: T, input: unknown, path: readonly string[] = []): z.output<T> {
  const result = rules.safeParse(input);
  if (result.success) return result.data;
  throw BadUserInputError.of(
    result.error.issues.map((issue) => ({ path: [...path, ...issue.path.map(String)], message: issue.message })),
  );
}

/** A rule for an input field that can be left out or null; both read as undefined. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** A rule for an id of the type, global or raw; gives the raw one. */
export const idRule = (typename: string) =>
  z.string().transform((id, check) => {
    const { rawId, problem } = readId(typename, id);
    if (problem === null) return rawId;
    check.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
