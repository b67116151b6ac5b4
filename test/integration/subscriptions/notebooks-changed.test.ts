import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callsOf, type Follower, follow } from '../../support/follow.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const createMs = 20_000;
const settledMs = 60_000;

const watch = `subscription($filter: NotebookWatchFilter) { notebooksChanged(filter: $filter) {
  kind notebookId notebook { name status } notebooks { notebookId name status } observedAt unreachableSince sequence isReset
} }`;
const watchOne =
  'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status notebook { progress { percent } } } }';
const stop = 'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }';
const remove = 'mutation($id: ID!) { deleteNotebook(input: { id: $id }) { __typename } }';
const rename =
  'mutation($id: ID!, $name: String!) { updateNotebook(input: { id: $id, name: $name }) { __typename ... on Error { message } } }';

let bed: TestBed;
let followers: Follower[] = [];
const start = (query: string, variables: Record<string, unknown> = {}): Follower => {
  const follower = follow(bed, query, variables);
  followers.push(follower);
  return follower;
};

/** Polls only when something is in transition, or when asked for: what comes at once does not come by chance. */
async function arrange(gateway: { pollIntervalMs?: number; pollIdleIntervalMs?: number } = {}): Promise<void> {
  bed = await startTestBed({
    simulator: { speed: 1 },
    gateway: { projectId, pollIntervalMs: 40, pollIdleIntervalMs: settledMs, ...gateway },
  });
}

async function runningNotebook(name: string): Promise<string> {
  const id = await createNotebook(bed, name);
  await bed.advance(createMs);
  return id;
}

beforeEach(() => {
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.leave()));
  expect(await bed.violations()).toEqual([]);
  await bed.close();
});

describe('notebooksChanged', () => {
  it('begins with all there is, then emits each one added, changed and removed', async () => {
    await arrange();
    const first = await runningNotebook('first');
    const events = start(watch);
    const snapshot = await events.next();
    expect(snapshot).toMatchObject({
      kind: 'SNAPSHOT',
      notebooks: [{ notebookId: first, name: 'first', status: 'RUNNING' }],
      notebook: null,
      notebookId: null,
      unreachableSince: null,
      isReset: false,
    });
    expect(snapshot.sequence).toMatch(/./);
    expect(Math.abs(Date.now() - Date.parse(snapshot.observedAt))).toBeLessThan(60_000);

    const second = await createNotebook(bed, 'second');
    expect(await events.next()).toMatchObject({
      kind: 'ADDED',
      notebookId: second,
      notebook: { name: 'second', status: 'CREATING' },
      notebooks: null,
    });
    await bed.advance(createMs);
    expect(await events.until(({ notebook }) => notebook.status !== 'CREATING')).toMatchObject({
      kind: 'MODIFIED',
      notebookId: second,
      notebook: { status: 'RUNNING' },
    });
    await bed.ask(remove, { id: first });
    expect(await events.next()).toMatchObject({
      kind: 'MODIFIED',
      notebookId: first,
      notebook: { status: 'DELETING' },
    });
    await bed.advance(createMs);
    expect(await events.next()).toMatchObject({ kind: 'REMOVED', notebookId: first, notebook: null, notebooks: null });
  });

  it('emits moves into and out of a filter of statuses as additions and removals', async () => {
    await arrange();
    const id = await runningNotebook('moving');
    const running = start(watch, { filter: { statuses: ['RUNNING'] } });
    const stopped = start(watch, { filter: { statuses: ['STOPPED', 'STOPPING'] } });
    expect((await running.next()).notebooks).toMatchObject([{ notebookId: id }]);
    expect((await stopped.next()).notebooks).toEqual([]);
    await bed.ask(stop, { id });
    expect(await running.next()).toMatchObject({
      kind: 'REMOVED',
      notebookId: id,
      notebook: { name: 'moving', status: 'STOPPING' },
    });
    expect(await stopped.next()).toMatchObject({ kind: 'ADDED', notebookId: id, notebook: { status: 'STOPPING' } });
    await bed.advance(createMs);
    expect(await stopped.next()).toMatchObject({ kind: 'MODIFIED', notebook: { status: 'STOPPED' } });
    expect(await running.within(100)).toEqual([]);
  });

  it('filters by a part of the name and by ids, global or raw, together', async () => {
    await arrange();
    const one = await runningNotebook('train-one');
    const two = await runningNotebook('train-two');
    await runningNotebook('other');
    const globalId = Buffer.from(`Notebook:${two}`).toString('base64');
    const byName = start(watch, { filter: { name: 'train' } });
    const byId = start(watch, { filter: { ids: [one, globalId] } });
    const byBoth = start(watch, { filter: { name: 'one', ids: [one, two] } });
    const idsOf = async (events: Follower) =>
      (await events.next()).notebooks.map((notebook: { notebookId: string }) => notebook.notebookId).sort();
    expect(await idsOf(byName)).toEqual([one, two].sort());
    expect(await idsOf(byId)).toEqual([one, two].sort());
    expect(await idsOf(byBoth)).toEqual([one]);
    await bed.ask(rename, { id: one, name: 'renamed' });
    expect(await byName.next()).toMatchObject({ kind: 'REMOVED', notebookId: one, notebook: { name: 'renamed' } });
    expect(await byId.next()).toMatchObject({ kind: 'MODIFIED', notebookId: one });
  });

  it('refuses what cannot be an id, without a call', async () => {
    await arrange();
    await expect(start(watch, { filter: { ids: ['../flavors'] } }).next()).rejects.toThrow(/BAD_USER_INPUT/);
    expect(bed.exchanges).toEqual([]);
  });

  it('says since when ModelArts does not answer, and when it does again', async () => {
    await arrange({ pollIdleIntervalMs: 40 });
    await runningNotebook('lonely');
    const events = start(watch);
    const { observedAt } = await events.next();
    await bed.fault({ name: 'internal', operation: 'listNotebooks' });
    const lost = await events.next();
    expect(lost).toMatchObject({ kind: 'UNREACHABLE', notebooks: null, notebookId: null, sequence: null });
    expect(Date.parse(lost.unreachableSince)).toBeGreaterThanOrEqual(Date.parse(observedAt));
    expect(Date.parse(lost.unreachableSince)).toBeLessThan(Date.parse(lost.observedAt));
    await bed.clearFaults();
    expect(await events.next()).toMatchObject({ kind: 'REACHABLE', unreachableSince: null });
  });

  it('does not let a list asked for before a change overwrite the answer to the change', async () => {
    await arrange({ pollIdleIntervalMs: 40 });
    const id = await runningNotebook('raced');
    const events = start(watch);
    await events.next();
    await bed.fault({ name: 'slow', operation: 'listNotebooks', times: 1, delayMs: 500 });
    const before = bed.exchanges.length;
    await expect.poll(() => bed.exchanges.slice(before).some(({ fault }) => fault === 'slow')).toBe(true);
    await bed.ask(stop, { id });
    // before the list answers, and still true when it has answered that the notebook runs
    expect((await events.within(200)).map(({ notebook }) => notebook.status)).toEqual(['STOPPING']);
    expect(await events.within(500)).toEqual([]);
  });
});

