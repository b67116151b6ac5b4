export type FieldRow = {
  readonly table: number;
  /** path in the upstream's JSON */
  readonly wire: string;
  /** path in the GraphQL type */
  readonly graphql: string;
  readonly onWire: unknown;
  readonly inGraphql: unknown;
};

export type Row = readonly [wire: string, graphql: string, onWire?: unknown, inGraphql?: unknown];

/** Rows of one table; `wire` and `graphql` are where its object stands. Values left out are a text naming the place. */
export function table(number: number, [wire, graphql]: readonly [string, string], rows: readonly Row[]): FieldRow[] {
  const under = (prefix: string, name: string) => (prefix === '' ? name : `${prefix}.${name}`);
  return rows.map(([wireName, graphqlName, onWire, inGraphql]) => {
    const path = under(wire, wireName);
    const value = onWire === undefined ? `text-${path.replaceAll(/[._]/g, '-')}` : onWire;
    return {
      table: number,
      wire: path,
      graphql: under(graphql, graphqlName),
      onWire: value,
      inGraphql: inGraphql === undefined ? value : inGraphql,
    };
  });
}

export const mapOf = (name: string): [unknown, unknown] => [
  { [name]: `${name}-value` },
  [{ key: name, value: `${name}-value` }],
];

/** Puts a value at a dotted path, making the objects on the way. */
export function place(target: Record<string, unknown>, path: string, value: unknown): void {
  const [head = '', ...rest] = path.split('.');
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = (target[head] ?? {}) as Record<string, unknown>;
  target[head] = inner;
  place(inner, rest.join('.'), value);
}

export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], value);

/** A whole JSON object out of rows. */
export function assembled(rows: readonly FieldRow[], side: 'wire' | 'graphql'): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const row of rows) place(whole, row[side], side === 'wire' ? row.onWire : row.inGraphql);
  return whole;
}
