import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { follow } from '../../support/follow.ts';
import { createNotebook, operationsOf, withCalls } from '../../support/notebooks.ts';

type Tag = { key: string; value: string };

const problem =
  '... on Error { code message remedy upstreamCode } ... on BadUserInputError { issues { path message } }';
const add = `mutation($input: AddNotebookTagsInput!) {
  addNotebookTags(input: $input) {
    __typename
    ... on AddNotebookTagsPayload { notebookId notebook { tags { key value } } }
    ${problem}
  }
}`;
const remove = `mutation($input: RemoveNotebookTagsInput!) {
  removeNotebookTags(input: $input) {
    __typename
    ... on RemoveNotebookTagsPayload { notebookId notebook { tags { key value } } }
    ${problem}
  }
}`;
const listing = `query($tags: [TagFilter!], $scope: NotebookScope, $first: Int, $after: String) {
  notebooks(filter: { tags: $tags }, scope: $scope, first: $first, after: $after) {
    totalCount
    nodes { name }
    pageInfo { hasNextPage endCursor }
  }
}`;

const tag = (key: string, value = ''): Tag => ({ key, value });

// at speed 1 and without advance, nothing changes by itself
describe('tags of notebooks on newer Huawei Cloud', () => {
  const bed = sharedBed({ simulator: { speed: 1, cloud: 'huawei', notebooksPerUser: 100 } });
  afterAll(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  const adding = (id: string, tags: readonly Tag[], more: object = {}) =>
    withCalls(bed, async () => (await bed.ask(add, { input: { id, tags, ...more } })).data.addNotebookTags);
  const removing = (id: string, keys: readonly string[]) =>
    withCalls(bed, async () => (await bed.ask(remove, { input: { id, keys } })).data.removeNotebookTags);
  const tagsOf = async (id: string): Promise<Tag[]> =>
    (await bed.ask('query($id: ID!) { notebook(id: $id) { tags { key value } } }', { id })).data.notebook.tags;
  const list = (tags: readonly Tag[] | null, more: object = {}) =>
    withCalls(bed, () => bed.ask(listing, { tags, ...more }));
  const namesOf = async (...asked: Parameters<typeof list>): Promise<string[]> =>
    (await list(...asked)).answer.data.notebooks.nodes.map(({ name }: { name: string }) => name).sort();

  it('are added in one call, and read back in one more when they are selected', async () => {
    const id = await createNotebook(bed, 'added');
    const { answer, calls } = await adding(id, [tag('team', 'vision'), tag('Kostenstelle ä', '47/11')]);
    expect(answer).toEqual({
      __typename: 'AddNotebookTagsPayload',
      notebookId: id,
      notebook: { tags: [tag('team', 'vision'), tag('Kostenstelle ä', '47/11')] },
    });
    expect(operationsOf(calls)).toEqual(['createNotebookTags', 'showNotebook']);
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({
      tags: [tag('team', 'vision'), tag('Kostenstelle ä', '47/11')],
    });
    const unread = await withCalls(bed, () =>
      bed.ask('mutation($input: AddNotebookTagsInput!) { addNotebookTags(input: $input) { __typename } }', {
        input: { id, tags: [tag('x')] },
      }),
    );
    expect(operationsOf(unread.calls)).toEqual(['createNotebookTags']);
  });

  it('get a new value when they are added with a key that is there', async () => {
    const id = await createNotebook(bed, 'again');
    await adding(id, [tag('stage', 'test')]);
    await adding(id, [tag('stage', 'live'), tag('empty')]);
    expect(await tagsOf(id)).toEqual([tag('stage', 'live'), tag('empty')]);
  });

  it('are removed by their keys, and one that is not there is passed over', async () => {
    const id = await createNotebook(bed, 'removed');
    await adding(id, [tag('a', '1'), tag('b', '2'), tag('c', '3')]);
    const { answer, calls } = await removing(id, ['a', 'c', 'never']);
    expect(answer).toEqual({
      __typename: 'RemoveNotebookTagsPayload',
      notebookId: id,
      notebook: { tags: [tag('b', '2')] },
    });
    expect(operationsOf(calls)).toEqual(['deleteNotebookTags', 'showNotebook']);
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({ tags: [{ key: 'a' }, { key: 'c' }, { key: 'never' }] });
  });

  it('of a workspace are asked for in it', async () => {
    const id = await createNotebook(bed, 'workspace');
    const { answer, calls } = await adding(id, [tag('a')], { workspaceId: '1' });
    expect(answer).toMatchObject({ __typename: 'NotFoundError', upstreamCode: 'ModelArts.0102' });
    expect(calls[0]?.request.query).toEqual({ workspace_id: '1' });
  });

  it('of a notebook that is not there cannot be changed', async () => {
    const id = '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f';
    const notFound = { __typename: 'NotFoundError', upstreamCode: 'ModelArts.6309' };
    expect((await adding(id, [tag('a')])).answer).toMatchObject(notFound);
    expect((await removing(id, ['a'])).answer).toMatchObject(notFound);
  });

  it('that cannot be tags are refused all at once, before anything is sent', async () => {
    const { answer, calls } = await adding('..', [
      tag('', 'no key'),
      tag('k'.repeat(129)),
      tag('comma,bar|'),
      tag(' space '),
      tag('_sys_own'),
      tag('long', 'v'.repeat(256)),
      tag('bad', 'a|b'),
      tag('twice', '1'),
      tag('twice', '2'),
    ]);
    expect(answer.__typename).toBe('BadUserInputError');
    expect(answer.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'input.id',
      'input.tags.0.key',
      'input.tags.1.key',
      'input.tags.2.key',
      'input.tags.3.key',
      'input.tags.4.key',
      'input.tags.5.value',
      'input.tags.6.value',
      'input.tags.8.key',
    ]);
    expect(calls).toEqual([]);
  });

  it('at the limits are taken, and one beyond is not', async () => {
    const id = await createNotebook(bed, 'limits');
    const twenty = Array.from({ length: 20 }, (_, index) => tag(`${index}`.padStart(128, 'k'), 'v'.repeat(255)));
    expect((await adding(id, [...twenty, tag('more')])).answer.issues).toEqual([
      { path: ['input', 'tags'], message: 'At most 20 tags.' },
    ]);
    expect((await adding(id, [])).answer.issues).toEqual([
      { path: ['input', 'tags'], message: 'Give at least one tag.' },
    ]);
    expect((await removing(id, [])).answer.issues).toEqual([
      { path: ['input', 'keys'], message: 'Give at least one key.' },
    ]);
    expect((await adding(id, twenty)).answer.notebook.tags).toHaveLength(20);
    // how many there are already only ModelArts knows
    expect((await adding(id, [tag('more')])).answer).toMatchObject({
      __typename: 'BadUserInputError',
      upstreamCode: 'ModelArts.6336',
    });
    expect(
      (
        await removing(
          id,
          twenty.map(({ key }) => key),
        )
      ).answer.notebook.tags,
    ).toEqual([]);
  });

  it('of the whole project are listed by key, each with its values', async () => {
    const [one, two] = [await createNotebook(bed, 'one'), await createNotebook(bed, 'two')];
    await adding(one, [tag('colour', 'red'), tag('size', 'big')]);
    await adding(two, [tag('colour', 'blue'), tag('size', 'big')]);
    const { answer, calls } = await withCalls(bed, () => bed.ask('{ notebookTags { key values } }'));
    expect(operationsOf(calls)).toEqual(['showNotebookTags']);
    const { notebookTags } = answer.data;
    expect(notebookTags).toContainEqual({ key: 'colour', values: ['red', 'blue'] });
    expect(notebookTags).toContainEqual({ key: 'size', values: ['big'] });
    const other = await bed.ask('{ notebookTags(workspaceId: "1") { key } }');
    expect(other.errors).toMatchObject([{ extensions: { upstreamCode: 'ModelArts.0102' } }]);
    const wrong = await withCalls(bed, () => bed.ask('{ notebookTags(workspaceId: "A/..") { key } }'));
    expect(wrong.answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(wrong.calls).toEqual([]);
  });

  it.each([
    ['OWN', 'listNotebooks'],
    ['PROJECT', 'listAllNotebooks'],
  ])('filter the list of %s: ModelArts is asked for them, and all must be there', async (scope, operationId) => {
    const [both, single] = [await createNotebook(bed, `both-${scope}`), await createNotebook(bed, `single-${scope}`)];
    await adding(both, [tag('scope', scope), tag('kind', 'a b/c')]);
    await adding(single, [tag('scope', scope)]);
    expect(await namesOf([tag('scope', scope)], { scope })).toEqual([`both-${scope}`, `single-${scope}`]);
    const { answer, calls } = await list([tag('scope', scope), tag('kind', 'a b/c')], { scope });
    expect(answer.data.notebooks).toMatchObject({ totalCount: 1, nodes: [{ name: `both-${scope}` }] });
    expect(operationsOf(calls)).toEqual([operationId]);
    expect(calls[0]?.request.query.tags).toBe(`scope|${scope},kind|a b/c`);
    expect(await namesOf([tag('scope', 'nobody')], { scope })).toEqual([]);
  });

  it('page as every list does', async () => {
    const names = ['page-1', 'page-2', 'page-3'];
    for (const name of names) await adding(await createNotebook(bed, name), [tag('paged', 'yes')]);
    const read: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 5; pages++) {
      const { answer }: Awaited<ReturnType<typeof list>> = await list([tag('paged', 'yes')], { first: 1, after });
      const { notebooks } = answer.data;
      read.push(...notebooks.nodes.map(({ name }: { name: string }) => name));
      expect(notebooks.totalCount).toBe(3);
      after = notebooks.pageInfo.endCursor;
      if (!notebooks.pageInfo.hasNextPage) break;
    }
    expect(read).toEqual([...names].reverse());
  });

  it('filter nothing where there are none in the filter', async () => {
    const all = await namesOf(null);
    expect(await namesOf([])).toEqual(all);
    expect((await list([])).calls[0]?.request.query).not.toHaveProperty('tags');
  });

  it.each([
    ['an empty value', [tag('a')], 'filter.tags.0.value'],
    ['a key twice', [tag('a', '1'), tag('a', '2')], 'filter.tags.1.key'],
    ['what would be another filter', [tag('a|b,c', 'd')], 'filter.tags.0.key'],
  ])('in a filter with %s are refused before anything is sent', async (_what, tags, path) => {
    const { answer, calls } = await list(tags);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    const issues: { path: string[] }[] = answer.errors?.[0]?.extensions?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toEqual([path]);
    expect(calls).toEqual([]);
  });

  it('are read again where a list leaves them out', async () => {
    const id = await createNotebook(bed, 'left-out');
    await adding(id, [tag('left', 'out')]);
    await bed.fault({
      name: 'merge',
      operation: 'listNotebooks',
      body: { data: [{ id, name: 'left-out', status: 'RUNNING' }] },
    });
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask('{ notebooks(filter: { tags: [{ key: "left", value: "out" }] }) { nodes { tags { key value } } } }'),
    );
    expect(answer.data.notebooks.nodes).toEqual([{ tags: [tag('left', 'out')] }]);
    expect(operationsOf(calls)).toEqual(['listNotebooks', 'showNotebook']);
  });

  it('that come or go are an event, and move a notebook into a watch by tag and out of it', async () => {
    const id = await createNotebook(bed, 'watched');
    await bed.force(id, { status: 'STOPPED' });
    const selected = 'kind notebookId notebook { tags { key value } }';
    const all = follow(bed, `subscription { notebooksChanged(filter: { name: "watched" }) { ${selected} } }`);
    const tagged = follow(
      bed,
      `subscription { notebooksChanged(filter: { tags: [{ key: "watch", value: "me" }] }) { notebooks { name } ${selected} } }`,
    );
    expect(await all.next()).toMatchObject({ kind: 'SNAPSHOT' });
    expect(await tagged.next()).toMatchObject({ kind: 'SNAPSHOT', notebooks: [] });
    await bed.ask(add, { input: { id, tags: [tag('watch', 'me')] } });
    const notebook = { tags: [tag('watch', 'me')] };
    expect(await all.next()).toEqual({ kind: 'MODIFIED', notebookId: id, notebook });
    expect(await tagged.next()).toMatchObject({ kind: 'ADDED', notebookId: id, notebook });
    await bed.ask(remove, { input: { id, keys: ['watch'] } });
    expect(await all.next()).toEqual({ kind: 'MODIFIED', notebookId: id, notebook: { tags: [] } });
    expect(await tagged.next()).toMatchObject({ kind: 'REMOVED', notebookId: id });
    await Promise.all([all.leave(), tagged.leave()]);
  });
});

