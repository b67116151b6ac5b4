import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startSession } from './session.ts';

const sample = (name: string): object =>
  JSON.parse(
    readFileSync(new URL(`../../contract/samples/createDevEnvironment.${name}.json`, import.meta.url), 'utf8'),
  );

const instances = '{p}/demanager/instances';
const evsRequest = {
  name: 'notebook-c6fd',
  profile_id: 'Multi-Engine 1.0 (python3)-gpu',
  flavor: 'modelarts.bm.gpu.v100NV32',
  spec: { storage: { type: 'evs', location: { volume_size: 5 } }, auto_stop: { enable: true, duration: 3600 } },
};

const keysOf = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`))
    : [path];

describe('createDevEnvironment', () => {
  it('accepts the sample request', async () => {
    const { call } = await startSession();
    const { status, body } = await call('POST', instances, { body: sample('request') });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'notebook-d115',
      flavor: 'modelarts.kat1.xlarge',
      status: 'CREATING',
      spec: { storage: { type: 'obs', location: { path: '/aaaaaaaaa/output/' } } },
    });
    expect(body.id).toMatch(/^DE-[0-9a-f-]{36}$/);
  });

  it('answers with the keys and types of the sample answer', async () => {
    const { call } = await startSession();
    const { body } = await call('POST', instances, { body: evsRequest });
    expect(keysOf(body).sort()).toEqual(keysOf(sample('response-200')).sort());
    expect(body).toMatchObject({
      creation_timestamp: '1687656452470',
      flavor_details: { params: { CPU: 8, GPU: 1, gpu_type: 'v100NV32', memory: '64GiB' }, status: 'onSale' },
      spec: { annotations: { url: '' }, auto_stop: { duration: 3600, enable: true, prompt: true } },
    });
  });

  it.each([
    ['an unknown profile', { profile_id: 'Magic-Engine' }, '6336'],
    ['a number for a profile', { profile_id: 1 }, '6332'],
    ['no profile', { profile_id: undefined }, '6335'],
    ['a pool without its id', { pool: { name: 'mine' } }, '6335'],
    ['an unknown flavor', { flavor: 'modelarts.none' }, '6323'],
    ['a profile of another processor', { profile_id: 'Power-Engine 1.0(python3)' }, '6330'],
    ['a sold-out flavor', { flavor: 'modelarts.bm.gpu.p100' }, '6329'],
    ['a name of 65 characters', { name: 'a'.repeat(65) }, '6336'],
    ['a name with a dot', { name: 'a.b' }, '6334'],
    ['an apostrophe in the description', { description: "it's" }, '6334'],
    ['no storage', { spec: {} }, '6316'],
    ['OBS without a path', { spec: { storage: { type: 'obs' } } }, '6317'],
    ['a path without trailing slash', { spec: { storage: { type: 'obs', location: { path: '/a/b' } } } }, '6318'],
    ['the root of a bucket', { spec: { storage: { type: 'obs', location: { path: '/bucket/' } } } }, '6358'],
    ['a path without a bucket', { spec: { storage: { type: 'obs', location: { path: '//bucket/a/' } } } }, '6336'],
    ['an address for a path', { spec: { storage: { type: 'obs', location: { path: 'obs://bucket/a/' } } } }, '6336'],
    [
      'a disk at a path without trailing slash',
      { spec: { storage: { type: 'evs', location: { path: '/a' } } } },
      '6318',
    ],
    ['extended storage without a pool', { spec: { ...evsRequest.spec, extend_storage: [{ type: 'obsfs' }] } }, '6324'],
    [
      'extended storage of another kind',
      { spec: { ...evsRequest.spec, extend_storage: [{ type: 'obs' }] }, pool: { id: 'p' } },
      '6324',
    ],
    ['another storage', { spec: { storage: { type: 'efs' } } }, '6324'],
    ['auto stop without duration', { spec: { storage: { type: 'evs' }, auto_stop: { enable: true } } }, '6348'],
    ['auto stop too soon', { spec: { storage: { type: 'evs' }, auto_stop: { enable: true, duration: 60 } } }, '6349'],
  ])('refuses %s', async (_what, fields, code) => {
    const { call } = await startSession();
    const { status, body } = await call('POST', instances, { body: { ...evsRequest, ...fields } });
    expect([status, body.error_code]).toEqual([400, `ModelArts.${code}`]);
    expect(Object.keys(body).sort()).toEqual(['error_code', 'error_message']);
  });

  it('answers the documented error to a path without a slash', async () => {
    const { call } = await startSession();
    const spec = { storage: { type: 'obs', location: { path: '/a/b' } } };
    const { text } = await call('POST', instances, { body: { ...evsRequest, spec } });
    expect(JSON.parse(text)).toEqual(sample('response-error'));
  });

  it('takes a name once', async () => {
    const { call } = await startSession();
    await call('POST', instances, { body: evsRequest });
    expect((await call('POST', instances, { body: evsRequest })).body.error_code).toBe('ModelArts.6301');
  });
});

describe('life of an instance', () => {
  it('runs, stops by itself when auto stop ends, starts again and is deleted', async () => {
    const { call, pass } = await startSession();
    const { id } = (await call('POST', instances, { body: evsRequest })).body;
    const shown = async () => (await call('GET', `${instances}/${id}`)).body;
    expect((await shown()).spec.auto_stop).not.toHaveProperty('remain_time');
    pass(20_000);
    const running = await shown();
    expect(running).toMatchObject({ status: 'RUNNING', spec: { extend_params: null, failed_reasons: null } });
    expect(running.spec.annotations.url).not.toBe('');
    expect(running.spec.auto_stop).toMatchObject({ stop_timestamp: 1687656472470 + 3_600_000, remain_time: 3600 });
    const act = async (action: string) => (await call('POST', `${instances}/${id}/action`, { body: { action } })).body;
    expect((await act('start')).error_code).toBe('ModelArts.6305');
    expect((await call('DELETE', `${instances}/${id}`)).body.error_code).toBe('ModelArts.6304');
    pass(3_600_000);
    expect((await shown()).status).toBe('STOPPING');
    pass(6_000);
    expect((await act('stop')).error_code).toBe('ModelArts.6307');
    expect(await act('start')).toEqual({ current_status: 'STARTING', previous_state: 'STOPPED' });
    pass(12_000);
    expect(await act('stop')).toEqual({ current_status: 'STOPPING', previous_state: 'RUNNING' });
    expect((await act('restart')).error_code).toBe('ModelArts.6336');
    pass(6_000);
    expect((await call('DELETE', `${instances}/${id}`)).body).toEqual({ instance_id: id });
    const gone = await call('GET', `${instances}/${id}`);
    expect(gone.body).toEqual({ error_message: 'The instance does not exist.', error_code: 'ModelArts.6309' });
  });

  it('queues for a free flavor that is sold out', async () => {
    const { call, pass } = await startSession();
    const body = {
      ...evsRequest,
      profile_id: 'Multi-Engine 1.0 (python3)-cpu',
      flavor: 'modelarts.vm.cpu.free',
    };
    const created = (await call('POST', instances, { body })).body;
    expect(created).toMatchObject({
      status: 'CREATE_QUEUING',
      flavor_details: { promo_type: 'Free', status: 'soldOut', queuing_num: 3, queue_left_time: 60 },
      queuing_info: { rank: 3, remain_time: 60, begin_timestamp: 1687656452470, end_timestamp: 1687656512470 },
    });
    const shown = async () => (await call('GET', `${instances}/${created.id}`)).body;
    pass(30_000);
    expect((await shown()).queuing_info).toMatchObject({ rank: 2, remain_time: 30 });
    pass(30_000);
    expect(await shown()).toMatchObject({ status: 'CREATING' });
    expect(await shown()).not.toHaveProperty('queuing_info');
    pass(20_000);
    expect((await shown()).status).toBe('RUNNING');
  });
});

describe('updateDevEnvironment', () => {
  it('answers without spec, and a changed auto stop waits for the next start', async () => {
    const { call, pass } = await startSession();
    const { id } = (await call('POST', instances, { body: evsRequest })).body;
    pass(20_000);
    const body = { description: 'This is for test.', spec: { auto_stop: { enable: true, duration: 7200 } } };
    const updated = (await call('PUT', `${instances}/${id}`, { body })).body;
    expect(updated).toMatchObject({ id, description: 'This is for test.' });
    expect(updated).not.toHaveProperty('spec');
    const autoStop = async () => (await call('GET', `${instances}/${id}`)).body.spec.auto_stop;
    expect(await autoStop()).toMatchObject({ duration: 7200, remain_time: 3600 });
    await call('POST', `${instances}/${id}/action`, { body: { action: 'stop' } });
    pass(6_000);
    await call('POST', `${instances}/${id}/action`, { body: { action: 'start' } });
    pass(12_000);
    expect(await autoStop()).toMatchObject({ duration: 7200, remain_time: 7200 });
  });
});

describe('listDevEnvironments', () => {
  it('demands de_type, sorts, and limits by 0 as by none', async () => {
    const { call, pass, token } = await startSession();
    for (const name of ['b', 'a', 'c']) {
      await call('POST', instances, { body: { ...evsRequest, name } });
      pass(1);
    }
    expect((await call('GET', instances)).body.error_code).toBe('ModelArts.0104');
    const list = async (query: string) => {
      const { body } = await call('GET', `${instances}?de_type=Notebook&${query}`);
      return { total: body.total_count, names: body.instances.map((instance) => instance.name) };
    };
    expect(await list('limit=0')).toEqual({ total: 4, names: ['a', 'b', 'c', 'notebook-showcase'] });
    expect(await list('limit=2&offset=1')).toEqual({ total: 4, names: ['b', 'c'] });
    expect((await list('sortby=creation_timestamp&order=desc')).names).toEqual(['c', 'a', 'b', 'notebook-showcase']);
    expect((await list('status=RUNNING')).names).toEqual(['notebook-showcase']);
    const colleague = await token('colleague');
    const total = async (query: string) =>
      (await call('GET', `${instances}?de_type=Notebook&${query}`, { token: colleague })).body.total_count;
    expect(await total('')).toBe(0);
    expect(await total('show_self=false')).toBe(4);
  });
});
