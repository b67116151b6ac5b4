import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Follower, follow } from '../../support/follow.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { cpuImageId, createNotebook } from '../../support/notebooks.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const showcaseId = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';
const createMs = 20_000;

const watch = `subscription($id: ID!, $since: String, $until: [NotebookStatus!]) {
  notebookStatusChanged(id: $id, since: $since, until: $until) { kind status previousStatus isFinal sequence isReset }
}`;
const watchAll = `subscription($filter: NotebookWatchFilter, $since: String) {
  notebooksChanged(filter: $filter, since: $since) { kind notebookId notebook { status } sequence isReset }
}`;
const change = (verb: string) => `mutation($id: ID!) { ${verb}Notebook(input: { id: $id }) { __typename } }`;

let bed: TestBed;
let id = '';
let followers: Follower[] = [];
const start = (query: string, variables: Record<string, unknown>): Follower => {
  const follower = follow(bed, query, variables);
  followers.push(follower);
  return follower;
};

/** @param resumeGraceMs longer than a test takes, unless it is to be over in one */
async function arrange({ pollIdleIntervalMs = 600_000, resumeGraceMs = 600_000 } = {}): Promise<void> {
  bed = await startTestBed({
    simulator: { speed: 1 },
    gateway: { projectId, pollIntervalMs: 40, pollIdleIntervalMs, resumeGraceMs },
  });
  id = await createNotebook(bed, 'resumed');
  await bed.advance(createMs);
}

beforeEach(() => {
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.leave()));
  expect(await bed.violations()).toEqual([]);
  await bed.close();
});

/** A subscriber that was told the state, and has lost its connection; the only one there was. */
async function disconnected(query = watch, variables: Record<string, unknown> = { id }): Promise<string> {
  const events = start(query, variables);
  const { sequence, isReset } = await events.next();
  expect(isReset).toBe(false);
  await events.leave();
  await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
  return sequence;
}

const afterGrace = () => expect.poll(() => bed.gateway.watchStats().watches).toBe(0);

