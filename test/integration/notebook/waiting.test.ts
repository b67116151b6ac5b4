import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { callsOf, type Follower, follow } from '../../support/follow.ts';
import { createNotebook, notebookInput } from '../../support/notebooks.ts';
import { whenStill } from '../../support/when-still.ts';

const createMs = 20_000;

const payload = `notebook { notebookId status url } waited { reached timedOut status statusRaw failReason }`;
const errors = '... on Error { code message } ... on BadUserInputError { issues { path message } }';
const create = `mutation($input: CreateNotebookInput!, $wait: WaitInput) { result: createNotebook(input: $input, waitUntil: $wait) {
  __typename ... on CreateNotebookPayload { ${payload} } ${errors}
} }`;
const startIt = `mutation($id: ID!, $wait: WaitInput) { result: startNotebook(input: { id: $id }, waitUntil: $wait) {
  __typename ... on StartNotebookPayload { ${payload} } ${errors}
} }`;
const stopIt = `mutation($id: ID!, $wait: WaitInput) { result: stopNotebook(input: { id: $id }, waitUntil: $wait) {
  __typename ... on StopNotebookPayload { ${payload} } ${errors}
} }`;

const bed = freshBed({
  simulator: { speed: 1 },
  gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 60_000 },
});
let followers: Follower[] = [];

beforeEach(async () => {
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.leave()));
  expect(await bed.violations()).toEqual([]);
});

const ask = async (query: string, variables: Record<string, unknown>) => (await bed.ask(query, variables)).data.result;
const isWaiting = () => expect.poll(() => bed.gateway.watchStats().listeners).toBe(1);

async function runningNotebook(): Promise<string> {
  const id = await createNotebook(bed, 'waited-for');
  await bed.advance(createMs);
  return id;
}

