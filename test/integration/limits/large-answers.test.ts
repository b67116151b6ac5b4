import { describe, expect, it } from 'vitest';
import { startTestBed } from '../../support/gateway.ts';
import { sendJson, startUpstream } from '../../support/wire/scripted-upstream.ts';

const count = 200;
const row = (index: number) => ({
  id: `nb-${index}`,
  name: `n${index}`,
  status: 'RUNNING',
  description: 'é',
  tags: [],
});
const list = (aliases: number, first: number) => `{ ${Array.from(
  { length: aliases },
  (_, index) => `a${index}: notebooks(first: ${first}) { ...page }`,
).join(' ')} } fragment page on NotebookConnection {
  totalCount nodes { id notebookId name status description feature workspaceId createdAt image { id } tags { key } }
}`;

/** A gateway over an upstream with 200 notebooks; `pages` tells how many pages it gave. */
async function start() {
  let pages = 0;
  const upstream = await startUpstream((response, { url }) => {
    const query = new URL(url, 'http://upstream').searchParams;
    const offset = Number(query.get('offset'));
    const length = Math.max(0, Math.min(Number(query.get('limit')), count - offset));
    pages += 1;
    sendJson(response, { data: Array.from({ length }, (_, index) => row(offset + index)), total: count });
  });
  const bed = await startTestBed({
    gateway: { endpoints: { modelarts: upstream.url, iam: upstream.url }, projectId: 'p', onParity: undefined },
  });
  return {
    bed,
    pages: () => pages,
    async close(): Promise<void> {
      await bed.close();
      await upstream.close();
    },
  };
}

describe('a large answer', () => {
  it.each([1, 2, 3])('lets answers of others through while it is built, time %i', async () => {
    const { bed, pages, close } = await start();
    let pagesAtLast = 0;
    let meanwhile = 0;
    let isOver = false;
    const large = bed.ask(list(20, count)).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await bed.ask('{ __typename }', {}, { 'x-auth-token': 'another' });
      // what came since the last page was read is what came while the answer was built
      meanwhile = pages() === pagesAtLast ? meanwhile + 1 : 0;
      pagesAtLast = pages();
    }
    const { data } = await large;
    expect(Object.keys(data)).toHaveLength(20);
    expect(meanwhile).toBeGreaterThan(10);
    await close();
  });

  it('has all its rows in their order, however often it is asked for', async () => {
    const { bed, close } = await start();
    const expected = Array.from({ length: count }, (_, index) => `n${index}`);
    for (let time = 0; time < 3; time++) {
      const { data } = await bed.ask(list(3, count));
      for (const page of Object.values<{ nodes: { name: string }[] }>(data)) {
        expect(page.nodes.map(({ name }) => name)).toEqual(expected);
      }
    }
    await close();
  });

  it('has rows as edges and as nodes alike', async () => {
    const { bed, close } = await start();
    const query = `{ notebooks(first: ${count}) { edges { cursor node { name } } nodes { name } pageInfo { endCursor } } }`;
    const { data } = await bed.ask(query);
    const { edges, nodes, pageInfo } = data.notebooks;
    expect(edges.map((edge: { node: unknown }) => edge.node)).toEqual(nodes);
    expect(edges.at(-1).cursor).toBe(pageInfo.endCursor);
    await close();
  });
});
