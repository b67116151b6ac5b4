import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook, createNotebookMutation, notebookInput, withCalls } from '../../support/notebooks.ts';

const listing = `query($filter: NotebookFilter, $scope: NotebookScope) {
  notebooks(filter: $filter, scope: $scope) { totalCount nodes { id notebookId name image { id imageId } } }
}`;
const evs = { category: 'EVS', ownership: 'MANAGED', capacityGiB: 50 };
type Row = { id: string; name: string; image: { id: string; imageId: string } };

describe('filters of notebooks on newer Huawei Cloud', () => {
  const bed = sharedBed({ simulator: { cloud: 'huawei' } });
  let plain = '';
  beforeAll(async () => {
    plain = await createNotebook(bed, 'plain');
    const large = { ...notebookInput('large'), flavorId: 'modelarts.vm.cpu.8u', volume: evs };
    await bed.ask(createNotebookMutation, { input: large });
    await bed.advance(60_000);
  });
  afterAll(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  const list = (filter: object, scope = 'OWN') => withCalls(bed, () => bed.ask(listing, { filter, scope }));
  const namesOf = (nodes: readonly Row[]) => nodes.map(({ name }) => name).sort();

  it.each(['OWN', 'PROJECT'])('of %s are asked of ModelArts under its names', async (scope) => {
    const all = await list({}, scope);
    const row: Row = all.answer.data.notebooks.nodes.find(({ name }: Row) => name === 'plain');
    for (const [filter, query, names] of [
      [{ id: row.id }, { id: plain }, ['plain']],
      [{ id: plain }, { id: plain }, ['plain']],
      [{ flavorId: 'cpu.8u' }, { flavor: 'cpu.8u' }, ['large']],
      [{ imageId: row.image.id }, { image_id: row.image.imageId }, ['large', 'plain']],
      [{ billing: 'STORAGE' }, { billing: 'STORAGE' }, ['large']],
      [{ billing: 'COMPUTE' }, { billing: 'COMPUTE' }, ['large', 'plain']],
      [{ billing: 'ALL', flavorId: '2u' }, { billing: 'ALL', flavor: '2u' }, []],
    ] as const) {
      const { answer, calls } = await list(filter, scope);
      expect(answer.errors).toBeUndefined();
      expect(namesOf(answer.data.notebooks.nodes)).toEqual(names);
      expect(answer.data.notebooks.totalCount).toBe(names.length);
      expect(calls).toHaveLength(1);
      expect(calls[0]?.request.query).toMatchObject(query);
    }
  });

  it.each([
    ['an id of something else', { id: Buffer.from('Image:a').toString('base64') }, 'filter.id'],
    ['a word of ModelArts for an id', { id: 'all' }, 'filter.id'],
    ['no image', { imageId: 'a/b' }, 'filter.imageId'],
    ['a flavor there cannot be', { flavorId: 'a b' }, 'filter.flavorId'],
  ])('with %s are refused before anything is sent', async (_what, filter, path) => {
    const { answer, calls } = await list(filter);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    const issues: { path: string[] }[] = answer.errors?.[0]?.extensions?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toEqual([path]);
    expect(calls).toEqual([]);
  });

  it('that a list passes over are no answer: items that say nothing prove nothing', async () => {
    await bed.fault({ name: 'merge', operation: 'listNotebooks', item: { billing_items: null } });
    const silent = await list({ billing: 'STORAGE' });
    expect(namesOf(silent.answer.data.notebooks.nodes)).toEqual(['large']);
    await bed.clearFaults();
    await bed.fault({ name: 'merge', operation: 'listNotebooks', item: { workspace_id: 'another' } });
    const other = await list({ workspaceId: '0' });
    expect(other.answer.errors).toMatchObject([
      { message: 'ModelArts did not filter by the workspace.', extensions: { code: 'UPSTREAM_SETUP' } },
    ]);
  });
});

describe('filters of notebooks on Open Telekom Cloud', () => {
  const bed = sharedBed();
  beforeAll(async () => {
    await createNotebook(bed, 'plain');
  });

  it.each([
    ['the id', { id: '00000000-0000-4000-8000-000000000000' }],
    ['the flavor', { flavorId: 'gpu' }],
    ['the image', { imageId: '00000000-0000-4000-8000-000000000000' }],
    ['what is billed', { billing: 'STORAGE' }],
  ])('by %s are not passed on as if they had held anything back', async (what, filter) => {
    const { data, errors } = await bed.ask(listing, { filter, scope: 'OWN' });
    expect(data?.notebooks ?? null).toBeNull();
    expect(errors).toMatchObject([
      { message: `ModelArts did not filter by ${what}.`, extensions: { code: 'UPSTREAM_SETUP' } },
    ]);
  });
});
