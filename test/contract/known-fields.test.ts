import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import '../../src/schema/index.ts';
import { decodeNotebook } from '../../src/modelarts/notebooks.ts';
import { knownFields } from '../../src/modelarts/wire/known-fields.ts';

const contract = parse(await readFile(new URL('../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8'));
const schemaOf: Record<string, string> = { Notebook: 'NotebookPartial' };

it.each([...knownFields])('the known fields of %s are those of the contract', (kind, fields) => {
  const { properties } = contract.components.schemas[schemaOf[kind] ?? kind];
  const hint = `${kind}: make the fields in \`objectCheck('${kind}', …)\` of src/modelarts/ the properties of components.schemas in contract/modelarts.openapi.yaml`;
  expect([...fields].sort(), hint).toEqual(Object.keys(properties).sort());
});

it('a field beyond the contract is reported by name, and nothing else is', () => {
  const told: string[][] = [];
  decodeNotebook(
    { id: 'a', name: 'n', status: 'RUNNING', hologram: 1, lease: { enable: true, mood: 2 } },
    (kind, value) => told.push([kind, value]),
  );
  expect(told.sort()).toEqual([
    ['Lease field', 'mood'],
    ['Notebook field', 'hologram'],
  ]);
});
