import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../../../src/modelarts/client/client.ts';
import { devEnvSource } from '../../../src/schema/dev-env/watch.ts';
import { isShort } from '../../../src/schema/events/item-codec.ts';
import { imageSource } from '../../../src/schema/image/watch.ts';
import { storageMountSource } from '../../../src/schema/storage/mount-watch.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import type { WatchSource } from '../../../src/watch/watch-source.ts';

/** Items as they cross between replicas: read from the simulator, written, read by the other side. */
describe('an item that one replica sends to another', () => {
  let simulator: Simulator;
  let client: Client;
  let notebookId = '';

  const call = async (path: string, body?: unknown) => {
    const response = await fetch(`${simulator.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': simulator.demo.token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return response.json();
  };

  beforeAll(async () => {
    simulator = await startSimulator({ speed: 100_000 });
    client = createClient({ endpoints: { modelarts: simulator.url, iam: simulator.url }, timeoutMs: 5000 });
    const notebooks = `/v1/${simulator.demo.projectId}/notebooks`;
    const created = await call(notebooks, {
      name: 'mounted',
      flavor: 'modelarts.vm.cpu.2u',
      image_id: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
      volume: { category: 'EFS', ownership: 'MANAGED' },
    });
    notebookId = created.id;
    for (let reads = 0; (await call(`${notebooks}/${notebookId}`)).status !== 'RUNNING'; reads += 1) {
      if (reads > 1000) throw new Error('the notebook does not run');
    }
    await call(`${notebooks}/${notebookId}/storage`, {
      category: 'OBS',
      mount_path: '/data/wang/',
      uri: 'obs://secret-bucket/wang/',
    });
  });
  afterAll(async () => {
    await client.close();
    await simulator.close();
  });

  const open = () => client.session({ token: simulator.demo.token, requestId: 'test' });

  /** everything a source finds, before and after it has crossed, and the text that crossed */
  async function crossed<Item extends object>(source: WatchSource<Item>) {
    const items = await source.poll({ signal: new AbortController().signal, interest: null });
    expect(items.length).toBeGreaterThan(0);
    const text = JSON.stringify(items.map((item) => source.codec?.encode(item)));
    const told = (JSON.parse(text) as unknown[]).map((value) => source.codec?.decode(value) ?? null);
    return { items, text, told };
  }

  it.each([
    ['images', () => imageSource(open, simulator.demo.projectId)],
    ['development environments', () => devEnvSource(open, simulator.demo.projectId)],
    ['storage mounts', () => storageMountSource(notebookId)(open, simulator.demo.projectId)],
  ])('is equal to what was read, so that a change of the polling replica makes no event: %s', async (_, sourceOf) => {
    const source = sourceOf() as WatchSource<object>;
    const { items, told } = await crossed(source);
    for (const [index, item] of items.entries()) {
      const other = told[index];
      if (other === null || other === undefined) throw new Error('lost on the way');
      expect(isShort(other)).toBe(true);
      expect(isShort(item)).toBe(false);
      expect(source.id(other)).toBe(source.id(item));
      expect(source.isEqual(other, item)).toBe(true);
      expect(source.isTransitional(other)).toBe(source.isTransitional(item));
    }
  });

  it('holds no credential, no address and no person', async () => {
    const devEnvs = await crossed(devEnvSource(open, simulator.demo.projectId));
    const [showcase] = devEnvs.items;
    const secrets = [
      showcase?.spec?.credential?.map((entry) => entry.value ?? ''),
      showcase?.repository?.connection?.credential?.sshPrivateKey ?? '',
      showcase?.repository?.connection?.credential?.accessToken ?? '',
      showcase?.user?.name ?? '',
    ].flat();
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) expect(devEnvs.text).not.toContain(String(secret));
    const mounts = await crossed(storageMountSource(notebookId)(open, simulator.demo.projectId));
    expect(mounts.text).not.toContain('secret-bucket');
    const images = await crossed(imageSource(open, simulator.demo.projectId));
    expect(images.text).not.toContain('swr.');
  });
});
