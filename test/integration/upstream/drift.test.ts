import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import type { SignedIn } from '../../support/gateway.ts';
import { cpuImageId, createNotebook } from '../../support/notebooks.ts';

/** Answers that keep to no document: everything readable in them is read, and the rest never loses the page. */
describe('an answer that is not as documented', () => {
  type Item = Record<string, unknown>;

  const bed = sharedBed({ gateway: { projectId: null } });
  let demo: SignedIn;
  const ids: string[] = [];

  beforeAll(async () => {
    demo = await bed.signIn('demo');
    for (const name of ['first', 'second', 'third']) ids.push(await createNotebook(bed, name, demo.headers));
    await bed.advance(1000);
  });

  const ask = async (query: string, variables = {}) => bed.ask(query, variables, demo.headers);

  /** The notebook list as the simulator answers it. */
  async function wireItems(): Promise<Item[]> {
    const url = `${bed.simulator.url}/v1/${demo.projectId}/notebooks?limit=50`;
    const { data } = (await (await fetch(url, { headers: demo.headers })).json()) as { data: Item[] };
    return data;
  }

  /** From now on the list answers with the items as altered. */
  async function alterItems(alter: (items: Item[]) => unknown[]): Promise<void> {
    await bed.fault({ name: 'merge', operation: 'listNotebooks', body: { data: alter(await wireItems()) } });
  }

  const driftLines = (value: string) => bed.logLines.filter((line) => line.includes('"kind"') && line.includes(value));

  describe('with an unknown status', () => {
    const query = '{ notebooks { nodes { notebookId status statusRaw } } }';

    it('reads as UNKNOWN in a list, with its text beside it', async () => {
      await bed.fault({ name: 'unknown-enum', operation: 'listNotebooks' });
      const { data, errors } = await ask(query);
      expect(errors).toBeUndefined();
      expect(data.notebooks.nodes.map((node: Item) => node.notebookId).sort()).toEqual([...ids].sort());
      for (const node of data.notebooks.nodes)
        expect(node).toMatchObject({ status: 'UNKNOWN', statusRaw: 'MIGRATING' });
    });

    it('reads as UNKNOWN in a single notebook', async () => {
      await bed.fault({ name: 'unknown-enum', operation: 'showNotebook' });
      const { data } = await ask('query($id: ID!) { notebook(id: $id) { status statusRaw url } }', { id: ids[0] });
      expect(data.notebook).toMatchObject({ status: 'UNKNOWN', statusRaw: 'MIGRATING', url: expect.any(String) });
    });

    it('is logged once, however often it comes', async () => {
      await bed.fault({ name: 'unknown-enum', operation: 'listNotebooks' });
      for (let turn = 0; turn < 3; turn++) await ask(query);
      expect(driftLines('MIGRATING')).toHaveLength(1);
    });

    it('in another case is the known one', async () => {
      await alterItems((items) => items.map((item) => ({ ...item, status: 'running' })));
      const { data } = await ask(query);
      for (const node of data.notebooks.nodes) expect(node).toMatchObject({ status: 'RUNNING', statusRaw: 'running' });
    });
  });

  describe('with items that cannot be read', () => {
    it('keeps the others', async () => {
      await alterItems(([first, second, third]) => [first, 'text', second, null, 7, [], {}, { name: 'no id' }, third]);
      const { data, errors } = await ask('{ notebooks { nodes { name } pageInfo { hasNextPage } } }');
      expect(errors).toBeUndefined();
      expect(data.notebooks.nodes.map((node: Item) => node.name)).toEqual(['third', 'second', 'first']);
      expect(data.notebooks.pageInfo.hasNextPage).toBe(false);
      expect(driftLines('unreadable item')).toHaveLength(1);
    });

    it('keeps the others in a list of flavors and of images', async () => {
      const flavor = { id: 'a.flavor', name: 'A' };
      await bed.fault({ name: 'merge', operation: 'listFlavors', body: { data: [null, flavor, 'text'] } });
      await bed.fault({
        name: 'merge',
        operation: 'listImage',
        body: { data: [{ id: 'an-image', name: 'i' }, 0], total: 2 },
      });
      const { data } = await ask('{ flavors { nodes { flavorId } } images { nodes { imageId } } }');
      expect(data.flavors.nodes).toEqual([{ flavorId: 'a.flavor' }]);
      expect(data.images.nodes).toEqual([{ imageId: 'an-image' }]);
    });

    it('keeps the notebook when parts of it have other shapes', async () => {
      const odd = { image: 'text', flavor: {}, lease: [], volume: 'none', endpoints: {}, tags: 'none', pool: 3 };
      await alterItems((items) => items.map((item) => ({ ...item, ...odd })));
      const { data, errors } = await ask(
        '{ notebooks { nodes { name image { name } flavor { flavorId } lease { enabled } tags { key } pool { id } } } }',
      );
      expect(errors).toBeUndefined();
      expect(data.notebooks.nodes[0]).toEqual({
        name: 'third',
        image: null,
        flavor: null,
        // read at its own endpoint instead
        lease: { enabled: true },
        tags: [],
        pool: null,
      });
    });

    it('keeps the notebook when everything but its id is null', async () => {
      await alterItems((items) =>
        items.map((item) => ({ ...Object.fromEntries(Object.keys(item).map((key) => [key, null])), id: item.id })),
      );
      const { data, errors } = await ask(
        '{ notebooks { nodes { notebookId name status statusRaw createdAt lease { enabled } billingItems } } }',
      );
      expect(errors).toBeUndefined();
      expect(data.notebooks.nodes.map((node: Item) => node.notebookId).sort()).toEqual([...ids].sort());
      expect(data.notebooks.nodes[0]).toMatchObject({ name: '', status: 'UNKNOWN', createdAt: null, billingItems: [] });
    });
  });

  describe('with numbers beyond 32 bits or written as text', () => {
    it.each<[string, unknown]>([
      ['as a number', 8_285_974_481],
      ['as digits', '8285974481'],
    ])('gives the exact size of an image, %s', async (_, size) => {
      await bed.fault({ name: 'merge', operation: 'listImage', item: { size } });
      await bed.fault({ name: 'merge', operation: 'showImage', body: { size } });
      const { data } = await ask(
        'query($id: ID!) { images(first: 2) { nodes { sizeBytes } } image(id: $id) { sizeBytes } }',
        {
          id: cpuImageId,
        },
      );
      expect(data.images.nodes).toEqual([{ sizeBytes: 8_285_974_481 }, { sizeBytes: 8_285_974_481 }]);
      expect(data.image.sizeBytes).toBe(8_285_974_481);
    });

    it('gives the exact memory of a flavor and the exact length of a lease', async () => {
      await bed.fault({ name: 'merge', operation: 'listFlavors', item: { memory: 4_294_967_296 } });
      await bed.fault({ name: 'merge', operation: 'listNotebooks', item: { lease: { duration: 8_640_000_000 } } });
      const { data } = await ask(
        '{ flavors(first: 1) { nodes { memoryKiB memoryMiB } } notebooks(first: 1) { nodes { lease { durationSeconds } } } }',
      );
      expect(data.flavors.nodes).toEqual([{ memoryKiB: 4_294_967_296, memoryMiB: 4_194_304 }]);
      expect(data.notebooks.nodes).toEqual([{ lease: { durationSeconds: 8_640_000 } }]);
    });

    it('reads digits in every place of a notebook, and a number where text is meant', async () => {
      const lease = { create_at: '1687656452470', duration: '3600000', enable: 'true' };
      await bed.fault({
        name: 'merge',
        operation: 'listNotebooks',
        body: { total: '3' },
        item: { name: 17, create_at: '1687656452472', volume: { capacity: '50' }, lease },
      });
      const { data } = await ask(
        '{ notebooks { totalCount nodes { name createdAt volume { capacityGiB } lease { enabled createdAt durationSeconds expiresAt } } } }',
      );
      expect(data.notebooks.totalCount).toBe(3);
      expect(data.notebooks.nodes[0]).toEqual({
        name: '17',
        createdAt: '2023-06-25T01:27:32.472Z',
        volume: { capacityGiB: 50 },
        lease: {
          enabled: true,
          createdAt: '2023-06-25T01:27:32.470Z',
          durationSeconds: 3600,
          expiresAt: '2023-06-25T02:27:32.470Z',
        },
      });
    });

    it('gives null, and no error, for a time no calendar has and a number no integer is', async () => {
      await bed.fault({
        name: 'merge',
        operation: 'listNotebooks',
        body: { total: 5_000_000_000 },
        item: { create_at: 9e15, volume: { capacity: 5_000_000_000 }, lease: { create_at: 9e15, duration: 9e15 } },
      });
      const { data, errors } = await ask(
        '{ notebooks { nodes { name createdAt volume { capacityGiB } lease { createdAt expiresAt remainingSeconds } } } }',
      );
      expect(errors).toBeUndefined();
      expect(data.notebooks.nodes).toHaveLength(3);
      expect(data.notebooks.nodes[0]).toMatchObject({ createdAt: null, volume: { capacityGiB: null } });
    });
  });

  describe('with fields missing or added', () => {
    it('takes the time of creation from the lease, and gives null without both', async () => {
      const query = '{ notebooks { nodes { createdAt lease { createdAt expiresAt remainingSeconds } } } }';
      const whole = await ask(query);
      for (const { createdAt, lease } of whole.data.notebooks.nodes) expect(createdAt).toBe(lease.createdAt);
      await bed.fault({ name: 'merge', operation: 'listNotebooks', item: { lease: { create_at: null } } });
      const { data } = await ask(query);
      expect(data.notebooks.nodes).toHaveLength(3);
      expect(data.notebooks.nodes[0]).toEqual({
        createdAt: null,
        lease: { createdAt: null, expiresAt: null, remainingSeconds: null },
      });
    });

    it('passes over fields it does not know', async () => {
      await bed.fault({
        name: 'merge',
        operation: 'listNotebooks',
        body: { next: 1 },
        item: { gpu_share: { a: [1] } },
      });
      const { data, errors } = await ask('{ notebooks { nodes { name status } } }');
      expect(errors).toBeUndefined();
      expect(data.notebooks.nodes).toHaveLength(3);
    });

    it.each(['listNotebooks', 'listImage', 'listFlavors'])('reads a null list of %s as empty', async (operation) => {
      await bed.fault({ name: 'null-list', operation });
      const field = { listNotebooks: 'notebooks', listImage: 'images', listFlavors: 'flavors' }[operation] ?? '';
      const { data, errors } = await ask(`{ ${field} { nodes { id } pageInfo { hasNextPage } } }`);
      expect(errors).toBeUndefined();
      expect(data[field]).toEqual({ nodes: [], pageInfo: { hasNextPage: false } });
    });
  });

  describe('with another shape altogether', () => {
    const invalid = [{ extensions: { code: 'UPSTREAM_INVALID', retryable: false, remedy: expect.any(String) } }];

    it.each(['array', 'string'])('is UPSTREAM_INVALID: %s', async (as) => {
      await bed.fault({ name: 'wrong-type', as });
      expect((await ask('{ notebooks { nodes { name } } }')).errors).toMatchObject(invalid);
      const shown = await ask('query($id: ID!) { notebook(id: $id) { name } }', { id: ids[0] });
      expect(shown.errors).toMatchObject(invalid);
    });

    it('is OUTCOME_UNKNOWN for a change', async () => {
      await bed.fault({ name: 'wrong-type', operation: 'stopNotebook', times: 1 });
      const { data } = await ask(
        'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename ... on Error { code } } }',
        { id: ids[0] },
      );
      expect(data.stopNotebook).toEqual({ __typename: 'OutcomeUnknownError', code: 'OUTCOME_UNKNOWN' });
    });
  });

  it('is asked for by requests that keep to the contract', async () => {
    expect(await bed.violations()).toEqual([]);
  });
});