describe('waitUntil', () => {
  it('answers a create once the notebook is RUNNING, as it is then', async () => {
    const asked = ask(create, { input: notebookInput('new'), wait: {} });
    await isWaiting();
    await bed.advance(createMs);
    const { __typename, notebook, waited } = await asked;
    expect(__typename).toBe('CreateNotebookPayload');
    expect(waited).toEqual({
      reached: true,
      timedOut: false,
      status: 'RUNNING',
      statusRaw: 'RUNNING',
      failReason: null,
    });
    expect(notebook.status).toBe('RUNNING');
    expect(notebook.url).toContain(notebook.notebookId);
    expect(callsOf(bed, 'createNotebook')).toBe(1);
    expect(bed.gateway.watchStats().listeners).toBe(0);
  });

  it('waits for STOPPED after a stop and for RUNNING after a start, when it names no status', async () => {
    const id = await runningNotebook();
    const stopped = ask(stopIt, { id, wait: { timeoutSeconds: 20 } });
    await isWaiting();
    await bed.advance(createMs);
    expect(await stopped).toMatchObject({
      notebook: { status: 'STOPPED' },
      waited: { reached: true, status: 'STOPPED' },
    });
    const started = ask(startIt, { id, wait: { timeoutSeconds: 20 } });
    await isWaiting();
    await bed.advance(createMs);
    expect(await started).toMatchObject({ waited: { reached: true, status: 'RUNNING' } });
    expect(callsOf(bed, 'stopNotebook')).toBe(1);
    expect(callsOf(bed, 'startNotebook')).toBe(1);
  });

  it('waits for the statuses it names', async () => {
    const id = await runningNotebook();
    expect(await ask(stopIt, { id, wait: { statuses: ['STOPPING', 'STOPPED'] } })).toMatchObject({
      waited: { reached: true, status: 'STOPPING' },
    });
  });

  it('is not waited for where it is left out', async () => {
    const { notebook, waited } = await ask(create, { input: notebookInput('unwaited') });
    expect(notebook.status).toBe('CREATING');
    expect(waited).toBeNull();
    expect(callsOf(bed, 'showNotebook')).toBe(0);
  });

  it('answers when the time is up, and leaves the notebook to go on', async () => {
    const startedAt = Date.now();
    const { notebook, waited } = await ask(create, { input: notebookInput('slow'), wait: { timeoutSeconds: 1 } });
    expect(Date.now() - startedAt).toBeGreaterThan(900);
    expect(waited).toMatchObject({ reached: false, timedOut: true, status: 'CREATING', failReason: null });
    await bed.advance(createMs);
    const { data } = await bed.ask('query($id: ID!) { notebook(id: $id) { status } }', { id: notebook.notebookId });
    expect(data.notebook.status).toBe('RUNNING');
    expect(bed.gateway.watchStats().listeners).toBe(0);
  });

  it('answers early when the notebook fails, with the reason', async () => {
    const asked = ask(create, { input: notebookInput('doomed'), wait: {} });
    await isWaiting();
    const { data } = await bed.ask('{ notebooks { nodes { notebookId } } }');
    await bed.force(data.notebooks.nodes[0].notebookId, { status: 'CREATE_FAILED', fail_reason: 'No nodes left.' });
    expect(await asked).toMatchObject({
      notebook: { status: 'CREATE_FAILED' },
      waited: { reached: false, timedOut: false, status: 'CREATE_FAILED', failReason: 'No nodes left.' },
    });
  });

  it('does not believe the status ModelArts first answers', async () => {
    await bed.fault({ name: 'merge', operation: 'createNotebook', times: 1, body: { status: 'RUNNING' } });
    const asked = ask(create, { input: notebookInput('hasty'), wait: { timeoutSeconds: 1 } });
    expect(await asked).toMatchObject({ waited: { reached: false, timedOut: true, status: 'CREATING' } });
  });

  it('does not make a change that took effect seem to have failed', async () => {
    await bed.fault({ name: 'unauthorised', operation: 'showNotebook' });
    expect(await ask(create, { input: notebookInput('cut-off'), wait: {} })).toMatchObject({
      __typename: 'CreateNotebookPayload',
      notebook: { status: 'CREATING' },
      waited: { reached: false, timedOut: false, failReason: expect.any(String) },
    });
  });

  it('shares the poll of those who watch', async () => {
    const id = await runningNotebook();
    const watcher = follow(bed, 'subscription($id: ID!) { notebookStatusChanged(id: $id) { status } }', { id });
    followers.push(watcher);
    await watcher.next();
    const asked = ask(stopIt, { id, wait: {} });
    await expect.poll(() => bed.gateway.watchStats()).toMatchObject({ watches: 1, listeners: 2 });
    const before = bed.exchanges.length;
    const { polls } = bed.gateway.watchStats();
    await expect.poll(() => bed.gateway.watchStats().polls).toBeGreaterThan(polls + 3);
    expect(callsOf(bed, 'showNotebook', before)).toBeLessThanOrEqual(bed.gateway.watchStats().polls - polls + 1);
    await bed.advance(createMs);
    expect(await asked).toMatchObject({ waited: { reached: true } });
  });

  it('ends when the client leaves', async () => {
    const leaving = new AbortController();
    const asked = fetch(bed.gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': bed.simulator.demo.token },
      body: JSON.stringify({ query: create, variables: { input: notebookInput('left'), wait: {} } }),
      signal: leaving.signal,
    });
    await isWaiting();
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
    // the poll that was on its way
    const calls = await whenStill(() => bed.exchanges.length, 100);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(bed.exchanges).toHaveLength(calls);
  });

  it.each([
    ['no time', { timeoutSeconds: 0 }, ['waitUntil', 'timeoutSeconds']],
    ['too long', { timeoutSeconds: 301 }, ['waitUntil', 'timeoutSeconds']],
    ['for nothing', { statuses: [] }, ['waitUntil', 'statuses']],
  ])('refuses to wait %s, before anything is changed', async (_what, wait, path) => {
    const { __typename, issues } = await ask(create, { input: notebookInput('never'), wait });
    expect(__typename).toBe('BadUserInputError');
    expect(issues).toMatchObject([{ path }]);
    expect(bed.exchanges).toEqual([]);
  });
});
