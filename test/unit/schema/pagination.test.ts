import { describe, expect, it } from 'vitest';
import { BadUserInputError } from '../../../src/modelarts/wire/errors.ts';
import {
  type Connection,
  type ConnectionArguments,
  connectionOf,
  connectionOfArray,
} from '../../../src/schema/relay/pagination.ts';
import { type Item, itemsOf, type MovingList, movingList } from '../../support/paging/moving-list.ts';

const notebookLimits = [10, 20, 50];
const idsOf = (connection: Connection<Item>) => connection.edges.map((edge) => edge.node.id);
const range = (start: number, end: number) => itemsOf(end).slice(start);

const cursorOf = async (list: MovingList, index: number): Promise<string> => {
  const { pageInfo } = await connectionOf(list.source, { first: index + 1 });
  return pageInfo.endCursor ?? '';
};

/** The page behind item 19 of a list, after a change to it, and the number of calls it took. */
async function pageAfter19(length: number, change: (list: MovingList) => void, limits = notebookLimits) {
  const list = movingList(length, { limits });
  const after = await cursorOf(list, 19);
  const before = list.calls.length;
  change(list);
  const page = await connectionOf(list.source, { first: 20, after });
  return { ids: idsOf(page), pageInfo: page.pageInfo, calls: list.calls.length - before };
}

async function refusalOf(ask: Promise<unknown> | (() => unknown)): Promise<BadUserInputError> {
  const thrown = await Promise.resolve()
    .then(() => (typeof ask === 'function' ? ask() : ask))
    .catch((error: unknown) => error);
  if (!(thrown instanceof BadUserInputError)) throw new Error('There was no BadUserInputError.', { cause: thrown });
  return thrown;
}

describe('the arguments of a page', () => {
  const list = movingList(30, { limits: notebookLimits });

  it.each<[string, ConnectionArguments, string]>([
    ['first over 200', { first: 201 }, 'first'],
    ['first below 0', { first: -1 }, 'first'],
    ['last over 200', { last: 201 }, 'last'],
    ['last below 0', { last: -1 }, 'last'],
    ['first and last', { first: 1, last: 1 }, 'last'],
    ['an after that is no cursor', { after: 'YXJyYXk6MA==' }, 'after'],
    ['an empty after', { after: '' }, 'after'],
    ['a before that is no cursor', { before: Buffer.from('[1,-1,"a","","",0]').toString('base64url') }, 'before'],
    ['a cursor of a list without the item', { after: Buffer.from('[1,0,"a","","",0]').toString('base64url') }, 'after'],
  ])('are refused when they are %s', async (_, args, path) => {
    const ofList = await refusalOf(connectionOf(list.source, args));
    const ofArray = await refusalOf(() => connectionOfArray(itemsOf(30), String, args));
    expect([ofList.issues[0]?.path, ofArray.issues[0]?.path]).toEqual([[path], [path]]);
    expect(ofList.issues[0]?.message).toMatch(/\w{3}.*\.$/);
  });

  it('give 20 when nothing is asked for, from the front, and with before alone those right before it', async () => {
    expect(idsOf(await connectionOf(list.source, {}))).toEqual(range(0, 20));
    expect(idsOf(await connectionOf(list.source, { before: await cursorOf(list, 25) }))).toEqual(range(5, 25));
  });

  it.each<[ConnectionArguments, string[], boolean, boolean]>([
    [{ first: 0 }, [], true, false],
    [{ last: 0 }, [], false, true],
    [{ first: 3 }, range(0, 3), true, false],
    [{ last: 3 }, range(27, 30), false, true],
    [{ first: 30 }, range(0, 30), false, false],
    [{ last: 200 }, range(0, 30), false, false],
  ])('select from the front or from the back: %o', async (args, ids, hasNextPage, hasPreviousPage) => {
    for (const page of [
      await connectionOf(list.source, args),
      connectionOfArray(
        itemsOf(30).map((id) => ({ id })),
        (item) => item.id,
        args,
      ),
    ]) {
      expect(idsOf(page)).toEqual(ids);
      expect(page.pageInfo).toMatchObject({ hasNextPage, hasPreviousPage });
    }
  });

  it.each<[string, (after: string, before: string) => ConnectionArguments, string[], boolean, boolean]>([
    ['first after', (after) => ({ first: 3, after }), range(6, 9), true, true],
    ['first: 0 after', (after) => ({ first: 0, after }), [], true, true],
    ['last before', (_, before) => ({ last: 3, before }), range(17, 20), true, true],
    ['last before, to the start', (_, before) => ({ last: 20, before }), range(0, 20), true, false],
    ['first after before', (after, before) => ({ first: 3, after, before }), range(6, 9), true, true],
    ['last after before', (after, before) => ({ last: 3, after, before }), range(17, 20), true, true],
    ['everything between', (after, before) => ({ first: 50, after, before }), range(6, 20), true, true],
    ['nothing between', (after, before) => ({ first: 5, after: before, before: after }), [], true, true],
    ['first before', (_, before) => ({ first: 3, before }), range(0, 3), true, false],
    ['last after', (after) => ({ last: 3, after }), range(27, 30), false, true],
  ])('select beside cursors: %s', async (_, argsOf, ids, hasNextPage, hasPreviousPage) => {
    const args = argsOf(await cursorOf(list, 5), await cursorOf(list, 20));
    const array = itemsOf(30).map((id) => ({ id }));
    for (const page of [await connectionOf(list.source, args), connectionOfArray(array, (item) => item.id, args)]) {
      expect(idsOf(page)).toEqual(ids);
      expect(page.pageInfo).toMatchObject({ hasNextPage, hasPreviousPage });
    }
  });
});

