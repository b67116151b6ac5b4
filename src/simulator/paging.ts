import { invalidParameter, refusal } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

/** A slice of a list, in records. `limit` undefined: no limit. */
export type Slice = { readonly offset: number; readonly limit: number | undefined };

/**
 * The page envelope of the current API.
 * `size` repeats the page size asked for, not the number of items; `current` counts from the base the list uses (0 or 1).
 * @param total what the list claims to hold, which for images is not what it holds
 */
export function pageEnvelope(
  items: readonly Json[],
  slice: Slice,
  { base, total = items.length }: { base: 0 | 1; total?: number },
): Record<string, Json> {
  const { offset } = slice;
  const size = slice.limit ?? Math.max(total, 1);
  return {
    current: Math.floor(offset / size) + base,
    data: items.slice(offset, slice.limit === undefined ? undefined : offset + slice.limit),
    pages: Math.ceil(total / size),
    size: slice.limit ?? total,
    total,
  };
}

type Comparable = string | number;

/**
 * Sorted copy by comma-separated keys; equal items keep their order.
 * @param readers the supported keys
 * @throws Refusal ModelArts.6303 on an unsupported key, ModelArts.0104 on an unknown direction
 */
export function sortBy<T>(
  items: readonly T[],
  keys: string,
  direction: string | null,
  readers: Readonly<Record<string, (item: T) => Comparable>>,
): T[] {
  const sign = signOf(direction);
  const reads = keys.split(',').map((key) => {
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (read === undefined) throw refusal('6303');
    return read;
  });
  return [...items].sort((a, b) => {
    for (const read of reads) {
      const [left, right] = [read(a), read(b)];
      if (left < right) return -sign;
      if (left > right) return sign;
    }
    return 0;
  });
}

function signOf(direction: string | null): 1 | -1 {
  if (direction === null || direction === '' || direction === 'DESC') return -1;
  if (direction === 'ASC') return 1;
  throw invalidParameter();
}

/** Drops the keys whose value is undefined, so that an observed body equals the one on the wire. */
export const present = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
