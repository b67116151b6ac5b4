/** What an answer must hold, whatever a system calls its fields. */
export type Expected = {
  /** fields with a value of their own; a list of scalars is one */
  readonly leaves: number;
  /** for each object of the list (or the one object there is) texts that must be among its values; enum values in any case */
  readonly rows: readonly (readonly string[])[];
};

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** @returns a check of a GraphQL answer; it throws when something is missing or too much */
export const expectJson =
  ({ leaves, rows }: Expected) =>
  (body: Buffer): void => {
    const { data } = JSON.parse(body.toString()) as { data: Json };
    const found = leavesOf(data);
    if (found.length !== leaves) throw new Error(`${found.length} fields instead of ${leaves}: ${excerpt(body)}`);
    const objects = rows.length === 1 ? [data] : (listOf(data) ?? []);
    if (objects.length !== rows.length) throw new Error(`${objects.length} rows instead of ${rows.length}`);
    for (const [index, row] of rows.entries()) {
      const values = new Set(leavesOf(objects[index] ?? null).map((leaf) => String(leaf).toUpperCase()));
      const missing = row.filter((text) => !values.has(text.toUpperCase()));
      if (missing.length > 0) throw new Error(`${missing.join(', ')} missing in row ${index}: ${excerpt(body)}`);
    }
  };

/** The same as far as it can be told of upstream bodies put one behind the other. */
export const expectBytes =
  ({ rows }: Expected, isTiny: boolean) =>
  (body: Buffer): void => {
    const missing = rows.flat().filter((text) => !body.includes(isTiny ? '__typename' : text));
    if (missing.length > 0) throw new Error(`${missing.join(', ')} missing: ${excerpt(body)}`);
  };

const excerpt = (body: Buffer): string => body.toString().slice(0, 300);

const isObject = (value: Json): value is Json[] | { [name: string]: Json } =>
  typeof value === 'object' && value !== null;

function leavesOf(value: Json): Json[] {
  if (!isObject(value)) return [value];
  if (Array.isArray(value)) return value.some(isObject) ? value.flatMap(leavesOf) : [value];
  return Object.values(value).flatMap(leavesOf);
}

/** The outermost list of objects. */
function listOf(value: Json): Json[] | null {
  if (!isObject(value)) return null;
  if (Array.isArray(value)) return value.some(isObject) ? value : null;
  for (const child of Object.values(value)) {
    const list = listOf(child);
    if (list !== null) return list;
  }
  return null;
}