describe('the upstream calls of a page', () => {
  it.each<[string, number, ConnectionArguments, { offset: number; limit: number }[]]>([
    ['first: 20, with room for the item ahead', 100, { first: 20 }, [{ offset: 0, limit: 50 }]],
    ['first: 9', 100, { first: 9 }, [{ offset: 0, limit: 10 }]],
    ['first: 50 of fewer', 45, { first: 50 }, [{ offset: 0, limit: 50 }]],
    ['first: 50 of more', 60, { first: 50 }, [{ offset: 0, limit: 50 }]],
    [
      'first: 50 of 50, where only a read shows the end',
      50,
      { first: 50 },
      [
        { offset: 0, limit: 50 },
        { offset: 49, limit: 10 },
      ],
    ],
    ['last: 20 of a list that fits a page', 45, { last: 20 }, [{ offset: 0, limit: 50 }]],
    [
      'last: 20 of a longer list',
      300,
      { last: 20 },
      [
        { offset: 0, limit: 50 },
        { offset: 262, limit: 50 },
      ],
    ],
  ])('are no more than needed for %s', async (_, length, args, calls) => {
    const list = movingList(length, { limits: notebookLimits });
    const page = await connectionOf(list.source, args);
    expect(list.calls).toEqual(calls);
    expect(page.pageInfo.hasNextPage).toBe(length > (args.first ?? length));
    expect(page.edges).toHaveLength(Math.min(length, args.first ?? args.last ?? 0));
  });

  it('are one for a page after, and one for a page before, when nothing moved', async () => {
    const list = movingList(200, { limits: notebookLimits });
    const cursor = await cursorOf(list, 100);
    for (const args of [
      { first: 20, after: cursor },
      { last: 20, before: cursor },
    ]) {
      const before = list.calls.length;
      await connectionOf(list.source, args);
      expect(list.calls.length - before).toBe(1);
    }
  });
});

describe('totalCount', () => {
  const list = movingList(38, { limits: [200], total: () => 39 });

  it('is what the upstream says until the end was read, then what is there', async () => {
    expect((await connectionOf(list.source, { first: 20 })).totalCount).toBe(39);
    const whole = await connectionOf(list.source, { first: 50 });
    expect([whole.totalCount, whole.edges.length, whole.pageInfo.hasNextPage]).toEqual([38, 38, false]);
    expect((await connectionOf(list.source, { last: 1 })).totalCount).toBe(38);
    expect((await connectionOf(list.source, { first: 30, after: await cursorOf(list, 19) })).totalCount).toBe(38);
  });

  it('is null while the upstream says nothing', async () => {
    const silent = movingList(60, { limits: [20], total: () => null });
    expect((await connectionOf(silent.source, { first: 10 })).totalCount).toBeNull();
    expect((await connectionOf(silent.source, { first: 60 })).totalCount).toBe(60);
  });
});

