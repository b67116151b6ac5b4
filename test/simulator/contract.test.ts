import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Exchange } from '../../src/simulator/exchange.ts';
import { operations } from '../../src/simulator/routes.ts';
import { type Session, startSession, validNotebook } from './session.ts';

type Schema = {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  type?: unknown;
  enum?: unknown;
};
type Contract = {
  paths: Record<string, Record<string, { operationId?: string; responses: Record<string, unknown> }>>;
  components: { schemas: Record<string, Schema> };
};

const contractText = readFileSync(new URL('../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8');
const contract: Contract = parse(contractText);

/** Answers are held to the known enum values: a simulator has no business inventing new ones. */
function closeEnums(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema: { anyOf?: Schema[] } = node;
  if (Array.isArray(schema.anyOf) && schema.anyOf.some((branch) => branch.enum !== undefined))
    schema.anyOf = schema.anyOf.filter((branch) => branch.type !== 'string');
  for (const value of Object.values(node)) closeEnums(value);
}

function pointerOf(operationId: string, status: number): string {
  for (const [path, item] of Object.entries(contract.paths)) {
    const method = Object.keys(item).find((key) => item[key]?.operationId === operationId);
    if (method === undefined) continue;
    const escaped = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
    const at = `#/paths/${escaped(path)}/${method}/responses/${status}`;
    const response: unknown = item[method]?.responses[status];
    const isShared = typeof response === 'object' && response !== null && '$ref' in response;
    if (isShared) return `${String(response.$ref)}/content/${escaped('application/json')}/schema`;
    return `${at}/content/${escaped('application/json')}/schema`;
  }
  throw new Error(`The contract has no ${operationId}.`);
}

/** One of everything that can succeed, and one refusal per error style. */
async function walk({ call, notebook, pass, token }: Session): Promise<void> {
  const body = (value: unknown) => ({ body: value });
  await token('demo');
  await call(
    'POST',
    '/v3/auth/tokens',
    body({ auth: { identity: { methods: ['password'], password: { user: { name: 'demo' } } }, scope: {} } }),
  );
  for (const path of ['/v3/projects', '{p}/images', '{p}/images/group', '{p}/notebooks/flavors'])
    await call('GET', path);
  const id = await notebook();
  const evs = await notebook({
    volume: { category: 'EVS', ownership: 'MANAGED' },
    duration: -1,
    pool_id: 'pool41664192',
  });
  const show = () => call('GET', `{p}/notebooks/${id}`);
  await show();
  pass(20_000);
  await show();
  await call('GET', '{p}/notebooks');
  await call('GET', '{p}/notebooks/all');
  await call('GET', `{p}/notebooks/${id}/flavors`);
  await call('GET', `{p}/notebooks/${id}/lease`);
  await call('PATCH', `{p}/notebooks/${id}/lease`, body({ duration: 3_600_000 }));
  await call('GET', `{p}/notebooks/${evs}/lease`);
  await call('PUT', `{p}/notebooks/${evs}`, body({ storage_new_size: 50 }));
  await call('PUT', `{p}/notebooks/${id}`, body({ name: 'renamed' }));
  const mount = await call(
    'POST',
    `{p}/notebooks/${id}/storage`,
    body({ category: 'OBS', mount_path: '/data/a/', uri: 'obs://b/c/' }),
  );
  pass(3_000);
  await call('GET', `{p}/notebooks/${id}/storage`);
  await call('GET', `{p}/notebooks/${id}/storage/${mount.body.id}`);
  await call('DELETE', `{p}/notebooks/${id}/storage/${mount.body.id}`);
  await call('POST', `{p}/notebooks/${id}/create-image`, body({ name: 'saved', namespace: 'team' }));
  pass(30_000);
  const image = await call('POST', '{p}/images', body({ swr_path: 'swr.com/team/engine:1.0' }));
  await call('GET', `{p}/images/${image.body.id}`);
  await call('DELETE', `{p}/images/${image.body.id}`);
  await call('POST', `{p}/notebooks/${id}/stop`);
  pass(6_000);
  await call('POST', `{p}/notebooks/${id}/start`);
  pass(12_000);
  await call('DELETE', `{p}/notebooks/${id}`);
  await call('POST', '{p}/notebooks', body({ ...validNotebook, name: '' }));
  const instances = '{p}/demanager/instances';
  const free = {
    name: 'queued',
    profile_id: 'Multi-Engine 1.0 (python3)-cpu',
    flavor: 'modelarts.vm.cpu.free',
    spec: { storage: { type: 'evs' } },
  };
  const queued = await call('POST', instances, body(free));
  await call('GET', `${instances}?de_type=Notebook`);
  await call('GET', `${instances}/${queued.body.id}`);
  await call('PUT', `${instances}/${queued.body.id}`, body({ description: 'waits' }));
  pass(80_000);
  await call('POST', `${instances}/${queued.body.id}/action`, body({ action: 'stop' }));
  pass(6_000);
  await call('DELETE', `${instances}/${queued.body.id}`);
  await call('GET', `${instances}/${queued.body.id}`);
}

describe('answers and the contract', () => {
  const exchanges: Exchange[] = [];
  const validators = new Map<string, ValidateFunction>();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });

  beforeAll(() => {
    const closed: Contract = parse(contractText);
    closeEnums(closed.components);
    ajv.addSchema(closed, 'contract');
  });

  const validatorOf = (pointer: string): ValidateFunction => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `contract${pointer}` });
    validators.set(pointer, known);
    return known;
  };

  it('agree for every operation', async () => {
    const session = await startSession({ observe: (exchange) => exchanges.push(exchange) });
    await walk(session);
    const succeeded = new Set<string>();
    for (const { request, response, operationId } of exchanges) {
      if (operationId === null || response === null) throw new Error(`No operation: ${request.method} ${request.path}`);
      const validate = validatorOf(pointerOf(operationId, response.status));
      const isValid = validate(JSON.parse(response.body));
      expect(isValid ? [] : validate.errors, `${operationId} ${response.status} ${response.body}`).toEqual([]);
      if (response.status < 300) succeeded.add(operationId);
    }
    expect([...succeeded].sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
  });

  it('reject a notebook whose lease is not a lease', () => {
    const validate = validatorOf(pointerOf('showLease', 200));
    expect(validate({ create_at: 'yesterday', enable: true })).toBe(false);
  });

  it('show every documented field of an instance in the showcase, but the queue', async () => {
    const { call } = await startSession();
    const { body } = await call('GET', '{p}/demanager/instances/DE-7d558ef8-c73d-11ea-964c-0255ac100033');
    expect(missingFields(contract.components.schemas.DevEnvironment ?? {}, body)).toEqual(['.queuing_info']);
  });
});

/** Paths of the properties in the schema that the value has not. */
function missingFields(schema: Schema, value: unknown, path = ''): string[] {
  const resolved = resolve(schema);
  if (Array.isArray(value)) return missingFields(resolved.items ?? {}, value[0], `${path}[]`);
  const fields = typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : new Map();
  return Object.entries(resolved.properties ?? {}).flatMap(([name, inner]) =>
    fields.has(name) ? missingFields(inner, fields.get(name), `${path}.${name}`) : [`${path}.${name}`],
  );
}

function resolve(schema: Schema): Schema {
  const reference = schema.$ref ?? schema.oneOf?.find((branch) => branch.$ref !== undefined)?.$ref;
  const name = reference?.split('/').at(-1);
  return name === undefined ? schema : (contract.components.schemas[name] ?? schema);
}