describe('tags of notebooks on a cloud without them', () => {
  const bed = sharedBed({ simulator: { speed: 1 } });
  let id = '';
  beforeAll(async () => {
    id = await createNotebook(bed, 'plain');
  });
  afterAll(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  const unknown = { code: 'UPSTREAM_SETUP', remedy: expect.stringContaining('does not offer this API there') };

  it('cannot be changed, and the answer says why', async () => {
    const refused = { __typename: 'UpstreamSetupError', ...unknown, upstreamCode: 'APIG.0101' };
    expect((await bed.ask(add, { input: { id, tags: [tag('a')] } })).data.addNotebookTags).toMatchObject(refused);
    expect((await bed.ask(remove, { input: { id, keys: ['a'] } })).data.removeNotebookTags).toMatchObject(refused);
  });

  it('cannot be listed', async () => {
    const { errors } = await bed.ask('{ notebookTags { key } }');
    expect(errors).toMatchObject([{ extensions: { ...unknown, upstreamCode: 'APIG.0101' } }]);
  });

  it('cannot be listed where `tags` is taken for the id of a notebook', async () => {
    const body = { error_code: 'ModelArts.6309', error_msg: 'The instance does not exist.' };
    await bed.fault({ name: 'error', operation: 'showNotebookTags', status: 400, body });
    const { errors } = await bed.ask('{ notebookTags { key } }');
    expect(errors).toMatchObject([{ extensions: unknown }]);
  });

  it('filter no list: what the filter did not hold back is not passed on as if it had', async () => {
    const { data, errors } = await bed.ask(listing, { tags: [tag('a', 'b')] });
    expect(data?.notebooks ?? null).toBeNull();
    expect(errors).toMatchObject([{ message: 'ModelArts did not filter by these tags.', extensions: unknown }]);
    const none = await bed.ask(
      '{ notebooks(filter: { name: "nobody", tags: [{ key: "a", value: "b" }] }) { totalCount } }',
    );
    expect(none.data).toEqual({ notebooks: { totalCount: 0 } });
  });
});
