import { readFileSync } from 'node:fs';
import { isEnumType, isInterfaceType, isObjectType } from 'graphql';
import { parse } from 'yaml';
import { schema } from '../../../src/schema/index.ts';

/** What a description of the schema says of REST operations. */
export type RestMention = {
  /** `Type`, `Type.field` or `Enum.VALUE` */
  readonly coordinate: string;
  readonly kind: 'type' | 'field' | 'value';
  /** operationIds in the order they are named; the first is the one that is always asked */
  readonly operationIds: readonly string[];
  /** names that are no operation of the contract */
  readonly unknown: readonly string[];
};

type Contract = {
  readonly paths: Record<string, Record<string, { operationId?: string; 'x-error-codes'?: readonly string[] }>>;
};
const contract: Contract = parse(
  readFileSync(new URL('../../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8'),
);

/** The codes the contract says an operation is refused with, by operationId. */
export const refusalsOf: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(contract.paths).flatMap((item) =>
    Object.values(item).flatMap(({ operationId, 'x-error-codes': codes = [] }) =>
      operationId === undefined ? [] : [[operationId, codes] as const],
    ),
  ),
);

/** By the name without its case: descriptions write `ShowNotebook`, as the pages of the upstream do. */
const operationIds: ReadonlyMap<string, string> = new Map(
  [...refusalsOf.keys()].map((operationId) => [operationId.toLowerCase(), operationId]),
);

/** Every name of two capitals or more behind `REST:`; null: there is no `REST:`. */
export function mentioned(description: string | null | undefined): string[] | null {
  const [, rest] = /\bREST: (.*)$/s.exec(description ?? '') ?? [];
  if (rest === undefined) return null;
  return (rest.match(/\b[A-Z][a-z]+[A-Z]\w*/g) ?? []).filter((name) => name !== 'ModelArts');
}

/** What the schema says of REST operations, wherever it says so. */
export const restMentions: readonly RestMention[] = Object.values(schema.getTypeMap()).flatMap((type) => {
  if (type.name.startsWith('__')) return [];
  const described: [string, RestMention['kind'], string | null | undefined][] = [[type.name, 'type', type.description]];
  if (isObjectType(type) || isInterfaceType(type))
    for (const field of Object.values(type.getFields()))
      described.push([`${type.name}.${field.name}`, 'field', field.description]);
  if (isEnumType(type))
    for (const value of type.getValues()) described.push([`${type.name}.${value.name}`, 'value', value.description]);
  return described.flatMap(([coordinate, kind, description]) => {
    const names = mentioned(description);
    if (names === null) return [];
    const known = names.map((name) => operationIds.get(name.toLowerCase()));
    return [
      {
        coordinate,
        kind,
        operationIds: known.filter((name) => name !== undefined),
        unknown: names.filter((_, index) => known[index] === undefined),
      },
    ];
  });
});

/** Operations a field's or value's own description names, by its coordinate. */
export const mentionsAt = (coordinate: string): readonly string[] =>
  restMentions.find((mention) => mention.coordinate === coordinate)?.operationIds ?? [];
