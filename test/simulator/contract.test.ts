import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Account, builtInAccounts } from '../../src/simulator/iam/accounts.ts';
import { unserved } from '../../src/simulator/operations.ts';
import type { RecordedCall } from '../../src/simulator/recorded-call.ts';
import { type Contract, loadContract } from '../support/contract/contract.ts';
import { type RestRequest, restRequests } from '../support/contract/requests.ts';
import { identityProvider } from '../support/identity-provider.ts';
import { type Session, startSession, validNotebook } from './session.ts';

type Schema = {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
};

const { components }: { components: { schemas: Record<string, Schema> } } = parse(
  readFileSync(new URL('../../contract/modelarts.openapi.yaml', import.meta.url), 'utf8'),
);

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

/** The user the contract's examples of sign-in name, with the rights of the demo user. */
const [demo] = builtInAccounts;
const exampleAccount: Account | undefined = demo && {
  ...demo,
  domain: { ...demo.domain, name: 'domain_name' },
  user: 'user_name',
  password: 'user_password',
  projects: demo.projects.map((project, index) => (index === 0 ? { ...project, name: 'project_name' } : project)),
};

type Ids = Readonly<Record<string, string>>;

/** What a placeholder of IAM stands for: the example account, and where it signs in. */
const example = identityProvider({ id: 'idp_id_example', domain: 'domain_name', user: 'user_name' });
const ofIam: Ids = {
  projects: demo?.projects[0]?.id ?? '',
  users: demo?.id ?? '',
  identity_providers: 'idp_id_example',
  protocols: 'oidc',
};

/** What a placeholder can stand for, by the segment before it: things of the example account, made to be asked for. */
const situations: Readonly<Record<string, (session: Session) => Promise<Ids>>> = {
  'everything runs': async (session) => {
    const { call, notebook, pass } = session;
    await ofHuawei(session);
    const id = await notebook();
    pass(60_000);
    const mount = await call('POST', `{p}/notebooks/${id}/storage`, {
      body: { category: 'OBS', mount_path: '/data/a/', uri: 'obs://b/c/' },
    });
    pass(3_000);
    return {
      notebooks: id,
      storage: mount.body.id,
      images: await registered(session),
      instances: await started(session),
    };
  },
  'everything is stopped': async (session) => {
    const { call, notebook, pass } = session;
    const [id, instance] = [await notebook(), await started(session)];
    pass(60_000);
    await call('POST', `{p}/notebooks/${id}/stop`);
    await call('POST', `{p}/demanager/instances/${instance}/action`, { body: { action: 'stop' } });
    pass(60_000);
    return { notebooks: id, instances: instance };
  },
};

/** Only newer Huawei Cloud has all operations of the contract; it answers the others as the older one does. */
async function ofHuawei({ call }: Session): Promise<void> {
  await call('PATCH', '/_simulator/settings', { body: { cloud: 'huawei' } });
}

async function registered({ call }: Session): Promise<string> {
  return (await call('POST', '{p}/images', { body: { swr_path: 'swr.com/team/engine:1.0' } })).body.id;
}

async function started({ call }: Session): Promise<string> {
  const wanted = {
    name: 'legacy',
    profile_id: 'Multi-Engine 1.0 (python3)-cpu',
    flavor: 'modelarts.vm.cpu.2u',
    spec: { storage: { type: 'evs' } },
  };
  return (await call('POST', '{p}/demanager/instances', { body: wanted })).body.id;
}

/** The path with an id for each placeholder; null: the situation has none for one of them. */
function filled(path: string, ids: Ids): string | null {
  const segments = path.replace('/v1/{project_id}', '{p}').split('/');
  const named = segments.map((segment, index) => {
    if (segment === '{p}' || !segment.startsWith('{')) return segment;
    const id = ids[segments[index - 1] ?? ''];
    return id === undefined ? null : id + segment.slice(segment.indexOf('}') + 1);
  });
  return named.includes(null) ? null : named.join('/');
}

