import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callsOf, type Follower, follow } from '../../support/follow.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const showcaseId = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';
const intervalMs = 400;

const watch = `subscription($id: ID!, $until: [NotebookStatus!]) {
  notebookStatusChanged(id: $id, until: $until) { kind status isFinal }
}`;
const watchAll = 'subscription { notebooksChanged { kind notebooks { notebookId status } } }';
const watchLease = 'subscription($id: ID!) { leaseExpiring(id: $id, beforeSeconds: []) { kind expiresAt } }';
const watchMount = 'subscription($id: ID!) { storageMountStatusChanged(id: $id) { kind status } }';
const watchImage = 'subscription($id: ID!) { imageStatusChanged(id: $id) { kind status } }';
const watchEnvironment = 'subscription($id: ID!) { devEnvInstanceStatusChanged(id: $id) { kind status } }';

describe('a new subscriber of what is polled every ten minutes', { timeout: 30_000 }, () => {
  let bed: TestBed;
  let id = '';
  let followers: Follower[] = [];

  const start = (query: string, variables: Record<string, unknown> = { id }): Follower => {
    const follower = follow(bed, query, variables);
    followers.push(follower);
    return follower;
  };

  /** ModelArts itself, not through the gateway. */
  async function elsewhere(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${bed.simulator.url}/v1/${projectId}/${path}`, {
      method,
      headers: { 'x-auth-token': bed.simulator.demo.token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect([path, response.status < 300]).toEqual([path, true]);
  }

  async function arrange(pollIntervalMs = intervalMs): Promise<void> {
    bed = await startTestBed({
      simulator: { speed: 1 },
      gateway: { projectId, pollIntervalMs, pollIdleIntervalMs: 600_000 },
    });
    id = await createNotebook(bed, 'watched');
    await bed.advance(60_000);
  }

  beforeEach(() => {
    followers = [];
  });
  afterEach(async () => {
    await Promise.all(followers.map((follower) => follower.leave()));
    expect(await bed.violations()).toEqual([]);
    await bed.close();
  });

  it('is not ended by START_FAILED after a start made elsewhere', async () => {
    await arrange();
    await bed.force(id, { status: 'START_FAILED' });
    await start(watchAll).next();
    await sleep(intervalMs);
    await bed.force(id, { status: 'STOPPED' });
    await elsewhere('POST', `notebooks/${id}/start`);
    for (let times = 0; times < 5; times += 1) {
      const { next } = start(watch, { id, until: ['RUNNING'] });
      expect(await next()).toMatchObject({ status: 'STARTING', isFinal: false });
    }
    await bed.advance(60_000);
    expect((await start(watch, { id, until: ['RUNNING'] }).rest()).at(-1)).toMatchObject({ status: 'RUNNING' });
  });

  it('is not ended by START_FAILED after a start made elsewhere, be the last poll ever so new', async () => {
    await arrange(5_000);
    await bed.force(id, { status: 'START_FAILED' });
    await start(watchAll).next();
    await bed.force(id, { status: 'STOPPED' });
    await elsewhere('POST', `notebooks/${id}/start`);
    expect(await start(watch, { id, until: ['RUNNING'] }).next()).toMatchObject({ status: 'STARTING' });
  });

  it('is ended by START_FAILED when that is so now', async () => {
    await arrange();
    await bed.force(id, { status: 'START_FAILED' });
    await start(watchAll).next();
    expect(await start(watch).rest()).toMatchObject([{ kind: 'SNAPSHOT', status: 'START_FAILED', isFinal: true }]);
  });

  it('is not ended by a status of until that is over', async () => {
    await arrange(5_000);
    await start(watchAll).next();
    await elsewhere('POST', `notebooks/${id}/stop`);
    const { next } = start(watch, { id, until: ['RUNNING'] });
    expect(await next()).toMatchObject({ status: 'STOPPING', isFinal: false });
  });

  it('finds what was made elsewhere a moment ago', async () => {
    await arrange(5_000);
    await start(watchAll).next();
    const create = await fetch(`${bed.simulator.url}/v1/${projectId}/notebooks`, {
      method: 'POST',
      headers: { 'x-auth-token': bed.simulator.demo.token, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'made-elsewhere',
        flavor: 'modelarts.vm.cpu.2u',
        image_id: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
        volume: { category: 'EFS', ownership: 'MANAGED', capacity: 50 },
      }),
    });
    const { id: made } = (await create.json()) as { id: string };
    expect(await start(watch, { id: made }).next()).toMatchObject({ kind: 'SNAPSHOT' });
  });

  it('costs no call where what is known is new and no end', async () => {
    await arrange(5_000);
    await start(watchAll).next();
    const before = bed.exchanges.length;
    for (let times = 0; times < 20; times += 1) {
      expect(await start(watch).next()).toMatchObject({ status: 'RUNNING' });
    }
    expect(bed.exchanges).toHaveLength(before);
  });

  it('costs four calls an interval at most, however many come to what has failed', async () => {
    await arrange();
    await bed.force(id, { status: 'START_FAILED' });
    await start(watchAll).next();
    await sleep(intervalMs);
    const before = bed.exchanges.length;
    const startedAt = performance.now();
    const ends = [];
    for (let times = 0; times < 150; times += 1) {
      ends.push(start(watch).rest());
      await sleep(5);
    }
    for (const events of await Promise.all(ends)) expect(events).toMatchObject([{ status: 'START_FAILED' }]);
    const intervals = (performance.now() - startedAt) / intervalMs;
    expect(bed.exchanges.length - before).toBeLessThanOrEqual(4 * intervals + 2);
    expect(callsOf(bed, 'listNotebooks', before)).toBeGreaterThan(0);
  });

  it('of all notebooks gets the list as it is now', async () => {
    await arrange();
    await start(watchAll).next();
    await elsewhere('POST', `notebooks/${id}/stop`);
    await sleep(intervalMs);
    expect((await start(watchAll).next()).notebooks).toEqual([{ notebookId: id, status: 'STOPPING' }]);
  });

  it('of a lease gets the lease as it is now', async () => {
    await arrange();
    const { expiresAt } = await start(watchLease).next();
    await elsewhere('PATCH', `notebooks/${id}/lease?duration=7200000`, { duration: 7_200_000 });
    await sleep(intervalMs);
    const late = await start(watchLease).next();
    expect(late.kind).toBe('CURRENT');
    expect(Date.parse(late.expiresAt)).toBeGreaterThan(Date.parse(expiresAt) + 1_800_000);
  });

  it('of a storage mount, an image or a development environment gets it as it is now', async () => {
    await arrange();
    const input = { notebookId: id, uri: 'obs://bucket/a/', mountPath: '/data/a/' };
    const mount = `mutation($input: MountStorageInput!) {
      mountStorage(input: $input) { ... on MountStoragePayload { storageMount { id storageMountId } } }
    }`;
    const save = `mutation($id: ID!) {
      saveNotebookImage(input: { notebookId: $id, name: "own", namespace: "own", tag: "1" }) {
        __typename ... on SaveNotebookImagePayload { image { imageId } } ... on Error { message }
      }
    }`;
    const mounted = (await bed.ask(mount, { input })).data.mountStorage.storageMount;
    await bed.advance(60_000);
    const { imageId } = (await bed.ask(save, { id })).data.saveNotebookImage.image;
    await bed.advance(600_000);
    const kept = [
      start(watchMount, { id: mounted.id }),
      start(watchImage, { id: imageId }),
      start(watchEnvironment, { id: showcaseId }),
    ];
    const known = await Promise.all(kept.map((follower) => follower.next()));
    expect(known.map(({ status }) => status)).toEqual(['MOUNTED', 'ACTIVE', 'RUNNING']);
    await elsewhere('DELETE', `notebooks/${id}/storage/${mounted.storageMountId}`);
    await elsewhere('DELETE', `images/${imageId}`);
    await elsewhere('POST', `demanager/instances/${showcaseId}/action`, { action: 'stop' });
    await sleep(intervalMs);
    expect(await start(watchMount, { id: mounted.id }).next()).toMatchObject({ status: 'UNMOUNTING' });
    expect(await start(watchEnvironment, { id: showcaseId }).next()).toMatchObject({ status: 'STOPPING' });
    await expect(start(watchImage, { id: imageId }).next()).rejects.toThrow(/NOT_FOUND/);
  });
});