describe('a page after an item', () => {
  it.each<[string, (list: MovingList) => void, number]>([
    ['nothing moved', () => {}, 1],
    ['some were deleted in front', (list) => list.change({ kind: 'delete', position: 0, count: 10 }), 1],
    ['some were inserted in front', (list) => list.change({ kind: 'insert', position: 0, count: 10 }), 1],
    ['the item itself was deleted', (list) => list.change({ kind: 'delete', position: 19, count: 1 }), 1],
    ['the whole page was deleted', (list) => list.change({ kind: 'delete', position: 0, count: 20 }), 7],
    ['thirty were inserted in front', (list) => list.change({ kind: 'insert', position: 0, count: 30 }), 2],
    ['a hundred were inserted in front', (list) => list.change({ kind: 'insert', position: 0, count: 100 }), 10],
  ])('goes on behind the item when %s', async (_, change, calls) => {
    expect(await pageAfter19(300, change)).toMatchObject({
      ids: range(20, 40),
      pageInfo: { hasNextPage: true },
      calls,
    });
  });

  it('gives what was inserted right behind the item', async () => {
    const { ids } = await pageAfter19(300, (list) => list.change({ kind: 'insert', position: 20, count: 1 }));
    expect(ids).toEqual(['19.5', ...range(20, 39)]);
  });

  it('starts from the front when the item and all before it were deleted', async () => {
    const list = movingList(30, { limits: notebookLimits });
    const after = await cursorOf(list, 4);
    list.change({ kind: 'delete', position: 0, count: 6 });
    expect(idsOf(await connectionOf(list.source, { first: 5, after }))).toEqual(range(6, 11));
  });

  it('says what to do when everything around the item was deleted', async () => {
    const refused = await refusalOf(
      pageAfter19(300, (list) => list.change({ kind: 'delete', position: 10, count: 12 })),
    );
    expect(refused.message).toMatch(/^after: .*is gone.*start again without `after`\.$/);
  });

  it('searches an unknown item once in a list that fits a page', async () => {
    const list = movingList(30, { limits: notebookLimits });
    await refusalOf(connectionOf(list.source, { after: Buffer.from('[1,0,"a","","",0]').toString('base64url') }));
    expect(list.calls).toHaveLength(1);
  });

  it('stays where it was when the item itself moved forward', async () => {
    const { ids } = await pageAfter19(300, (list) => list.move('19', 8));
    expect(ids).toEqual(range(20, 40));
  });

  it('finds an item of a list too long to be read whole', async () => {
    const list = movingList(5000, { limits: [200] });
    const { pageInfo } = await connectionOf(list.source, { last: 1000 / 5 });
    list.change({ kind: 'delete', position: 100, count: 700 });
    const page = await connectionOf(list.source, { first: 3, after: pageInfo.startCursor });
    expect(idsOf(page)).toEqual(range(4801, 4804));
  });
});

describe('a page before an item', () => {
  it('goes on before the nearest item that is left when the item itself was deleted', async () => {
    const list = movingList(100, { limits: [10] });
    const { pageInfo } = await connectionOf(list.source, { last: 1 });
    list.change({ kind: 'delete', position: 92, count: 8 });
    expect(idsOf(await connectionOf(list.source, { last: 3, before: pageInfo.startCursor }))).toEqual(range(89, 92));
  });

  it('says what to do when everything around the item was deleted', async () => {
    const list = movingList(100, { limits: [10] });
    const { pageInfo } = await connectionOf(list.source, { last: 1 });
    list.change({ kind: 'delete', position: 91, count: 9 });
    const refused = await refusalOf(connectionOf(list.source, { last: 3, before: pageInfo.startCursor }));
    expect(refused.message).toMatch(/^before: .*is gone.*start again without `before`\.$/);
  });
});
