import { BadUserInputError } from '../../modelarts/wire/errors.ts';
import { builder } from './builder.ts';

/**
 * An open enum of the upstream: its documented values and UNKNOWN, with a description for each.
 * The text ModelArts sent stands beside it in a field named `...Raw`.
 */
export function openEnum<const V extends string>(
  name: string,
  options: { readonly description: string; readonly values: Readonly<Record<V, string>> },
) {
  type Value = V | 'UNKNOWN';
  const values = {
    ...options.values,
    ...('UNKNOWN' in options.values ? {} : { UNKNOWN: 'A value newer than this gateway; the raw field has its text.' }),
  } as Record<Value, string>;
  return builder.enumType(name, {
    description: options.description,
    values: Object.fromEntries(
      (Object.entries(values) as [Value, string][]).map(([value, description]) => [value, { value, description }]),
    ) as { [K in Value]: { value: K; description: string } },
  });
}

/** An enum for arguments only: exactly what may be sent. */
export function requestEnum<const V extends string>(
  name: string,
  options: { readonly description: string; readonly values: Readonly<Record<V, string>> },
) {
  return builder.enumType(name, {
    description: options.description,
    values: Object.fromEntries(
      (Object.entries(options.values) as [V, string][]).map(([value, description]) => [value, { value, description }]),
    ) as { [K in V]: { value: K; description: string } },
  });
}

/**
 * A value of an open enum that can be asked for.
 * @throws BadUserInputError it is UNKNOWN, which only stands for what this gateway cannot name
 */
export function known<V extends string>(
  value: V | null | undefined,
  path: readonly string[],
): Exclude<V, 'UNKNOWN'> | undefined {
  if (value === null || value === undefined) return undefined;
  if (value !== 'UNKNOWN') return value as Exclude<V, 'UNKNOWN'>;
  throw BadUserInputError.of([
    { path, message: 'UNKNOWN stands for values this gateway cannot name; it cannot be asked for.' },
  ]);
}
