import { describe, expect, it } from 'vitest';
import { type Session, startSession } from './session.ts';

const research = '878991804cdc4ba597f2bbdbf7e59dd9';
const sandbox = '99250e439b33431081c15bf6a52da885';
const otherImage = 'e1a07296-22a8-4f05-8bc8-e936c8e54099';

/** Three that differ in each thing a list filters by, and their ids by name. */
async function three(session: Session): Promise<Record<string, string>> {
  const { notebook, pass, call } = session;
  const large = await notebook({
    name: 'large',
    flavor: 'modelarts.vm.cpu.8u',
    volume: { category: 'EVS', ownership: 'MANAGED', capacity: 50 },
  });
  pass(20_000);
  const stopped = await notebook({ name: 'stopped', volume: { category: 'EVS', ownership: 'MANAGED', capacity: 5 } });
  const plain = await notebook({ name: 'plain', workspace_id: research, image_id: otherImage });
  pass(20_000);
  await call('POST', `{p}/notebooks/${stopped}/stop`);
  pass(6_000);
  return { large, stopped, plain };
}

const namesOf =
  ({ call }: Session, list = 'notebooks') =>
  async (query: string): Promise<string[]> =>
    (await call('GET', `{p}/${list}?${query}`)).body.data.map(({ name }) => name).sort();

describe('the lists of notebooks in the simulator of newer Huawei Cloud', () => {
  it.each(['notebooks', 'notebooks/all'])('%s holds what each filter lets pass, and nothing else', async (list) => {
    const session = await startSession({ cloud: 'huawei' });
    const { large } = await three(session);
    const names = namesOf(session, list);
    expect(await names('')).toEqual(['large', 'plain', 'stopped']);
    expect(await names(`id=${large}`)).toEqual(['large']);
    expect(await names('id=00000000-0000-4000-8000-000000000000')).toEqual([]);
    expect(await names('flavor=cpu.2u')).toEqual(['plain', 'stopped']);
    expect(await names('flavor=gpu')).toEqual([]);
    expect(await names(`image_id=${otherImage}`)).toEqual(['plain']);
    expect(await names('billing=COMPUTE')).toEqual(['large', 'plain']);
    expect(await names('billing=STORAGE')).toEqual(['large', 'stopped']);
    expect(await names('billing=ALL')).toEqual(['large']);
    expect(await names(`workspace_id=${research}`)).toEqual(['plain']);
    expect(await names('workspace_id=0')).toEqual(['large', 'stopped']);
    expect(await names(`workspace_id=0&flavor=2u&billing=STORAGE`)).toEqual(['stopped']);
  });

  it('refuse a kind of billing there is none', async () => {
    const { call } = await startSession({ cloud: 'huawei' });
    expect((await call('GET', '{p}/notebooks?billing=FREE')).body.error_code).toBe('ModelArts.0104');
  });
});

describe('the lists of notebooks in the simulator of Open Telekom Cloud', () => {
  it('filter by workspace, and pass over what they do not document', async () => {
    const session = await startSession();
    await three(session);
    const names = namesOf(session);
    expect(await names(`workspaceId=${research}`)).toEqual(['plain']);
    for (const query of ['id=x', 'flavor=gpu', 'image_id=x', 'billing=NONE', 'tags=a|b'])
      expect(await names(query), query).toEqual(['large', 'plain', 'stopped']);
  });
});

describe('a workspace in the simulator', () => {
  it('holds what was made in it: notebooks, images and legacy environments', async () => {
    const { call, notebook } = await startSession();
    const id = await notebook({ workspace_id: research });
    expect((await call('GET', `{p}/notebooks/${id}`)).body).toMatchObject({ workspace_id: research });
    const image = { swr_path: 'swr.com/team/engine:1', workspace_id: research };
    expect((await call('POST', '{p}/images', { body: image })).body).toMatchObject({ workspace_id: research });
    const own = await call('GET', `{p}/images?type=DEDICATED&workspace_id=${research}`);
    expect(own.body.data.map(({ name }) => name)).toEqual(['engine']);
    const environment = {
      name: 'legacy',
      profile_id: 'Multi-Engine 1.0 (python3)-cpu',
      flavor: 'modelarts.vm.cpu.2u',
      spec: { storage: { type: 'obs', location: { path: '/bucket/work/' } } },
      workspace: { id: research },
    };
    const made = await call('POST', '{p}/demanager/instances', { body: environment });
    expect(made.body).toMatchObject({ workspace: { id: research } });
    const listed = await call('GET', `{p}/demanager/instances?de_type=Notebook&workspace_id=${research}`);
    expect(listed.body.instances.map(({ name }) => name)).toEqual(['legacy']);
  });

  it('that the caller may not enter is as if it were not there', async () => {
    const { call, token } = await startSession();
    const refused = await call('GET', `{p}/notebooks?workspaceId=${sandbox}`);
    expect(refused.body.error_code).toBe('ModelArts.0102');
    const admin = await token('admin');
    expect((await call('GET', `{p}/notebooks?workspaceId=${sandbox}`, { token: admin })).status).toBe(200);
  });
});