/** What is answered to a request in each situation that has what it needs. */
async function answersTo({ method, path, headers, body }: RestRequest, emptyAnswers: boolean): Promise<RecordedCall[]> {
  const answers: RecordedCall[] = [];
  for (const prepare of Object.values(situations)) {
    let last: RecordedCall | undefined;
    const session = await startSession({
      emptyAnswers,
      ...(exampleAccount && { accounts: [exampleAccount] }),
      identityProviders: [await example.provider()],
      observe: (exchange) => {
        last = exchange;
      },
    });
    const asked = filled(path, { ...ofIam, ...(await prepare(session)) });
    const idToken = await example.idToken(session.clock.now());
    const written = (text: string): string =>
      text.replace('eyJ.ID_TOKEN', idToken).replace(/^MIIZmg.*X$/, session.simulator.demo.token);
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, written(value)]));
    last = undefined;
    if (asked !== null) {
      const json = body === undefined ? {} : { body: written(JSON.stringify(body)) };
      await session.call(method, asked, { ...json, headers: body === undefined ? sent : { ...jsonType, ...sent } });
    }
    if (last !== undefined) answers.push(last);
  }
  return answers;
}

const jsonType = { 'content-type': 'application/json' };
const requests = restRequests().filter(({ operationId }) => !(operationId in unserved));
const operationIds = [...new Set(requests.map(({ operationId }) => operationId))];
const requestsOf = (operationId: string): RestRequest[] =>
  requests.filter((request) => request.operationId === operationId);

/** What is wrong with exchanges by the contract: requests as well, where they are made from its examples. */
const wrong = (contract: Contract, exchanges: readonly RecordedCall[], side: 'check' | 'checkResponse'): string[] =>
  exchanges.flatMap((exchange) => {
    const query = new URLSearchParams(exchange.request.query).toString();
    const violations = contract[side]({ ...exchange, request: { ...exchange.request, query } });
    return violations.map(({ operationId, message }) => `${operationId}: ${message}`);
  });

const wrongHint =
  'the answer of a handler (named in src/simulator/operations.ts) or an example of a body is not as contract/modelarts.openapi.yaml has it: mend whichever is wrong';

describe('answers of the simulator and the contract', () => {
  let contract: Contract;
  beforeAll(async () => {
    contract = await loadContract();
  });

  it.each(operationIds)('agree when %s is asked by its examples', async (operationId) => {
    const exchanges = (await Promise.all(requestsOf(operationId).map((request) => answersTo(request, false)))).flat();
    expect(wrong(contract, exchanges, 'check'), wrongHint).toEqual([]);
    const succeeded = exchanges.filter(({ response }) => response !== null && response.status < 400);
    const refusals = exchanges.map(({ request, response }) => `${request.body} → ${response?.body}`).join('\n');
    const hint = `${operationId} never succeeds: give \`situations\` in test/simulator/contract.test.ts what it needs, or mend its example in contract/modelarts.openapi.yaml or its handler.\n${refusals}`;
    expect(succeeded.length, hint).toBeGreaterThan(0);
  });

  it('agree where they have no body, which the simulator can be asked to prefer', async () => {
    const empty = contract.operations.filter(({ answers }) => answers.has('204'));
    expect(empty).not.toEqual([]);
    for (const { operationId } of empty) {
      const exchanges = (await Promise.all(requestsOf(operationId).map((request) => answersTo(request, true)))).flat();
      expect(wrong(contract, exchanges, 'check'), wrongHint).toEqual([]);
      expect(
        exchanges.map(({ response }) => response?.status),
        operationId,
      ).toContain(204);
    }
  });

  it('agree on the way through the life of everything', async () => {
    const exchanges: RecordedCall[] = [];
    await walk(await startSession({ observe: (exchange) => exchanges.push(exchange) }));
    expect(exchanges.filter(({ operationId, response }) => operationId === null || response === null)).toEqual([]);
    expect(wrong(contract, exchanges, 'checkResponse'), wrongHint).toEqual([]);
  });

  it('disagree where a lease has no end', () => {
    const request = { method: 'GET', path: '/v1/p/notebooks/n/lease', query: '', headers: {}, body: '' };
    const response = { status: 200, headers: jsonType, body: '{"create_at":"yesterday","enable":true}' };
    expect(contract.checkResponse({ request, response, fault: null })).not.toEqual([]);
  });

  it('show every documented field of an instance in the showcase, but the queue', async () => {
    const { call } = await startSession();
    const { body } = await call('GET', '{p}/demanager/instances/DE-7d558ef8-c73d-11ea-964c-0255ac100033');
    expect(missingFields(components.schemas.DevEnvironment ?? {}, body)).toEqual(['.queuing_info']);
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
  return name === undefined ? schema : (components.schemas[name] ?? schema);
}