describe('one poll for everything of a token and project', () => {
  it('is one list, with subscribers of all notebooks and of single ones', async () => {
    await arrange({ pollIdleIntervalMs: 50 });
    const ids = [await runningNotebook('a'), await runningNotebook('b'), await runningNotebook('c')];
    const all = start(watch);
    const single = ids.map((id) => start(watchOne, { id }));
    await Promise.all([all, ...single].map((events) => events.next()));
    const before = bed.exchanges.length;
    const pollsBefore = bed.gateway.watchStats().polls;
    await expect.poll(() => bed.gateway.watchStats().polls).toBeGreaterThan(pollsBefore + 3);
    const calls = bed.exchanges.slice(before);
    const polls = bed.gateway.watchStats().polls - pollsBefore;
    expect(new Set(calls.map(({ operationId }) => operationId))).toEqual(new Set(['listNotebooks']));
    expect(Math.abs(calls.length - polls)).toBeLessThanOrEqual(1);
    expect(bed.gateway.watchStats().watches).toBe(1);
  });

  it('reads what lists lack only when it is selected, and anew for each event', async () => {
    await arrange({ pollIdleIntervalMs: 40 });
    const id = await runningNotebook('detailed');
    const plain = start(watch);
    await plain.next();
    expect(callsOf(bed, 'showNotebook')).toBe(0);
    const detailed = start(`subscription { notebooksChanged { kind notebook { status url } notebooks { url } } }`);
    expect((await detailed.next()).notebooks[0].url).toContain(id);
    expect(callsOf(bed, 'showNotebook')).toBe(1);
    await bed.force(id, { status: 'STOPPED' });
    expect((await detailed.next()).notebook.status).toBe('STOPPED');
    await bed.force(id, { status: 'RUNNING' });
    expect((await detailed.next()).notebook.status).toBe('RUNNING');
    expect(callsOf(bed, 'showNotebook')).toBe(3);
  });

  it('emits the steps of each start-up, for one more call a tick while it lasts', async () => {
    await arrange();
    const ids = [await createNotebook(bed, 'a'), await createNotebook(bed, 'b')];
    await bed.advance(1000);
    const all = start(watch);
    await all.next();
    const [a, b] = ids.map((id) => start(watchOne, { id }));
    const percents: number[] = [];
    for (let tick = 0; tick < 4; tick++) {
      const told = await Promise.all([a, b].map((events) => events?.next()));
      expect(told[0]).toEqual(told[1]);
      percents.push(told[0].notebook.progress.percent);
      await bed.advance(createMs / 4);
    }
    expect(percents).toEqual([...new Set(percents)].sort((x, y) => x - y));
    const running = await Promise.all([a, b].map((events) => events?.until(({ status }) => status === 'RUNNING')));
    expect(running).toHaveLength(2);
    await expect.poll(() => callsOf(bed, 'listNotebooks')).toBeGreaterThan(3);
    const before = bed.exchanges.length;
    await bed.ask(rename, { id: ids[0], name: 'settled' });
    await all.until(({ notebook }) => notebook?.name === 'settled');
    await expect.poll(() => callsOf(bed, 'listNotebooks', before)).toBe(1);
    expect(callsOf(bed, 'showNotebook', before)).toBe(0);
  });
});
