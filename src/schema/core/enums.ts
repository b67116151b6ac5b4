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
  // a spread does not add up the keys of a type that is still open
  const values = {
    ...options.values,
    ...('UNKNOWN' in options.values ? {} : { UNKNOWN: 'A value newer than this gateway; the raw field has its text.' }),
  } as Record<Value, string>;
  return builder.enumType(name, {
    description: options.description,
    values: valuesOf(values),
  });
}

/** An enum for arguments only: exactly what may be sent. */
export function requestEnum<const V extends string>(
  name: string,
  options: { readonly description: string; readonly values: Readonly<Record<V, string>> },
) {
  return builder.enumType(name, {
    description: options.description,
    values: valuesOf(options.values),
  });
}

type EnumValues<V extends string> = { [K in V]: { value: K; description: string } };

const valuesOf = <V extends string>(descriptions: Readonly<Record<V, string>>): EnumValues<V> =>
  // entries forget what keys there were
  Object.fromEntries(
    Object.entries<string>(descriptions).map(([value, description]) => [value, { value, description }]),
  ) as EnumValues<V>;

/**
 * A value of an open enum that can be asked for.
 * @throws BadUserInputError it is UNKNOWN, which only stands for what this gateway cannot name
 */
export function known<V extends string>(
  value: V | null | undefined,
  path: readonly string[],
): Exclude<V, 'UNKNOWN'> | undefined {
  if (value === null || value === undefined) return undefined;
  // a comparison does not narrow a type that is still open
  if (value !== 'UNKNOWN') return value as Exclude<V, 'UNKNOWN'>;
  throw BadUserInputError.of([
    { path, message: 'UNKNOWN stands for values this gateway cannot name; it cannot be asked for.' },
  ]);
}
