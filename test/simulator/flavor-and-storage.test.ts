import { describe, expect, it } from 'vitest';
import { startSession } from './session.ts';

describe('the flavors of the simulator', () => {
  it('are all listed without a limit, from page 1, memory in KiB', async () => {
    const { call } = await startSession();
    const { body } = await call('GET', '{p}/notebooks/flavors');
    expect(body).toMatchObject({ current: 1, pages: 1, total: body.data.length });
    expect(body).not.toHaveProperty('flavors');
    expect(body.data[0]).toEqual({
      arch: 'x86_64',
      billing: { code: 'modelarts.vm.cpu.2u', unit_num: 1 },
      category: 'CPU',
      description: 'CPU flavor',
      feature: 'NOTEBOOK',
      free: false,
      id: 'modelarts.vm.cpu.2u',
      memory: 8388608,
      name: 'CPU: 2 vCPUs 8 GB',
      sold_out: false,
      storages: ['EVS', 'OBSFS', 'EFS', 'OBS'],
      vcpus: 2,
    });
    expect(body.data.some((flavor) => flavor.memory > 2 ** 31)).toBe(true);
    expect(body.data.some((flavor) => flavor.sold_out)).toBe(true);
  });

  it('are filtered by category, and paged', async () => {
    const { call } = await startSession();
    const { body } = await call('GET', '{p}/notebooks/flavors?category=GPU&limit=2&offset=2');
    expect(body).toMatchObject({ current: 2, pages: 2, size: 2, total: 3 });
    expect(body.data).toHaveLength(1);
    expect((await call('GET', '{p}/notebooks/flavors?category=QUANTUM')).body.error_code).toBe('ModelArts.0104');
  });

  it('are those of notebooks on newer Huawei Cloud, unless those of CodeLab are asked for', async () => {
    const { call } = await startSession({ cloud: 'huawei' });
    const features = async (query: string) =>
      new Set((await call('GET', `{p}/notebooks/flavors?${query}`)).body.data.map(({ feature }) => feature));
    expect(await features('')).toEqual(new Set(['NOTEBOOK']));
    expect(await features('feature=NOTEBOOK')).toEqual(new Set(['NOTEBOOK']));
    expect(await features('feature=DEFAULT')).toEqual(new Set(['DEFAULT']));
    expect((await call('GET', '{p}/notebooks/flavors?feature=OTHER')).body.error_code).toBe('ModelArts.0104');
    const elsewhere = await startSession();
    const all = await elsewhere.call('GET', '{p}/notebooks/flavors?feature=DEFAULT');
    expect(all.body.data.length).toBeGreaterThan(1);
  });

  it('are offered twice to switch to within a kind of processor', async () => {
    const { call, notebook } = await startSession();
    const { body } = await call('GET', `{p}/notebooks/${await notebook()}/flavors`);
    expect(body.data.map((flavor) => flavor.id)).toEqual(['modelarts.vm.cpu.8u', 'modelarts.bm.cpu.192u']);
    expect(body.flavors).toEqual(body.data);
  });
});

describe('the storage mounts of the simulator', () => {
  const mount = (name: string) => ({ category: 'OBS', mount_path: `/data/${name}/`, uri: `obs://bucket/${name}/` });

  it('come and go asynchronously', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    const path = `{p}/notebooks/${id}/storage`;
    expect((await call('POST', path, { body: mount('a') })).body.error_code).toBe('ModelArts.6327');
    pass(20_000);
    const mounting = (await call('POST', path, { body: mount('a') })).body;
    expect(mounting).toEqual({
      id: mounting.id,
      category: 'OBSFS',
      mount_path: '/data/a/',
      uri: 'obs://bucket/a/',
      status: 'MOUNTING',
    });
    pass(3_000);
    expect((await call('GET', path)).body).toMatchObject({ current: 1, total: 1, data: [{ status: 'MOUNTED' }] });
    expect((await call('DELETE', `${path}/${mounting.id}`)).body.status).toBe('UNMOUNTING');
    pass(3_000);
    expect((await call('GET', `${path}/${mounting.id}`)).body.error_code).toBe('ModelArts.6404');
  });

  it('are ten at most, of well-formed paths, and end at the stop', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    const path = `{p}/notebooks/${id}/storage`;
    pass(20_000);
    const wrong = await call('POST', path, { body: { ...mount('a'), mount_path: '/home/a/' } });
    expect(wrong.body.error_code).toBe('ModelArts.6336');
    for (let count = 0; count < 10; count += 1) await call('POST', path, { body: mount(`m${count}`) });
    expect((await call('POST', path, { body: mount('m10') })).body.error_code).toBe('ModelArts.6302');
    await call('POST', `{p}/notebooks/${id}/stop`);
    pass(6_000);
    expect((await call('GET', path)).body.total).toBe(0);
  });
});
