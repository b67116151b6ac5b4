import { describe, expect, it } from 'vitest';
import { startSession, validNotebook } from './session.ts';

const sshOnlyImage = 'e1a07296-22a8-4f05-8bc8-e936c8e54088';
const gpuImage = 'e1a07296-22a8-4f05-8bc8-e936c8e54202';
const brokenImage = '836ab55d-4a02-4dbb-b04f-ece555d642a8';

describe('createNotebook', () => {
  it('answers CREATING in the shape of the sample, without volume and url', async () => {
    const { call } = await startSession();
    const { status, body } = await call('POST', '{p}/notebooks', { body: validNotebook });
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual([
      'action_progress',
      'billing_items',
      'create_at',
      'description',
      'endpoints',
      'feature',
      'flavor',
      'id',
      'image',
      'lease',
      'name',
      'status',
      'tags',
      'token',
      'update_at',
      'user_id',
      'workspace_id',
    ]);
    expect(body.status).toBe('CREATING');
    expect(body.action_progress.map((step) => step.step)).toEqual([4, 3, 2, 1]);
    expect(body.action_progress.map((step) => step.status)).toEqual(Array(4).fill('WAITING'));
    expect(body.lease).toEqual({
      create_at: 1687656452470,
      duration: 3_600_000,
      enable: true,
      type: 'TIMING',
      update_at: 1687656452470,
    });
  });

  it('takes the four steps one after another and is RUNNING after 20 s', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    pass(12_000);
    const midway = (await call('GET', `{p}/notebooks/${id}`)).body;
    expect(midway.action_progress.map((step) => step.status)).toEqual([
      'WAITING',
      'PROCESSING',
      'COMPLETED',
      'COMPLETED',
    ]);
    expect(midway).not.toHaveProperty('url');
    pass(8_000);
    const running = (await call('GET', `{p}/notebooks/${id}`)).body;
    expect(running).toMatchObject({
      status: 'RUNNING',
      billing_items: ['COMPUTE'],
      volume: { category: 'EFS', ownership: 'MANAGED', capacity: 50, mount_path: '/home/ma-user/work/' },
      user: { name: 'demo', domain: { name: 'acme' } },
    });
    expect(running.url).toContain(id);
    expect(running.endpoints).toEqual([{ service: 'NOTEBOOK', uri: running.url }]);
    expect(running).not.toHaveProperty('action_progress');
  });

  it('is ten times as quick at speed 10', async () => {
    const { notebook, pass, status } = await startSession({ speed: 10 });
    const id = await notebook();
    pass(1_999);
    expect(await status(id)).toBe('CREATING');
    pass(1);
    expect(await status(id)).toBe('RUNNING');
  });

  it.each([
    ['a name with a space', { name: 'a b' }, '6334'],
    ['a name that is too long', { name: 'a'.repeat(129) }, '6336'],
    ['no name', { name: undefined }, '6335'],
    ['a number for a name', { name: 7 }, '6332'],
    ['no volume', { volume: undefined }, '6335'],
    ['a volume without its kind', { volume: { ownership: 'MANAGED' } }, '6335'],
    ['a volume of no kind there is', { volume: { category: 'TAPE', ownership: 'MANAGED' } }, '6336'],
    ['an apostrophe in the description', { description: "it's" }, '6334'],
    ['an unknown flavor', { flavor: 'modelarts.vm.cpu.1000u' }, '6323'],
    ['a sold-out flavor', { flavor: 'modelarts.bm.gpu.8v100', image_id: gpuImage }, '6329'],
    ['an unknown image', { image_id: '00000000-0000-0000-0000-000000000000' }, '6797'],
    ['an image that is not ACTIVE', { image_id: brokenImage }, '6797'],
    ['a GPU image on a CPU flavor', { image_id: gpuImage }, '6870'],
    ['a free flavor without feature DEFAULT', { flavor: 'modelarts.vm.cpu.free' }, '6870'],
    ['an SSH-only image without SSH', { flavor: 'modelarts.kat1.xlarge', image_id: sshOnlyImage }, '6768'],
    ['a volume that is too small', { volume: { category: 'EVS', ownership: 'MANAGED', capacity: 4 } }, '6331'],
    ['a volume that is too large', { volume: { category: 'EVS', ownership: 'MANAGED', capacity: 4097 } }, '6331'],
    ['DEDICATED without uri and id', { volume: { category: 'EFS', ownership: 'DEDICATED' } }, '6335'],
    ['half an hour of lease', { lease: { duration: 1_800_000 } }, '6349'],
    ['four days of lease', { duration: 4 * 86_400_000 }, '6349'],
    ['another workspace', { workspace_id: '1' }, '0102'],
  ])('refuses %s', async (_what, fields, code) => {
    const { call } = await startSession();
    const { status, body } = await call('POST', '{p}/notebooks', { body: { ...validNotebook, ...fields } });
    expect([status, body.error_code]).toEqual([400, `ModelArts.${code}`]);
    expect(Object.keys(body).sort()).toEqual(['error_code', 'error_msg']);
  });

  it('accepts an SSH-only image with a key pair and answers the SSH address', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook({
      flavor: 'modelarts.kat1.xlarge',
      image_id: sshOnlyImage,
      endpoints: [{ service: 'SSH', key_pair_names: ['KeyPair-a'], allowed_access_ips: ['1.1.1.1'] }],
    });
    pass(20_000);
    const [, ssh] = (await call('GET', `{p}/notebooks/${id}`)).body.endpoints;
    expect(ssh).toMatchObject({ service: 'SSH', key_pair_names: ['KeyPair-a'], allowed_access_ips: ['1.1.1.1'] });
    expect(ssh?.uri).toMatch(/^ssh:\/\/ma-user@.+:\d+$/);
  });

  it('gives EVS 5 GB and EFS 50 GB by default', async () => {
    const { call, notebook } = await startSession();
    for (const [category, capacity] of [
      ['EVS', 5],
      ['EFS', 50],
    ]) {
      const id = await notebook({ volume: { category, ownership: 'MANAGED' } });
      expect((await call('GET', `{p}/notebooks/${id}`)).body.volume).toMatchObject({ category, capacity });
    }
  });

  it('allows equal names, ten notebooks per user, and no eleventh', async () => {
    const { call, notebook, token } = await startSession();
    for (let count = 0; count < 10; count += 1) await notebook();
    const eleventh = await call('POST', '{p}/notebooks', { body: validNotebook });
    expect(eleventh.body.error_code).toBe('ModelArts.6302');
    await notebook({}, { token: await token('colleague') });
  });
});

