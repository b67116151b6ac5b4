import { describe, expect, it } from 'vitest';
import { startSession } from './session.ts';

type Tags = { tags: { key: string; value?: string; values?: string[] }[]; error_code: string };

describe('tags of notebooks in the simulator', () => {
  const huawei = { cloud: 'huawei' } as const;
  const create = (id: string) => `{p}/notebooks/${id}/tags/create`;
  const remove = (id: string) => `{p}/notebooks/${id}/tags/delete`;

  it('come and go without a body, in any state', async () => {
    const { call, notebook } = await startSession(huawei);
    const id = await notebook();
    const body = { tags: [{ key: 'a', value: '1' }, { key: 'b' }] };
    expect(await call('POST', create(id), { body })).toMatchObject({ status: 204, text: '' });
    const shown = await call<Tags>('GET', `{p}/notebooks/${id}`);
    expect(shown.body.tags).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
    ]);
    expect(await call('DELETE', remove(id), { body: { tags: [{ key: 'a', value: 'other' }] } })).toMatchObject({
      status: 204,
      text: '',
    });
    expect((await call<Tags>('GET', '{p}/notebooks/tags')).body).toEqual({ tags: [{ key: 'b', values: [''] }] });
  });

  it.each([
    ['no list', {}],
    ['an empty list', { tags: [] }],
    ['no key', { tags: [{ value: 'v' }] }],
    ['a key too long', { tags: [{ key: 'k'.repeat(129) }] }],
    ['a key of the system', { tags: [{ key: '_sys_a' }] }],
    ['a space before the key', { tags: [{ key: ' a' }] }],
    ['a space behind the key', { tags: [{ key: 'a ' }] }],
    ['a comma in the key', { tags: [{ key: 'a,b' }] }],
    ['a value too long', { tags: [{ key: 'a', value: 'v'.repeat(256) }] }],
    ['a bar in the value', { tags: [{ key: 'a', value: 'a|b' }] }],
    ['one too many', { tags: Array.from({ length: 21 }, (_, index) => ({ key: `k${index}` })) }],
  ])('with %s are refused, and none is added', async (what, body) => {
    const { call, notebook } = await startSession(huawei);
    const id = await notebook();
    expect(await call<Tags>('POST', create(id), { body })).toMatchObject({
      status: 400,
      body: { error_code: `ModelArts.${what.startsWith('no ') || what === 'an empty list' ? '6335' : '6336'}` },
    });
    expect((await call<Tags>('GET', '{p}/notebooks/tags')).body).toEqual({ tags: [] });
  });

  it.each(['a', 'a|', '|b', 'a|b,', 'a|b|c'])('as the filter %s are refused', async (filter) => {
    const { call } = await startSession(huawei);
    expect(await call('GET', `{p}/notebooks?tags=${filter}`)).toMatchObject({
      status: 400,
      body: { error_code: 'ModelArts.0104' },
    });
  });

  it('are unknown to Open Telekom Cloud, which passes over the filter', async () => {
    const { call, notebook } = await startSession();
    const id = await notebook();
    const body = { tags: [{ key: 'a' }] };
    for (const [method, path] of [
      ['POST', create(id)],
      ['DELETE', remove(id)],
    ] as const) {
      expect(await call(method, path, { body })).toMatchObject({ status: 404, body: { error_code: 'APIG.0101' } });
    }
    expect(await call('GET', '{p}/notebooks/tags')).toMatchObject({ status: 404, body: { error_code: 'APIG.0101' } });
    expect((await call('GET', '{p}/notebooks?tags=a|b')).body.total).toBe(1);
  });
});
