import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UpstreamUnavailableError } from '../../../src/modelarts/wire/errors.ts';
import { type PageSource, readAllItems, readItems } from '../../../src/modelarts/wire/paging.ts';
import { anyChanges, anyList } from '../../support/paging/arbitraries.ts';
import { type Item, itemsOf, movingList, rankOf } from '../../support/paging/moving-list.ts';

const notebookLimits = [10, 20, 50];
const idsOf = (items: readonly Item[]) => items.map((item) => item.id);

describe('gather', () => {
  it.each([
    [1, 10],
    [10, 10],
    [11, 20],
    [50, 50],
  ])('asks for %i items with limit %i, once', async (count, limit) => {
    const list = movingList(100, { limits: notebookLimits });
    const itemRange = await readItems(list.source, { offset: 30, count });
    expect(list.calls).toEqual([{ offset: 30, limit }]);
    expect(idsOf(itemRange.items)).toEqual(itemsOf(100).slice(30, 30 + count));
    expect(itemRange).toMatchObject({ offset: 30, isEnd: false, total: 100 });
  });

  it('goes past the largest limit in pages that overlap by one, four at once after the first', async () => {
    const list = movingList(400, { limits: notebookLimits });
    const { items } = await readItems(list.source, { offset: 0, count: 300 });
    expect(idsOf(items)).toEqual(itemsOf(300));
    expect(list.calls.map((call) => call.offset)).toEqual([0, 49, 98, 147, 196, 245, 294]);
    expect(list.mostAtOnce()).toBe(4);
  });

  it('takes a short page for the end', async () => {
    const list = movingList(38, { limits: [200] });
    expect(await readItems(list.source, { offset: 0, count: 100 })).toMatchObject({ isEnd: true, total: 38 });
    expect(list.calls).toHaveLength(1);
  });

  it('is not at the end when it leaves items of the last page out', async () => {
    const list = movingList(38, { limits: [200] });
    const { items, isEnd } = await readItems(list.source, { offset: 0, count: 37 });
    expect([items.length, isEnd]).toEqual([37, false]);
  });

  it('reads once more when a short page comes with a total that says more', async () => {
    const list = movingList(38, { limits: [200], total: () => 39 });
    expect(await readItems(list.source, { offset: 0, count: 39 })).toMatchObject({ isEnd: true, total: 39 });
    expect(list.calls).toEqual([
      { offset: 0, limit: 200 },
      { offset: 37, limit: 200 },
    ]);
  });

  it('goes on with the page size seen when the upstream caps pages silently', async () => {
    const list = movingList(180, { limits: [200], cap: 50 });
    expect(idsOf((await readAllItems(list.source)).items)).toEqual(itemsOf(180));
    expect(list.calls.map((call) => call.offset)).toEqual([0, 49, 98, 147]);
  });

  it('reads on past a total that is too low while pages are full', async () => {
    const list = movingList(35, { limits: [10], total: () => 12 });
    expect(idsOf((await readAllItems(list.source)).items)).toEqual(itemsOf(35));
  });

  it('reads without a total', async () => {
    const list = movingList(35, { limits: [10], total: () => null });
    expect(await readAllItems(list.source)).toMatchObject({ isEnd: true, total: null, items: { length: 35 } });
  });

  it('keeps the item that a deletion between two page reads moves across the seam', async () => {
    const list = movingList(30, { limits: [10], changes: [{ call: 1, kind: 'delete', position: 3, count: 1 }] });
    const { items } = await readAllItems(list.source);
    expect(idsOf(items)).toEqual(itemsOf(30));
  });

  it('finds the first page again when more than a page was deleted or inserted in front of it', async () => {
    const deletion = { call: 1, kind: 'delete', position: 0, count: 35 } as const;
    const afterDeletion = await readAllItems(movingList(60, { limits: [10], changes: [deletion] }).source);
    expect(idsOf(afterDeletion.items)).toEqual(itemsOf(60).slice(35));
    const insertion = { call: 1, kind: 'insert', position: 0, count: 35 } as const;
    const afterInsertion = await readAllItems(movingList(20, { limits: [10], changes: [insertion] }).source);
    expect(idsOf(afterInsertion.items)).toEqual(expect.arrayContaining(itemsOf(20)));
  });

  it('gives an item once that stands in two pages', async () => {
    const list = movingList(30, { limits: [10], changes: [{ call: 1, kind: 'insert', position: 0, count: 3 }] });
    expect(idsOf((await readAllItems(list.source)).items)).toEqual(itemsOf(30));
  });

  it('keeps the first of an item that is listed twice, and what stands between', async () => {
    const records = ['a', 'b', 'c', 'd', 'c', 'e'].map((id, place) => ({ id, place }));
    const { items } = await readAllItems({
      limits: [3],
      id: (item: { id: string; place: number }) => item.id,
      fetch: async (offset, limit) => {
        const page = records.slice(offset, offset + limit);
        return { items: page, received: page.length, total: records.length };
      },
    });
    expect(items.map(({ id, place }) => `${id}${place}`)).toEqual(['a0', 'b1', 'c2', 'd3', 'e5']);
  });

  it('counts items, not records, up to the number asked for', async () => {
    const list = movingList(40, { limits: [10], twiceEvery: 1 });
    expect(idsOf((await readItems(list.source, { offset: 0, count: 10 })).items)).toEqual(itemsOf(10));
  });

  it.each([12, 25])('passes records that cannot be read, from 7 to %i', async (last) => {
    const isReadable = (id: string) => rankOf(id) < 7 || rankOf(id) > last;
    const list = movingList(40, { limits: [10], isReadable });
    expect(idsOf((await readAllItems(list.source)).items)).toEqual(itemsOf(40).filter(isReadable));
  });

  it('stops at maxItems', async () => {
    const list = movingList(100, { limits: notebookLimits });
    expect(await readAllItems(list.source, { maxItems: 60 })).toMatchObject({ isEnd: false, items: { length: 60 } });
    expect(list.calls).toHaveLength(2);
  });

  it('gives up on an upstream that answers every offset with the same page', async () => {
    let calls = 0;
    const source: PageSource<Item> = {
      limits: [10],
      id: (item) => item.id,
      fetch: async () => {
        calls += 1;
        return { items: itemsOf(10).map((id) => ({ id })), received: 10, total: 1000 };
      },
    };
    await expect(readAllItems(source)).rejects.toThrow(UpstreamUnavailableError);
    expect(calls).toBeLessThan(50);
  });

  it('gives exactly the window of a list at rest', async () => {
    await fc.assert(
      fc.asyncProperty(anyList, fc.nat(70), fc.integer({ min: 1, max: 70 }), async (options, offset, count) => {
        const list = movingList(options.length, { ...options, twiceEvery: 0 });
        const itemRange = await readItems(list.source, { offset, count });
        expect(idsOf(itemRange.items)).toEqual(itemsOf(options.length).slice(offset, offset + count));
        if (itemRange.items.length < count) expect(itemRange.isEnd).toBe(true);
        if (itemRange.isEnd) expect(offset + itemRange.items.length).toBeGreaterThanOrEqual(options.length);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves nothing out between two items of a list that changes between the page reads', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyList,
        anyChanges(12),
        fc.nat(40),
        fc.integer({ min: 1, max: 80 }),
        async (options, changes, offset, count) => {
          const list = movingList(options.length, { ...options, changes });
          const { items, isEnd } = await readItems(list.source, { offset, count });
          const ranks = items.map((item) => rankOf(item.id));
          expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
          const [first, last] = [ranks[0] ?? 0, ranks.at(-1) ?? 0];
          const expected = itemsOf(options.length)
            .filter((id) => !list.deleted.has(id))
            .map(rankOf)
            .filter((rank) => (offset === 0 || rank >= first) && (isEnd || rank <= last));
          if (offset === 0 || ranks.length > 0) expect(ranks).toEqual(expect.arrayContaining(expected));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
