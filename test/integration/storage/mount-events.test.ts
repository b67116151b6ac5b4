import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { callsOf, type Follower, follow } from '../../support/follow.ts';
import { createNotebook } from '../../support/notebooks.ts';

const createMs = 20_000;
const mountMs = 3_000;
const stopMs = 6_000;

const watch = `subscription($id: ID!, $notebookId: ID, $until: [StorageMountStatus!]) {
  storageMountStatusChanged(id: $id, notebookId: $notebookId, until: $until) {
    __typename kind storageMountId notebookId storageMount { id notebookId mountPath }
    status statusRaw previousStatus failReason isFinal sequence
  }
}`;
const mount = `mutation($input: MountStorageInput!) { mountStorage(input: $input) {
  ... on MountStoragePayload { storageMount { id storageMountId } } ... on Error { message }
} }`;
const unmount =
  'mutation($id: ID!) { unmountStorage(input: { storageMountId: $id }) { __typename ... on Error { message } } }';
const stop = 'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }';

const bed = freshBed({
  simulator: { speed: 1 },
  gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 60_000 },
});
let notebookId = '';
let followers: Follower[] = [];
const start = (variables: Record<string, unknown>): Follower => {
  const follower = follow(bed, watch, variables);
  followers.push(follower);
  return follower;
};

async function mounting(name: string): Promise<{ id: string; storageMountId: string }> {
  const input = { notebookId, uri: `obs://bucket/${name}/`, mountPath: `/data/${name}/` };
  const { data } = await bed.ask(mount, { input });
  return data.mountStorage.storageMount;
}

beforeEach(async () => {
  followers = [];
  notebookId = await createNotebook(bed, 'with-storage');
  await bed.advance(createMs);
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.leave()));
  expect(await bed.violations()).toEqual([]);
});

describe('storageMountStatusChanged', () => {
  it('emits each step of mounting, and ends at a status of until', async () => {
    const { id, storageMountId } = await mounting('a');
    const events = start({ id, until: ['MOUNTED'] });
    expect(await events.next()).toMatchObject({
      __typename: 'StorageMountStatusEvent',
      kind: 'SNAPSHOT',
      storageMountId,
      notebookId,
      storageMount: { id, notebookId, mountPath: '/data/a/' },
      status: 'MOUNTING',
      previousStatus: null,
      isFinal: false,
    });
    await bed.advance(mountMs);
    expect(await events.rest()).toMatchObject([
      { kind: 'MODIFIED', status: 'MOUNTED', previousStatus: 'MOUNTING', isFinal: true },
    ]);
  });

  it('takes the raw id with that of the notebook, and not without', async () => {
    const { storageMountId } = await mounting('a');
    expect((await start({ id: storageMountId, notebookId }).next()).storageMountId).toBe(storageMountId);
    await expect(start({ id: storageMountId }).next()).rejects.toThrow(/BAD_USER_INPUT/);
  });

  it('emits an unmount made through the gateway at once, and ends when the mount is gone', async () => {
    const { id } = await mounting('a');
    await bed.advance(mountMs);
    const events = start({ id });
    expect((await events.next()).status).toBe('MOUNTED');
    await bed.ask(unmount, { id });
    expect(await events.next()).toMatchObject({ status: 'UNMOUNTING', previousStatus: 'MOUNTED' });
    await bed.advance(mountMs);
    expect(await events.rest()).toMatchObject([
      { kind: 'REMOVED', status: 'UNMOUNTED', previousStatus: 'UNMOUNTING', storageMount: null, isFinal: true },
    ]);
  });

  it('ends when the notebook stops, which ends its mounts', async () => {
    const { id } = await mounting('a');
    const events = start({ id });
    expect((await events.next()).status).toBe('MOUNTING');
    await bed.ask(stop, { id: notebookId });
    await bed.advance(stopMs);
    expect((await events.rest()).at(-1)).toMatchObject({ kind: 'REMOVED', status: 'UNMOUNTED', isFinal: true });
  });

  it('ends at a failure, with the reason', async () => {
    const events = start({ id: (await mounting('a')).id });
    await events.next();
    const item = { status: 'MOUNT_FAILED', failure_reason: 'The bucket is gone.' };
    await bed.fault({ name: 'merge', operation: 'listAttachableObss', item });
    expect(await events.rest()).toMatchObject([
      { status: 'MOUNT_FAILED', failReason: 'The bucket is gone.', isFinal: true },
    ]);
  });

  it('costs one list a tick for all mounts of a notebook', async () => {
    const mounts = [await mounting('a'), await mounting('b')];
    const events = mounts.map(({ id }) => start({ id }));
    await Promise.all(events.map((follower) => follower.next()));
    const before = bed.exchanges.length;
    const { polls } = bed.gateway.watchStats();
    await expect.poll(() => bed.gateway.watchStats().polls).toBeGreaterThan(polls + 3);
    const calls = bed.exchanges.slice(before).length;
    expect(calls).toBe(callsOf(bed, 'listAttachableObss', before));
    expect(calls).toBeLessThanOrEqual(bed.gateway.watchStats().polls - polls + 1);
    expect(bed.gateway.watchStats()).toMatchObject({ watches: 1, listeners: 2 });
  });

  it('is NOT_FOUND for a mount, or a notebook, that is not there', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000';
    await expect(start({ id: nobody, notebookId }).next()).rejects.toThrow(/NOT_FOUND/);
    await expect(start({ id: nobody, notebookId: nobody }).next()).rejects.toThrow(/NOT_FOUND/);
  });
});
