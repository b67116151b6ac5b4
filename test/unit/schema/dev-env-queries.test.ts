import { afterEach, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../../src/schema/relay/global-id.ts';
import { ask } from '../../support/dev-env/gateway.ts';
import { type Reply, type ScriptedUpstream, sendJson, startUpstream } from '../../support/wire/scripted-upstream.ts';

const idOf = (index: number) => `DE-7d558ef8-c73d-11ea-964c-${String(index).padStart(12, '0')}`;
const instanceOf = (index: number) => ({
  id: idOf(index),
  name: `n-${index}`,
  status: 'RUNNING',
  flavor: 'modelarts.kat1.xlarge',
});

let upstream: ScriptedUpstream;
afterEach(() => upstream.close());

async function askOf(reply: Reply, source: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  upstream = await startUpstream(reply);
  return ask(upstream, source, variables);
}

const missing: Reply = (response) =>
  sendJson(response, { error_code: 'ModelArts.6309', error_message: 'The instance does not exist.' }, { status: 400 });

describe('devEnvInstance', () => {
  const source = 'query ($id: ID!) { devEnvInstance(id: $id) { id devEnvInstanceId } }';

  it.each([
    ['its raw id', idOf(1)],
    ['its global id', encodeGlobalId('DevEnvInstance', idOf(1))],
  ])('is found by %s', async (_what, id) => {
    expect(await askOf((response) => sendJson(response, instanceOf(1)), source, { id })).toEqual({
      data: { devEnvInstance: { id: encodeGlobalId('DevEnvInstance', idOf(1)), devEnvInstanceId: idOf(1) } },
    });
  });

  it('is null when the project has none', async () => {
    expect(await askOf(missing, source, { id: idOf(1) })).toEqual({ data: { devEnvInstance: null } });
  });

  it('is a node, and one that is missing does not hide the others', async () => {
    const reply: Reply = (response, received, turn) =>
      received.url.endsWith(idOf(1)) ? sendJson(response, instanceOf(1)) : missing(response, received, turn);
    const ids = [idOf(1), idOf(2)].map((id) => encodeGlobalId('DevEnvInstance', id));
    const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on DevEnvInstance { name } } }';
    expect(await askOf(reply, nodes, { ids })).toEqual({ data: { nodes: [{ name: 'n-1' }, null] } });
  });

  it('says what its status allows', async () => {
    const actions = `{ devEnvInstance(id: "${idOf(1)}") { isTransitional availableActions { action enabled reason } } }`;
    const result = await askOf((response) => sendJson(response, instanceOf(1)), actions);
    expect(result).toMatchObject({
      data: {
        devEnvInstance: {
          isTransitional: false,
          availableActions: [
            { action: 'START', enabled: false, reason: expect.stringContaining('RUNNING') },
            { action: 'STOP', enabled: true, reason: null },
            { action: 'DELETE', enabled: false },
            { action: 'UPDATE', enabled: true },
          ],
        },
      },
    });
  });

  it('has a status the gateway does not know as UNKNOWN with its text beside it', async () => {
    const status = `{ devEnvInstance(id: "${idOf(1)}") { status statusRaw } }`;
    const result = await askOf((response) => sendJson(response, { ...instanceOf(1), status: 'HIBERNATING' }), status);
    expect(result).toEqual({ data: { devEnvInstance: { status: 'UNKNOWN', statusRaw: 'HIBERNATING' } } });
  });
});

describe('devEnvInstances', () => {
  const listOf =
    (count: number): Reply =>
    (response, { url }) => {
      if (url.includes('/notebooks/flavors')) return sendJson(response, { data: [], total: 0 });
      const query = new URL(url, 'http://upstream').searchParams;
      const offset = Number(query.get('offset') ?? 0);
      const limit = Number(query.get('limit') ?? 0);
      const all = Array.from({ length: count }, (_, index) => instanceOf(index));
      return sendJson(response, {
        total_count: count,
        instances: all.slice(offset, limit === 0 ? count : offset + limit),
      });
    };

  it('passes every filter and the order to the upstream', async () => {
    const filter = {
      status: 'STOPPED',
      provisionType: 'DOCKER',
      workspaceId: 'w',
      onlyOwn: false,
      aiProjectId: 'a',
      poolId: 'p',
    };
    const source = `query ($filter: DevEnvInstanceFilter) {
      devEnvInstances(filter: $filter, sortKey: CREATED_AT, sortDirection: DESC) { totalCount }
    }`;
    expect(await askOf(listOf(0), source, { filter })).toEqual({ data: { devEnvInstances: { totalCount: 0 } } });
    const query = new URL(upstream.received[0]?.url ?? '', 'http://upstream').searchParams;
    query.delete('offset');
    query.delete('limit');
    expect(Object.fromEntries(query)).toEqual({
      de_type: 'Notebook',
      provision_type: 'Docker',
      status: 'STOPPED',
      workspace_id: 'w',
      show_self: 'false',
      ai_project: 'a',
      pool_id: 'p',
      sortby: 'creation_timestamp',
      order: 'desc',
    });
  });

  it('can be walked page by page without losing or repeating one', async () => {
    upstream = await startUpstream(listOf(130));
    const source = `query ($after: String) {
      devEnvInstances(first: 60, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } totalCount }
    }`;
    const names: string[] = [];
    let after: string | null = null;
    do {
      const page: Walked['data']['devEnvInstances'] = ((await ask(upstream, source, { after })) as Walked).data
        .devEnvInstances;
      names.push(...page.nodes.map((node) => node.name));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(names).toEqual(Array.from({ length: 130 }, (_, index) => `n-${index}`));
  });

  it('reads flavors once for any number of instances', async () => {
    const source = '{ devEnvInstances(first: 50) { nodes { flavor { flavorId name } } } }';
    await askOf(listOf(50), source);
    expect(upstream.received.filter(({ url }) => url.includes('/notebooks/flavors'))).toHaveLength(1);
    expect(upstream.received).toHaveLength(2);
  });
});

type Walked = {
  readonly data: {
    readonly devEnvInstances: {
      readonly nodes: readonly { readonly name: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  };
};