describe('a subscription with since', () => {
  it('emits each change that was missed, in order and once, and then goes on', async () => {
    await arrange();
    const since = await disconnected();
    await bed.ask(change('stop'), { id });
    await bed.advance(createMs);
    const events = start(watch, { id, since });
    const [stopping, stopped] = [await events.next(), await events.next()];
    expect(stopping).toMatchObject({ kind: 'MODIFIED', status: 'STOPPING', previousStatus: 'RUNNING', isReset: false });
    expect(stopped).toMatchObject({ kind: 'MODIFIED', status: 'STOPPED', previousStatus: 'STOPPING' });
    expect(new Set([since, stopping.sequence, stopped.sequence]).size).toBe(3);
    await bed.ask(change('start'), { id });
    expect(await events.next()).toMatchObject({ status: 'STARTING', previousStatus: 'STOPPED' });
  });

  it('finds out what changed at ModelArts while nobody listened, though nothing was polled', async () => {
    await arrange({ pollIdleIntervalMs: 100 });
    const since = await disconnected();
    const before = bed.exchanges.length;
    await bed.force(id, { status: 'ERROR', fail_reason: 'Node lost.' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(bed.exchanges).toHaveLength(before);
    expect(await start(watch, { id, since }).rest()).toMatchObject([
      { kind: 'MODIFIED', status: 'ERROR', previousStatus: 'RUNNING', isReset: false, isFinal: true },
    ]);
  });

  it('emits nothing again when nothing was missed', async () => {
    await arrange();
    const since = await disconnected();
    const events = start(watch, { id, since });
    expect(await events.within(200)).toEqual([]);
    await bed.ask(change('stop'), { id });
    expect((await events.next()).status).toBe('STOPPING');
  });

  it('goes on behind any event, not only the last', async () => {
    await arrange();
    const events = start(watch, { id });
    const { sequence } = await events.next();
    await bed.ask(change('stop'), { id });
    await events.next();
    const behind = start(watch, { id, since: sequence });
    expect(await behind.next()).toMatchObject({ kind: 'MODIFIED', status: 'STOPPING' });
  });

  it('ends at a status of until that was reached meanwhile', async () => {
    await arrange();
    const since = await disconnected(watch, { id, until: ['STOPPED'] });
    await bed.ask(change('stop'), { id });
    await bed.advance(createMs);
    const events = await start(watch, { id, since, until: ['STOPPED'] }).rest();
    expect(events.map(({ status }) => status)).toEqual(['STOPPING', 'STOPPED']);
  });

  it('emits that the notebook has gone meanwhile', async () => {
    await arrange();
    const since = await disconnected();
    await bed.ask(change('delete'), { id });
    await bed.advance(createMs);
    expect((await start(watch, { id, since }).rest()).at(-1)).toMatchObject({ kind: 'REMOVED', isReset: false });
  });

  it('gives a snapshot that says so when the resume point is too old', async () => {
    await arrange({ resumeGraceMs: 300 });
    const since = await disconnected();
    await afterGrace();
    await bed.ask(change('stop'), { id });
    expect(await start(watch, { id, since }).next()).toMatchObject({
      kind: 'SNAPSHOT',
      status: 'STOPPING',
      previousStatus: null,
      isReset: true,
    });
  });

  it('emits the end, not an error, when the resume point is too old and the notebook has gone', async () => {
    await arrange({ resumeGraceMs: 300 });
    const since = await disconnected();
    await afterGrace();
    await bed.ask(change('delete'), { id });
    await bed.advance(createMs);
    expect(await start(watch, { id, since }).rest()).toMatchObject([{ kind: 'REMOVED', isReset: true, isFinal: true }]);
  });

  it('gives a snapshot that says so when the resume point is made up', async () => {
    await arrange();
    expect(await start(watch, { id, since: 'made-up' }).next()).toMatchObject({ kind: 'SNAPSHOT', isReset: true });
  });

  it('replays a list through its filter', async () => {
    await arrange();
    const filter = { statuses: ['RUNNING'] };
    const since = await disconnected(watchAll, { filter });
    await bed.ask(change('stop'), { id });
    const other = await createNotebook(bed, 'other');
    await bed.advance(createMs);
    const events = start(watchAll, { filter, since });
    expect(await events.next()).toMatchObject({ kind: 'REMOVED', notebookId: id, notebook: { status: 'STOPPING' } });
    expect(await events.next()).toMatchObject({ kind: 'ADDED', notebookId: other, notebook: { status: 'RUNNING' } });
  });

  it.each([
    ['imageStatusChanged', cpuImageId],
    ['devEnvInstanceStatusChanged', showcaseId],
  ])('can be one of %s', async (field, watchedId) => {
    await arrange();
    const query = `subscription($id: ID!, $since: String) { ${field}(id: $id, since: $since) { kind sequence isReset } }`;
    const since = await disconnected(query, { id: watchedId });
    expect(await start(query, { id: watchedId, since }).within(200)).toEqual([]);
    expect(await start(query, { id: watchedId, since: 'made-up' }).next()).toMatchObject({ isReset: true });
  });

  it('can be one of storageMountStatusChanged', async () => {
    await arrange();
    const mount = `mutation($input: MountStorageInput!) { mountStorage(input: $input) {
      ... on MountStoragePayload { storageMount { id } }
    } }`;
    const input = { notebookId: id, uri: 'obs://bucket/a/', mountPath: '/data/a/' };
    const { data } = await bed.ask(mount, { input });
    await bed.advance(createMs);
    const query =
      'subscription($id: ID!, $since: String) { storageMountStatusChanged(id: $id, since: $since) { kind status sequence isReset } }';
    const variables = { id: data.mountStorage.storageMount.id };
    const since = await disconnected(query, variables);
    const unmount = 'mutation($id: ID!) { unmountStorage(input: { storageMountId: $id }) { __typename } }';
    await bed.ask(unmount, variables);
    expect(await start(query, { ...variables, since }).next()).toMatchObject({ status: 'UNMOUNTING', isReset: false });
  });
});
