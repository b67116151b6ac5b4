import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Path = readonly (string | number)[];

/** Every value that holds no other, with the way to it. */
export function leavesOf(value: unknown, path: Path = []): { path: Path; leaf: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, leaf: value }];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return entries.flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

/** A copy with another value at the end of the path. */
export function withAt(value: Json, [key, ...rest]: Path, replacement: Json): Json {
  if (key === undefined) return replacement;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? withAt(item, rest, replacement) : item));
  const wire = value as { [key: string]: Json };
  return { ...wire, [key]: withAt(wire[key] ?? null, rest, replacement) };
}

/** Another value of the same form, found nowhere else: digits stay digits. */
export function strange(leaf: unknown): string | number | boolean {
  if (typeof leaf === 'boolean') return !leaf;
  if (typeof leaf === 'number') return 1_712_345_678;
  return /^\d+$/.test(String(leaf)) ? '1712345678' : 'strange-value';
}

/**
 * Paths of the leaves that a decoder does not carry over. Each leaf in turn is given a strange value: the decoded object
 * must hold it (a flipped boolean: must change). So no other field that happens to be equal can stand in for a lost one.
 */
export function lostLeaves(sample: Json, decode: (wire: Json) => unknown): string[] {
  const plain = JSON.stringify(decode(sample));
  return leavesOf(sample).flatMap(({ path, leaf }) => {
    if (leaf === null) return [];
    const value = strange(leaf);
    const decoded = decode(withAt(sample, path, value));
    const isKept =
      typeof value === 'boolean'
        ? JSON.stringify(decoded) !== plain
        : leavesOf(decoded).some((kept) => String(kept.leaf) === String(value));
    return isKept ? [] : [path.join('.')];
  });
}

export const sampleOf = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../../contract/samples/${name}.json`, import.meta.url), 'utf8'));

type Schema = {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  enum?: Json[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  pattern?: string;
};

const contract: { components: { schemas: Record<string, Schema> } } = parse(
  readFileSync(new URL('../../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8'),
);

/** An object with every property the contract's schema names, however rare. */
export function fullObject(schemaName: string): Json {
  const schema = contract.components.schemas[schemaName];
  if (schema === undefined) throw new Error(`the contract has no schema ${schemaName}`);
  return exampleOf(schema);
}

function exampleOf(schema: Schema): Json {
  const { $ref, enum: values, allOf, properties, additionalProperties, items } = schema;
  if ($ref !== undefined) return fullObject($ref.replace('#/components/schemas/', ''));
  if (values !== undefined) return values[0] ?? null;
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice !== undefined) return exampleOf(choice);
  if (allOf !== undefined) return Object.assign({}, ...allOf.map(exampleOf));
  switch ([schema.type].flat()[0]) {
    case 'integer':
      return 7;
    case 'boolean':
      return true;
    case 'array':
      return items === undefined ? [] : [exampleOf(items)];
    case 'string':
      return schema.pattern === '^[0-9]{13}$' ? '1594887749962' : 'text';
  }
  if (properties !== undefined) {
    return Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, exampleOf(property)]));
  }
  return schema.type === undefined && additionalProperties === undefined ? {} : { 'a key': 'a value' };
}