describe('start, stop and delete', () => {
  it('run the whole circle, with a new secret at each start', async () => {
    const { call, notebook, pass, status } = await startSession();
    const id = await notebook();
    pass(20_000);
    const first = (await call('GET', `{p}/notebooks/${id}`)).body.token;
    expect((await call('POST', `{p}/notebooks/${id}/stop`)).body).toMatchObject({ status: 'STOPPING', token: first });
    pass(5_999);
    expect(await status(id)).toBe('STOPPING');
    pass(1);
    expect(await status(id)).toBe('STOPPED');
    const started = (await call('POST', `{p}/notebooks/${id}/start?duration=7200000&type=idle`)).body;
    expect(started).toMatchObject({ status: 'STARTING', lease: { duration: 26_000 + 7_200_000, type: 'IDLE' } });
    expect(started.token).not.toBe(first);
    pass(12_000);
    expect(await status(id)).toBe('RUNNING');
    expect((await call('DELETE', `{p}/notebooks/${id}`)).body.status).toBe('DELETING');
    pass(4_000);
    const gone = await call('GET', `{p}/notebooks/${id}`);
    expect(gone.status).toBe(400);
    expect(gone.body).toEqual({ error_code: 'ModelArts.6309', error_msg: 'The instance does not exist.' });
  });

  it('refuse what the state does not allow', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    const code = async (action: string) => (await call('POST', `{p}/notebooks/${id}/${action}`)).body.error_code;
    expect(await code('start')).toBe('ModelArts.6357');
    expect(await code('stop')).toBe('ModelArts.6357');
    expect((await call('DELETE', `{p}/notebooks/${id}`)).body.error_code).toBe('ModelArts.6357');
    pass(20_000);
    expect(await code('start')).toBe('ModelArts.6357');
    await call('POST', `{p}/notebooks/${id}/stop`);
    expect(await code('stop')).toBe('ModelArts.6308');
    expect(await code('start')).toBe('ModelArts.6357');
    pass(6_000);
    expect(await code('stop')).toBe('ModelArts.6357');
    await call('POST', `{p}/notebooks/${id}/start`);
    expect(await code('start')).toBe('ModelArts.6306');
  });

  it('refuse to delete a running notebook when asked to', async () => {
    const { call, notebook, pass } = await startSession({ deleteFromRunning: false });
    const id = await notebook();
    pass(20_000);
    expect((await call('DELETE', `{p}/notebooks/${id}`)).body.error_code).toBe('ModelArts.6304');
    await call('POST', `{p}/notebooks/${id}/stop`);
    pass(6_000);
    expect((await call('DELETE', `{p}/notebooks/${id}`)).status).toBe(200);
  });

  it('do not start with GET, as the workflow page prints it', async () => {
    const { call, notebook } = await startSession();
    const { status, body } = await call('GET', `{p}/notebooks/${await notebook()}/start`);
    expect([status, body.error_code]).toEqual([404, 'APIG.0101']);
  });
});

