import { describe, expect, it } from 'vitest';
import { seedImages } from '../support/contract/seed-images.ts';
import { startSession } from './session.ts';

describe('listImage', () => {
  it('holds the images of the seed and claims one more', async () => {
    const { call } = await startSession();
    const { body } = await call('GET', '{p}/images');
    expect(body).toMatchObject({ current: 0, pages: 1, size: 200, total: seedImages.claimed });
    expect(body.data).toHaveLength(seedImages.count);
    expect(body.data[0]?.name).toBe('pytorch1.8-cuda10.2-cudnn7-ubuntu18.04');
  });

  it('pages, and gives an empty last page rather than the missing one', async () => {
    const { call } = await startSession();
    const { count, claimed } = seedImages;
    const { body } = await call('GET', `{p}/images?limit=${count}&offset=${count}`);
    expect(body).toMatchObject({ current: 1, pages: 2, size: count, total: claimed, data: [] });
  });

  it('filters by name, type, service and organisation', async () => {
    const { call } = await startSession();
    const count = async (query: string) => (await call('GET', `{p}/images?${query}`)).body.data.length;
    expect(await count('type=DEDICATED')).toBe(5);
    expect(await count('name=spark')).toBe(4);
    expect(await count('name=spark&name_fuzzy_match=false')).toBe(1);
    expect(await count('namespace=sdk-test2')).toBe(1);
    expect(await count('service_type=COMMON')).toBe(5);
  });

  it('sorts by updateTime and by nothing unknown', async () => {
    const { call } = await startSession();
    const [first] = (await call('GET', '{p}/images?sort_key=updateTime&sort_dir=DESC&limit=1')).body.data;
    expect(first?.update_at).toBe(1683537880548);
    expect((await call('GET', '{p}/images?sort_key=update_at')).body.error_code).toBe('ModelArts.6303');
  });

  it('shows own images to their project only', async () => {
    const { call, token } = await startSession();
    const stranger = await token('stranger', 'eu-de', 'globex');
    const path = '/v1/c6c7f6210ad6696fc44ef27fa19f8d11/images';
    const { body } = await call('GET', path, { token: stranger });
    expect(body.data.every((image) => image.type === 'BUILD_IN')).toBe(true);
    const [own] = (await call('GET', '{p}/images?type=DEDICATED')).body.data;
    expect((await call('GET', `${path}/${own?.id}`, { token: stranger })).body.error_code).toBe('ModelArts.6404');
  });
});

describe('listImageGroup', () => {
  it('counts own images by organisation and name, from page 1', async () => {
    const { call } = await startSession();
    const { body } = await call('GET', '{p}/images/group');
    expect(body).toMatchObject({ current: 1, pages: 1, total: 5 });
    expect(body.data).toContainEqual({
      create_at: 1668482562290,
      name: 'pytorch_1_8',
      namespace: 'atelier',
      update_at: 1668482562290,
      version_count: 1,
    });
  });
});

describe('registerImage and deleteImage', () => {
  it('registers once, ACTIVE at once, in the words of the answer', async () => {
    const { call } = await startSession();
    const body = {
      swr_path: 'swr.com/team/engine:1.0',
      resource_category: ['CPU'],
      services: ['SSH'],
      arch: 'AARCH64',
    };
    const registered = await call('POST', '{p}/images', { body });
    expect(registered.body).toMatchObject({
      name: 'engine',
      namespace: 'team',
      tag: '1.0',
      arch: 'aarch64',
      resource_categories: ['CPU'],
      dev_services: ['SSH'],
      status: 'ACTIVE',
      type: 'DEDICATED',
    });
    expect((await call('POST', '{p}/images', { body })).body.error_code).toBe('ModelArts.6737');
    const { id } = registered.body;
    expect((await call('DELETE', `{p}/images/${id}?force=true`)).body.status).toBe('DELETED');
    expect((await call('GET', `{p}/images/${id}`)).body.error_code).toBe('ModelArts.6404');
  });

  it('takes the content away when forced in the words of its cloud, and only then', async () => {
    for (const [cloud, own, other] of [
      ['otc', { query: '?force=true' }, { body: { is_force: true } }],
      ['huawei', { body: { is_force: true } }, { query: '?force=true' }],
    ] as const) {
      const { call } = await startSession({ cloud });
      const body = { swr_path: 'swr.com/team/engine:1.0' };
      const removedBy = async (how: { query?: string; body?: object }) => {
        const { id } = (await call('POST', '{p}/images', { body })).body;
        const removed = await call('DELETE', `{p}/images/${id}${how.query ?? ''}`, how.body && { body: how.body });
        expect(removed.body.status).toBe('DELETED');
        return (await call('POST', '{p}/images', { body })).body;
      };
      const again = await removedBy(other);
      expect(again.status).toBe('ACTIVE');
      await call('DELETE', `{p}/images/${again.id}`);
      expect((await removedBy(own)).error_code).toBe('ModelArts.6797');
    }
  });

  it('keeps built-in images and images in use', async () => {
    const { call, notebook } = await startSession();
    const builtIn = await call('DELETE', '{p}/images/e1a07296-22a8-4f05-8bc8-e936c8e54090');
    expect([builtIn.status, builtIn.body.error_code]).toEqual([403, 'ModelArts.0108']);
    const spark = 'df78b3f7-98a4-4616-aef0-71cfff4195c9';
    await notebook({ image_id: spark });
    expect((await call('DELETE', `{p}/images/${spark}`)).body.error_code).toBe('ModelArts.6357');
  });
});

describe('createImage', () => {
  it('goes INIT, CREATING, ACTIVE while the notebook is SNAPSHOTTING', async () => {
    const { call, notebook, pass, status } = await startSession();
    const id = await notebook();
    const save = () =>
      call('POST', `{p}/notebooks/${id}/create-image`, { body: { name: 'saved', namespace: 'team', tag: '1' } });
    expect((await save()).body.error_code).toBe('ModelArts.6357');
    pass(20_000);
    const image = (await save()).body;
    expect(image).toMatchObject({ status: 'INIT', origin: 'IMAGE_SAVE', swr_path: 'swr.com/team/saved:1' });
    expect(image).not.toHaveProperty('size');
    expect(await status(id)).toBe('SNAPSHOTTING');
    const shown = async () => (await call('GET', `{p}/images/${image.id}`)).body;
    pass(15_000);
    expect((await shown()).status).toBe('CREATING');
    pass(15_000);
    expect(await shown()).toMatchObject({ status: 'ACTIVE', size: 5094544544 });
    expect(await status(id)).toBe('RUNNING');
    expect((await save()).body.error_code).toBe('ModelArts.6737');
  });
});
