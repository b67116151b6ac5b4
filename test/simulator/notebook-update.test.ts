import { describe, expect, it } from 'vitest';
import { startSession } from './session.ts';

const gpuImage = 'e1a07296-22a8-4f05-8bc8-e936c8e54202';

describe('updateNotebook', () => {
  it('answers only the fields it changed', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    pass(20_000);
    const updated = await call('PUT', `{p}/notebooks/${id}`, { body: { name: 'renamed', description: "it's new" } });
    expect(updated.body).toEqual({ name: 'renamed', description: "it's new" });
    expect((await call('GET', `{p}/notebooks/${id}`)).body).toMatchObject({ name: 'renamed', status: 'RUNNING' });
  });

  it('changes flavor and image of stopped notebooks only', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook();
    const put = async (body: object) => (await call('PUT', `{p}/notebooks/${id}`, { body })).body;
    expect((await put({ name: 'early' })).error_code).toBe('ModelArts.6357');
    pass(20_000);
    expect((await put({ name: 'half', flavor: 'modelarts.vm.cpu.8u' })).error_code).toBe('ModelArts.6347');
    await call('POST', `{p}/notebooks/${id}/stop`);
    pass(6_000);
    expect((await call('GET', `{p}/notebooks/${id}`)).body.name).toBe('notebooks_test');
    expect(await put({ flavor: 'modelarts.vm.cpu.8u' })).toEqual({ flavor: 'modelarts.vm.cpu.8u' });
    expect((await put({ flavor: 'modelarts.vm.gpu.v100' })).error_code).toBe('ModelArts.6792');
    expect((await put({ image_id: gpuImage })).error_code).toBe('ModelArts.6870');
    expect((await put({ storage_new_size: 100 })).error_code).toBe('ModelArts.6347');
    expect((await put({})).error_code).toBe('ModelArts.6400');
  });

  it('grows EVS of a running notebook, which is busy meanwhile', async () => {
    const { call, notebook, pass } = await startSession();
    const id = await notebook({ volume: { category: 'EVS', ownership: 'MANAGED', capacity: 20 } });
    pass(20_000);
    const put = async (size: number) =>
      (await call('PUT', `{p}/notebooks/${id}`, { body: { storage_new_size: size } })).body;
    expect((await put(20)).error_code).toBe('ModelArts.6331');
    expect((await put(30)).volume).toMatchObject({ capacity: 30, status: 'RESIZING' });
    expect((await call('POST', `{p}/notebooks/${id}/stop`)).body.error_code).toBe('ModelArts.6357');
    pass(5_000);
    expect((await call('GET', `{p}/notebooks/${id}`)).body.volume).toMatchObject({ capacity: 30, status: 'IN_USE' });
    expect((await call('POST', `{p}/notebooks/${id}/stop`)).status).toBe(200);
  });
});

describe('a project of the simulator', () => {
  it('knows nothing of another project’s notebooks', async () => {
    const { call, notebook, simulator, token } = await startSession();
    const id = await notebook();
    const stranger = await token('stranger', 'eu-de', 'globex');
    const elsewhere = '/v1/c6c7f6210ad6696fc44ef27fa19f8d11';
    expect((await call('GET', `${elsewhere}/notebooks/all`, { token: stranger })).body.total).toBe(0);
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/stop'],
      ['GET', '/lease'],
      ['GET', '/storage'],
    ] as const) {
      const options = { token: stranger, ...(method === 'PUT' && { body: { name: 'mine' } }) };
      const { body } = await call(method, `${elsewhere}/notebooks/${id}${path}`, options);
      expect(body.error_code).toBe('ModelArts.6309');
    }
    expect(simulator.demo.projectId).not.toBe(elsewhere.slice(4));
  });
});