describe('notebook lists', () => {
  it('page by records, repeat the size asked for, and omit times, url and user', async () => {
    const { call, notebook, pass, token } = await startSession();
    for (let count = 0; count < 10; count += 1) {
      await notebook({ name: `nb-${count}` });
      pass(1);
    }
    const colleague = await token('colleague');
    await notebook({ name: 'theirs' }, { token: colleague });
    const own = (await call('GET', '{p}/notebooks?limit=20')).body;
    expect(own).toMatchObject({ current: 0, pages: 1, size: 20, total: 10 });
    expect(own.data).toHaveLength(10);
    expect(own.data[0]?.name).toBe('nb-9');
    for (const key of ['create_at', 'update_at', 'url', 'user']) expect(own.data[0]).not.toHaveProperty(key);
    expect(own.data[0]).toHaveProperty('volume');
    const second = (await call('GET', '{p}/notebooks/all?limit=10&offset=10')).body;
    expect(second).toMatchObject({ current: 1, pages: 2, size: 10, total: 11 });
    expect(second.data.map((item) => item.name)).toEqual(['nb-0']);
    expect((await call('GET', '{p}/notebooks', { token: colleague })).body.total).toBe(1);
  });

  it('filter by name part and status, and sort', async () => {
    const { call, notebook, pass } = await startSession();
    for (const name of ['beta', 'alpha', 'alphabet']) await notebook({ name });
    const names = async (query: string) =>
      (await call('GET', `{p}/notebooks?${query}`)).body.data.map((item) => item.name);
    expect(await names('name=alpha&sort_key=name&sort_dir=ASC')).toEqual(['alpha', 'alphabet']);
    expect(await names('status=RUNNING')).toEqual([]);
    pass(20_000);
    expect(await names('status=RUNNING&sort_key=name')).toEqual(['beta', 'alphabet', 'alpha']);
    expect(await names('feature=DEFAULT')).toEqual([]);
  });

  it.each([
    ['limit=15', '0104'],
    ['sort_key=colour', '6303'],
    ['status=SLEEPING', '0104'],
    ['workspaceId=1', '0102'],
    ['offset=-1', '0104'],
  ])('refuses %s', async (query, code) => {
    const { call } = await startSession();
    expect((await call('GET', `{p}/notebooks?${query}`)).body.error_code).toBe(`ModelArts.${code}`);
  });

  it('filter by the spelling of their cloud, and pass over the other', async () => {
    for (const [cloud, own, other] of [
      ['otc', 'workspaceId', 'workspace_id'],
      ['huawei', 'workspace_id', 'workspaceId'],
    ] as const) {
      const { call } = await startSession({ cloud });
      expect((await call('GET', `{p}/notebooks?${own}=1`)).body.error_code).toBe('ModelArts.0102');
      expect((await call('GET', `{p}/notebooks?${other}=1`)).status).toBe(200);
    }
  });

  it("show another owner's to an administrator, and to nobody else", async () => {
    const { call, notebook, token } = await startSession();
    await notebook();
    const owner = (await call('GET', '{p}/notebooks')).body.data[0]?.user_id;
    const totalFor = async (user: string) =>
      (await call('GET', `{p}/notebooks?owner=${owner}`, { token: await token(user) })).body.total;
    expect(await totalFor('admin')).toBe(1);
    expect(await totalFor('colleague')).toBe(0);
  });
});
