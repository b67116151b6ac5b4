import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed, type TestBedOptions } from '../../support/gateway.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';

const count = 50;
const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';

/** A cloud with that many notebooks, of four images and one flavor, and the gateway before it. */
async function startStocked(notebooks: number, gateway: TestBedOptions['gateway'] = {}) {
  const bed = await startTestBed({
    gateway: { projectId, ...gateway },
    simulator: { notebooksPerUser: notebooks, speed: 1000 },
  });
  const upstream = async (path: string, body?: unknown) => {
    const response = await fetch(`${bed.simulator.url}/v1/${projectId}/${path}`, {
      headers: { 'x-auth-token': bed.simulator.demo.token, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    return response.json() as Promise<{ id: string; data: { id: string; [key: string]: unknown }[] }>;
  };
  const { data } = await upstream('images?limit=200');
  // those that fit the flavor
  const images = data.filter(
    ({ arch, resource_categories: categories, dev_services: services }) =>
      arch === 'x86_64' && [categories].flat().includes('CPU') && [services].flat().includes('NOTEBOOK'),
  );
  const volume = { category: 'EFS', ownership: 'MANAGED', capacity: 50 };
  const ids = await Promise.all(
    Array.from({ length: notebooks }, async (_, index) => {
      const image = images[index % 4]?.id;
      return (
        await upstream('notebooks', { name: `nb-${index}`, flavor: 'modelarts.vm.cpu.2u', image_id: image, volume })
      ).id;
    }),
  );
  await bed.advance(1000);
  return { bed, ids };
}

/** How often each operation was called for a query. */
async function costIn(bed: TestBed, query: string, variables = {}) {
  const { answer, calls } = await withCalls(bed, () => bed.ask(query, variables));
  expect(answer.errors).toBeUndefined();
  const cost: Record<string, number> = {};
  for (const operation of operationsOf(calls)) cost[String(operation)] = (cost[String(operation)] ?? 0) + 1;
  return { data: answer.data, cost };
}

/** What a query costs upstream, with 50 notebooks. */
describe('upstream calls', () => {
  let bed: TestBed;
  let ids: string[] = [];
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);

  beforeAll(async () => {
    process.on('warning', onWarning);
    ({ bed, ids } = await startStocked(count));
  });
  afterAll(async () => {
    await bed.close();
    process.off('warning', onWarning);
  });

  const costOf = (query: string, variables = {}) => costIn(bed, query, variables);
  const listOf = (fields: string) => `{ notebooks(first: ${count}) { nodes { ${fields} } } }`;

  describe('of a list of 50 notebooks', () => {
    it('are one list', async () => {
      const { data, cost } = await costOf(
        listOf('name status lease { expiresAt } volume { capacityGiB } jupyterToken'),
      );
      expect(data.notebooks.nodes).toHaveLength(count);
      expect(cost).toEqual({ listNotebooks: 1 });
    });

    it('are one list of flavors more with their details, however many notebooks there are', async () => {
      const { data, cost } = await costOf(listOf('image { name } flavor { name vcpus memoryMiB }'));
      expect(data.notebooks.nodes[49]).toMatchObject({
        image: { name: expect.stringMatching(/\w/) },
        flavor: { vcpus: 2 },
      });
      expect(cost).toEqual({ listNotebooks: 1, listFlavors: 1 });
    });

    it('are no flavors for the id of the flavor alone', async () => {
      const { data, cost } = await costOf(listOf('flavor { __typename id flavorId }'));
      expect(data.notebooks.nodes[0].flavor.flavorId).toBe('modelarts.vm.cpu.2u');
      expect(cost).toEqual({ listNotebooks: 1 });
    });

    it('are one list of images more with what the copy in a notebook lacks', async () => {
      const { data, cost } = await costOf(listOf('image { name arch sizeBytes } flavor { vcpus }'));
      for (const { image } of data.notebooks.nodes) expect(image.arch).toBe('X86_64');
      expect(cost).toEqual({ listNotebooks: 1, listFlavors: 1, listImage: 1 });
    });

    it.each([
      'flavor @skip(if: true) { name } image @include(if: false) { arch }',
      '... @skip(if: true) { flavor { name } image { arch } }',
      '...rest @skip(if: true)',
    ])('are none for what is skipped: %s', async (fields) => {
      const rest = 'fragment rest on Notebook { flavor { name } image { arch } }';
      const { cost } = await costOf(`${listOf(`name ${fields}`)} ${fields.includes('rest') ? rest : ''}`);
      expect(cost).toEqual({ listNotebooks: 1 });
    });

    it.each([
      ['flavor', 'flavor { name }', 'listFlavors'],
      ['image', 'image { arch }', 'listImage'],
    ])(
      'are one list when that of each %s cannot be read, which fails the field of each row',
      async (field, fields, operation) => {
        await bed.fault({ name: 'wrong-type', operation, as: 'array' });
        const { answer, calls } = await withCalls(bed, () => bed.ask(listOf(`name ${fields}`)));
        await bed.clearFaults();
        expect(answer.data.notebooks.nodes).toHaveLength(count);
        for (const node of answer.data.notebooks.nodes)
          expect(node).toEqual({ name: expect.any(String), [field]: null });
        expect(answer.errors?.[1]).toMatchObject({
          path: ['notebooks', 'nodes', 1, field],
          extensions: { code: 'UPSTREAM_INVALID' },
        });
        expect(operationsOf(calls)).toEqual(['listNotebooks', operation]);
      },
    );

    it('are one list of flavors and of images by way of edges and fragments', async () => {
      const query = `{ notebooks(first: ${count}) { ...page } }
        fragment page on NotebookConnection { edges { node { ... on Notebook { flavor { ...size } image { arch } } } } }
        fragment size on Flavor { vcpus }`;
      const { data, cost } = await costOf(query);
      expect(data.notebooks.edges[49].node).toEqual({ flavor: { vcpus: 2 }, image: { arch: 'X86_64' } });
      expect(cost).toEqual({ listNotebooks: 1, listFlavors: 1, listImage: 1 });
    });

    it('are one read of each notebook with fields lists lack, once for all of them', async () => {
      const { data, cost } = await costOf(listOf('url user { name } endpoints { uri } updatedAt progress { percent }'));
      expect(data.notebooks.nodes[0]).toMatchObject({ url: expect.stringMatching(/^https/), user: { name: 'demo' } });
      expect(cost).toEqual({ listNotebooks: 1, showNotebook: count });
    });

    it('are one more when a page is full and it is asked whether there is more', async () => {
      const { data, cost } = await costOf(`{ notebooks(first: ${count}) { pageInfo { hasNextPage } } }`);
      expect(data.notebooks.pageInfo.hasNextPage).toBe(false);
      expect(cost).toEqual({ listNotebooks: 2 });
    });
  });

  describe('of single notebooks', () => {
    it('are one for 19 aliases of one notebook, by raw and by global id', async () => {
      const { data: first } = await costOf('query($id: ID!) { notebook(id: $id) { id } }', { id: ids[0] });
      const aliases = Array.from(
        { length: 19 },
        (_, index) => `n${index}: notebook(id: $${index % 2 ? 'raw' : 'id'}) { name url }`,
      );
      const variables = { raw: ids[0], id: first.notebook.id };
      const { data, cost } = await costOf(
        `query($raw: ID!, $id: ID!) { ${aliases.join(' ')} node(id: $id) { id } }`,
        variables,
      );
      expect(data.n18).toEqual(data.n0);
      expect(cost).toEqual({ showNotebook: 1 });
    });

    it('are one for each notebook of nodes, however often it is named', async () => {
      const { data: some } = await costOf('{ notebooks(first: 10) { nodes { id } } }');
      const globalIds: string[] = some.notebooks.nodes.map((node: { id: string }) => node.id);
      const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Notebook { id name } } }';
      const { data, cost } = await costOf(query, { ids: [...globalIds, ...globalIds] });
      expect(data.nodes.map((node: { id: string }) => node.id)).toEqual([...globalIds, ...globalIds]);
      expect(cost).toEqual({ showNotebook: 10 });
    });

    it('are one list for any number of flavors and images of nodes', async () => {
      const { data: some } = await costOf('{ flavors { nodes { id } } images(first: 20) { nodes { id } } }');
      const globalIds = [...some.flavors.nodes, ...some.images.nodes].map((node: { id: string }) => node.id);
      const query =
        'query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Flavor { vcpus } ... on Image { name } } }';
      const { data, cost } = await costOf(query, { ids: globalIds });
      expect(data.nodes).toHaveLength(globalIds.length);
      expect(data.nodes).not.toContain(null);
      expect(cost).toEqual({ listFlavors: 1, listImage: 1 });
    });

    it('are none for ids that cannot be one', async () => {
      const { answer, calls } = await withCalls(bed, () =>
        bed.ask(
          '{ a: notebook(id: "all") { name } b: notebook(id: "../images") { name } c: image(id: "group") { name } }',
        ),
      );
      expect(answer.errors).toHaveLength(3);
      for (const error of answer.errors ?? []) expect(error.extensions.code).toBe('BAD_USER_INPUT');
      expect(calls).toEqual([]);
    });
  });

  it('of an operation are not remembered for the next', async () => {
    const query = 'query($id: ID!) { notebook(id: $id) { name } }';
    const { cost } = await costOf(query, { id: ids[0] });
    expect((await costOf(query, { id: ids[0] })).cost).toEqual(cost);
    expect(cost).toEqual({ showNotebook: 1 });
  });

  it('are no leak to Node, however many are made at once', () => {
    expect(warnings).toEqual([]);
  });
});

