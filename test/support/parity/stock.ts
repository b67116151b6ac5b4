import { startTestBed, type TestBed, type TestBedOptions } from '../gateway.ts';
import { cpuImageId, createNotebook } from '../notebooks.ts';

/** What `@{…}` in a question stands for in one bed: ids of its objects, and cursors of its lists. */
export type Stock = ReadonlyMap<string, string>;

/** The text with what the bed has in the place of `@{…}`. */
export const filledIn = (text: string, stock: Stock): string =>
  text.replace(/@\{([\w:]+)\}/g, (mark, name: string) => stock.get(name) ?? mark);

/** For gateways that have no project of their own. */
const headers = { 'x-project-id': 'a4a5d4098fb4474fa22cd05f897d6b99' };

/**
 * A simulator whose time stands still with objects of every kind in it, and a gateway before it.
 * @param called is added the operations that are called
 */
export async function startStockedBed(
  gateway: TestBedOptions['gateway'],
  called: string[],
): Promise<{ bed: TestBed; stock: Stock }> {
  const startedAt = Date.now();
  const bed = await startTestBed({
    simulator: { clock: { now: () => startedAt }, observe: ({ operationId }) => called.push(operationId ?? '') },
    gateway: { ...gateway, onParity: undefined, isEachQueryPlanned: true },
  });
  const running = await createNotebook(bed, 'running', headers);
  const stopped = await createNotebook(bed, 'stopped', headers);
  const failed = await createNotebook(bed, 'failed', headers);
  await bed.advance(60_000);
  await bed.force(stopped, { status: 'STOPPED' });
  await bed.force(failed, { status: 'CREATE_FAILED', fail_reason: 'no resources' });
  const mount = await mounted(bed, running);
  const creating = await createNotebook(bed, 'creating', headers);
  return { bed, stock: await stockOf(bed, { running, stopped, failed, creating, mount }) };
}

async function mounted(bed: TestBed, notebookId: string): Promise<string> {
  const { data } = await bed.ask(
    'mutation($input: MountStorageInput!) { mountStorage(input: $input) { ... on MountStoragePayload { storageMount { storageMountId } } ... on Error { message } } }',
    { input: { notebookId, mountPath: '/data/a/', uri: 'obs://bucket/a/' } },
    headers,
  );
  return data.mountStorage.storageMount.storageMountId;
}

type Ids = Readonly<Record<'running' | 'stopped' | 'failed' | 'creating' | 'mount', string>>;

async function stockOf(bed: TestBed, ids: Ids): Promise<Stock> {
  const lists = ['notebooks', 'images', 'flavors', 'imageGroups', 'devEnvInstances'];
  const { data } = await bed.ask(
    `{ ${lists.map((name) => `${name}(first: 2) { edges { cursor } }`).join(' ')} images2: images(last: 1) { nodes { imageId } } }`,
    {},
    headers,
  );
  const showcase = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';
  const missing = '00000000-0000-0000-0000-00000000000f';
  const flavor = 'modelarts.vm.cpu.2u';
  const stock = new Map<string, string>(Object.entries({ ...ids, showcase, flavor, cpu: cpuImageId }));
  stock.set('other', data.images2.nodes[0].imageId);
  const globals = [
    ...(['running', 'stopped', 'failed', 'creating'] as const).map((name) => ['Notebook', name, ids[name]] as const),
    ['Notebook', 'missing', missing],
    ['Image', 'missing', missing],
    ['Image', 'cpu', cpuImageId],
    ['Flavor', 'cpu', flavor],
    ['DevEnvInstance', 'showcase', showcase],
  ] as const;
  for (const [type, name, id] of globals) stock.set(`${type}:${name}`, Buffer.from(`${type}:${id}`).toString('base64'));
  const { data: mounts } = await bed.ask(
    'query($id: ID!) { notebook(id: $id) { storageMounts { id } } }',
    { id: ids.running },
    headers,
  );
  stock.set('StorageMount:mount', mounts.notebook.storageMounts[0].id);
  for (const name of lists) {
    for (const [index, { cursor }] of data[name].edges.entries()) stock.set(`cursor:${name}:${index}`, cursor);
  }
  return stock;
}
