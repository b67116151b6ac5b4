/**
 * Tolerant readers for upstream JSON: absent and null are null, digits are accepted as numbers, an unknown enum value is
 * `UNKNOWN` with its raw text kept, a null list is empty, and one bad item never loses the page.
 */

/** A JSON object as it came. */
export type Wire = Readonly<Record<string, unknown>>;

/** Called for each value the contract does not know; `kind` names the field, for example `Notebook.status`. */
export type Drift = (kind: string, value: string) => void;

export const object = (value: unknown): Wire | null =>
  // an object of JSON, of any fields
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : null;

export function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

const decimal = /^-?\d{1,16}$/;

/** An integer up to 2^53 - 1, given as a JSON number or as digits; null beyond that. */
export function integer(value: unknown): number | null {
  const read = typeof value === 'string' && decimal.test(value) ? Number(value) : value;
  const whole = typeof read === 'number' ? Math.trunc(read) : null;
  return Number.isSafeInteger(whole) ? whole : null;
}

/** An integer of at most 32 bits, for counts, sizes in GiB and spans in seconds; null beyond that. */
export function integer32(value: unknown): number | null {
  const whole = integer(value);
  return whole !== null && Math.abs(whole) < 2 ** 31 ? whole : null;
}

/** Largest time a `Date` can hold, ms on either side of 1970. */
const maxInstantMs = 8.64e15;

/** A point in time, Unix ms; null when it is none or beyond what a `Date` can hold. */
export function instant(value: unknown): number | null {
  const timeMs = integer(value);
  return timeMs !== null && Math.abs(timeMs) <= maxInstantMs ? timeMs : null;
}

export function flag(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : null;
}

/** One for all: most objects of the upstream leave most of their lists out. */
const none: readonly never[] = Object.freeze([]);

/** The items that can be read; those that cannot (`read` gives null) are left out. */
export function list<T>(value: unknown, read: (item: unknown) => T | null): readonly T[] {
  if (!Array.isArray(value) || value.length === 0) return none;
  const items: T[] = [];
  for (const item of value) {
    const decoded = read(item);
    if (decoded !== null) items.push(decoded);
  }
  return items;
}

/** The texts of a list; the list itself when it holds nothing else. */
export function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return none;
  for (const item of value) if (typeof item !== 'string') return list(value, text);
  return value;
}

/** A `Map<String,String>` of the upstream, as entries; values that are not text are written as JSON, or null when nested more than 100 levels deep. */
export type Entry = { readonly key: string; readonly value: string | null };

export function entries(value: unknown): Entry[] | null {
  const wire = object(value);
  if (wire === null) return null;
  return Object.entries(wire).map(([key, entry]) => ({
    key,
    value: entry === null ? null : (text(entry) ?? jsonOf(entry)),
  }));
}

/** Levels of lists and objects in each other that are written; nobody reads more. */
const maxNesting = 100;

const isNestedWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isNestedWithin(inner, levels - 1)));

/** What JSON.parse reads may be nested deeper than JSON.stringify writes, and where that ends is another on each Node. */
const jsonOf = (value: unknown): string | null => (isNestedWithin(value, maxNesting) ? JSON.stringify(value) : null);

/** Tells of what a value holds that the contract does not know. */
export type Check = (value: unknown, drift: Drift) => void;

/**
 * Reader of one enum: compares without case, gives `UNKNOWN` for what the contract does not list.
 * @returns `check`, which tells of unknown values, and `read`, which does so when it is given a `drift`
 */
export function enumeration<const V extends readonly string[]>(kind: string, values: V) {
  type Value = V[number] | 'UNKNOWN';
  // the two ways the upstream writes them; any other case is put into capitals first
  const known = new Map<unknown, V[number]>(
    values.flatMap((value) => [
      [value.toLowerCase(), value],
      [value.toUpperCase(), value],
    ]),
  );

  function read(value: unknown, drift?: Drift): Value | null {
    const match = known.get(value);
    if (match !== undefined) return match;
    const raw = text(value);
    if (raw === null || raw === '') return null;
    const other = known.get(raw.toUpperCase());
    if (other !== undefined) return other;
    drift?.(kind, raw);
    return 'UNKNOWN';
  }

  /** The values of a list; the list itself when it holds nothing else. */
  function readEach(value: unknown): readonly Value[] {
    if (!Array.isArray(value) || value.length === 0) return none;
    for (const item of value) if (known.get(item) !== item) return list(value, (item) => read(item));
    return value;
  }

  let last: unknown;
  const check: Check = (value, drift) => {
    if (value === last) return;
    if (known.has(value)) last = value;
    else read(value, drift);
  };
  return { kind, values, read, readEach, check };
}

/** A check of each item of a list. */
export const eachOf =
  (check: Check): Check =>
  (value, drift) => {
    if (Array.isArray(value)) for (const item of value) check(item, drift);
  };

/** A check of these fields of an object. */
export function fieldsCheck(checks: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(checks);
  return (value, drift) => {
    const wire = object(value);
    if (wire !== null) for (const [name, check] of entries) check(wire[name], drift);
  };
}
