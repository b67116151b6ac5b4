import { readFile } from 'node:fs/promises';
// by its file: Vitest takes `graphql` for the .mjs copy, and the schema is built by Pothos with the other one
import { type GraphQLNamedType, getNamedType, isInputObjectType, isObjectType } from 'graphql/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadContract } from '../../support/contract/contract.ts';
import { assembled, at, type FieldRow, place } from '../../support/dev-env/field-rows.ts';
import { ask, instancesPath, schema } from '../../support/dev-env/gateway.ts';
import { requestFields } from '../../support/dev-env/request-fields.ts';
import { responseFields } from '../../support/dev-env/response-fields.ts';
import { type ScriptedUpstream, sendJson, startUpstream } from '../../support/wire/scripted-upstream.ts';

const answer = assembled(responseFields, 'wire');

let upstream: ScriptedUpstream;
beforeAll(async () => {
  upstream = await startUpstream((response) => sendJson(response, answer));
});
afterAll(() => upstream.close());

function typeAt(root: string, path: string): GraphQLNamedType | undefined {
  let type = schema.getType(root);
  for (const name of path.split('.')) {
    const fields = isObjectType(type) || isInputObjectType(type) ? type.getFields() : {};
    const field = fields[name];
    if (field === undefined) return undefined;
    type = getNamedType(field.type);
  }
  return type;
}

type Selection = { [name: string]: Selection | null };

/** Every field of a type, down to the leaves. */
function selectionOf(type: GraphQLNamedType | undefined): Selection | null {
  if (!isObjectType(type)) return null;
  return Object.fromEntries(
    Object.values(type.getFields()).map((field) => [field.name, selectionOf(getNamedType(field.type))]),
  );
}

const written = (selection: Selection): string =>
  Object.entries(selection)
    .map(([name, inner]) => (inner === null ? name : `${name} { ${written(inner)} }`))
    .join(' ');

function selectionOfRows(rows: readonly FieldRow[]): string {
  const whole: Selection = {};
  for (const { graphql: path } of rows) {
    const leaf = selectionOf(typeAt('DevEnvInstance', path));
    place(whole, path, path.endsWith('extendStorage') ? { type: null, location: { path: null } } : leaf);
  }
  return written(whole);
}

const rowName = (row: FieldRow): string => `table ${row.table}: ${row.wire} is ${row.graphql}`;

describe('DevEnvInstance', () => {
  let read: unknown;
  beforeAll(async () => {
    const source = `query Read($id: ID!) { devEnvInstance(id: $id) { ${selectionOfRows(responseFields)} } }`;
    read = await ask(upstream, source, { id: answer.id });
  });

  it('answers every field of the page without an error', () => {
    expect(at(read, 'errors')).toBeUndefined();
    expect(at(read, 'data.devEnvInstance')).toEqual(assembled(responseFields, 'graphql'));
  });

  it.each(responseFields.map((row) => [rowName(row), row] as const))(
    'has what the contract documents: %s',
    (_name, row) => {
      expect(typeAt('DevEnvInstance', row.graphql)).toBeDefined();
      expect(at(read, `data.devEnvInstance.${row.graphql}`)).toEqual(row.inGraphql);
    },
  );

  it('has a place for everything the contract gives an instance', async () => {
    const placed = new Set(responseFields.map((row) => row.wire));
    const known = await leavesOf('DevEnvironment', placed);
    expect(known.length).toBeGreaterThan(100);
    expect(known.filter((path) => !placed.has(path))).toEqual([]);
  });

  it('describes each type, field, argument and value', () => {
    const bare: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (!/DevEnv|MapEntry/.test(type.name) || /Connection(Edge)?$/.test(type.name)) continue;
      if (!type.description) bare.push(type.name);
      const members =
        'getFields' in type ? Object.values(type.getFields()) : 'getValues' in type ? type.getValues() : [];
      for (const member of members) {
        if (!member.description) bare.push(`${type.name}.${member.name}`);
      }
    }
    for (const root of ['Query', 'Mutation']) {
      const type = schema.getType(root);
      for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
        if (!field.name.toLowerCase().includes('devenv')) continue;
        for (const member of [field, ...field.args]) if (!member.description) bare.push(`${field.name}.${member.name}`);
      }
    }
    expect(bare).toEqual([]);
  });
});

describe('CreateDevEnvInstanceInput', () => {
  const source =
    'mutation Create($input: CreateDevEnvInstanceInput!) { createDevEnvInstance(input: $input) { __typename ... on Error { message } } }';

  it.each(requestFields.map((row) => [rowName(row), row] as const))(
    'has what the contract documents: %s',
    (_name, row) => {
      expect(typeAt('CreateDevEnvInstanceInput', row.graphql)).toBeDefined();
    },
  );

  it('reaches the upstream whole, each field at its place', async () => {
    const before = upstream.received.length;
    const result = await ask(upstream, source, { input: assembled(requestFields, 'graphql') });
    expect(result).toEqual({ data: { createDevEnvInstance: { __typename: 'CreateDevEnvInstancePayload' } } });
    const [sent] = upstream.received.slice(before);
    expect(sent).toMatchObject({ method: 'POST', url: instancesPath });
    expect(JSON.parse(sent?.body ?? '')).toEqual(assembled(requestFields, 'wire'));
  });

  it('sends nothing for what is left out, which is what the contract asks for', async () => {
    const before = upstream.received.length;
    const storage = { type: 'OBS', location: { path: '/bucket/directory/' } };
    const input = {
      name: 'n',
      profileId: 'Multi-Engine 2.0 (python3)',
      flavorId: 'modelarts.kat1.xlarge',
      spec: { storage },
    };
    await ask(upstream, source, { input });
    const [sent] = upstream.received.slice(before);
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      name: 'n',
      profile_id: 'Multi-Engine 2.0 (python3)',
      flavor: 'modelarts.kat1.xlarge',
      spec: { storage: { type: 'obs', location: { path: '/bucket/directory/' } } },
    });
    const contract = await loadContract();
    const { method, url, headers, body } = sent ?? { method: '', url: '', headers: {}, body: '' };
    expect(
      contract.checkRequest({ request: { method, path: url, query: '', headers, body }, response: null, fault: null }),
    ).toEqual([]);
  });

  it('has a place for everything the contract takes', async () => {
    const placed = new Set(requestFields.map((row) => row.wire));
    const known = await leavesOf('DevEnvironmentCreateRequest', placed);
    expect(known.length).toBeGreaterThan(15);
    expect(known.filter((path) => !placed.has(path))).toEqual([]);
  });
});

type ContractSchema = {
  readonly $ref?: string;
  readonly oneOf?: ContractSchema[];
  readonly properties?: Record<string, ContractSchema>;
};

/** Paths of a schema of the contract down to its leaves, or to where a row stands for all that is below. */
async function leavesOf(name: string, placed: ReadonlySet<string>): Promise<string[]> {
  const document: { components: { schemas: Record<string, ContractSchema> } } = parse(
    await readFile(new URL('../../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8'),
  );
  const visit = (schema: ContractSchema | undefined, path: string): string[] => {
    if (schema?.$ref) return visit(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''], path);
    if (schema?.oneOf) return visit(schema.oneOf[0], path);
    const properties = placed.has(path) ? [] : Object.entries(schema?.properties ?? {});
    if (properties.length === 0) return [path];
    return properties.flatMap(([key, inner]) => visit(inner, path === '' ? key : `${path}.${key}`));
  };
  return visit({ $ref: `#/components/schemas/${name}` }, '');
}