describe('upstream calls of the pages of a longer list, with their images and flavors', () => {
  const pageOf = (size: string) => `query($after: String) { notebooks(${size}, after: $after) {
    edges { cursor node { image { name arch } flavor { name } } } } }`;

  /** What each page costs in all. */
  async function costOfPages(bed: TestBed, size: string, lengths: readonly number[]) {
    const costs: Record<string, number>[] = [];
    let after: string | null = null;
    for (const length of lengths) {
      const { data, cost }: Awaited<ReturnType<typeof costIn>> = await costIn(bed, pageOf(size), { after });
      expect(data.notebooks.edges).toHaveLength(length);
      costs.push(cost);
      after = data.notebooks.edges.at(-1).cursor;
    }
    return costs;
  }

  const details = { listFlavors: 1, listImage: 1 };

  it('are three each, and one more where a page and the row before it are more than ModelArts lists at once', async () => {
    const { bed } = await startStocked(120);
    try {
      expect(await costOfPages(bed, 'first: 40', [40, 40, 40])).toEqual([
        { listNotebooks: 1, ...details },
        { listNotebooks: 1, ...details },
        { listNotebooks: 1, ...details },
      ]);
      expect(await costOfPages(bed, 'first: 50', [50, 50, 20])).toEqual([
        { listNotebooks: 1, ...details },
        { listNotebooks: 2, ...details },
        { listNotebooks: 1, ...details },
      ]);
    } finally {
      await bed.close();
    }
  });

  it('are at most three with the catalogue cache', async () => {
    const { bed } = await startStocked(120, { catalogTtlMs: 60_000 });
    try {
      expect(await costOfPages(bed, 'first: 50', [50, 50, 20])).toEqual([
        { listNotebooks: 1, ...details },
        { listNotebooks: 2 },
        { listNotebooks: 1 },
      ]);
    } finally {
      await bed.close();
    }
  });
});
