import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callsOf, type Follower, follow } from '../../support/follow.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const createMs = 20_000;
const stopMs = 6_000;
const startMs = 12_000;
const hourMs = 3_600_000;

const watch = `subscription($id: ID!, $beforeSeconds: [Int!], $since: String) {
  leaseExpiring(id: $id, beforeSeconds: $beforeSeconds, since: $since) {
    kind notebookId notebook { name status } lease { enabled } expiresAt remainingSeconds beforeSeconds
    observedAt unreachableSince isFinal sequence isReset
  }
}`;
const renew = `mutation($id: ID!, $durationSeconds: Int!) {
  renewLease(input: { id: $id, durationSeconds: $durationSeconds }) { ... on RenewLeasePayload { lease { expiresAt } } ... on Error { message } }
}`;
const change = (verb: string) =>
  `mutation($id: ID!) { ${verb}Notebook(input: { id: $id }) { __typename ... on Error { message } } }`;

let bed: TestBed;
let id = '';
let followers: Follower[] = [];
const start = (variables: Record<string, unknown> = {}): Follower => {
  const follower = follow(bed, watch, { id, ...variables });
  followers.push(follower);
  return follower;
};

/** A running notebook with a lease of an hour, of which so much is left. */
async function arrange(remainingMs = hourMs, gateway: { pollIdleIntervalMs?: number } = {}): Promise<void> {
  const lagMs = createMs + hourMs - remainingMs;
  bed = await startTestBed({
    // the simulator begins in the past and catches up once the notebook runs
    simulator: { speed: 1, clock: { now: () => Date.now() - lagMs } },
    // settled notebooks are not polled again within a test: what is told of them, the watch was woken for
    gateway: { projectId, pollIntervalMs: 40, pollIdleIntervalMs: 60_000, ...gateway },
  });
  id = await createNotebook(bed, 'leased');
  await bed.advance(lagMs);
}

beforeEach(() => {
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.leave()));
  expect(await bed.violations()).toEqual([]);
  await bed.close();
});

describe('leaseExpiring', () => {
  it('emits the lease, each threshold once, and that the notebook stopped because of it', async () => {
    await arrange(4800);
    const events = start({ beforeSeconds: [1, 3] });
    const current = await events.next();
    expect(current).toMatchObject({
      kind: 'CURRENT',
      notebookId: id,
      notebook: { name: 'leased', status: 'RUNNING' },
      lease: { enabled: true },
      beforeSeconds: null,
      unreachableSince: null,
      isFinal: false,
      isReset: false,
    });
    const end = Date.parse(current.expiresAt);
    expect(current.remainingSeconds).toBe(Math.floor((end - Date.parse(current.observedAt)) / 1000));
    for (const beforeSeconds of [3, 1]) {
      const event = await events.next();
      expect(event).toMatchObject({ kind: 'EXPIRING', beforeSeconds, expiresAt: current.expiresAt });
      const lateMs = Date.parse(event.observedAt) - (end - beforeSeconds * 1000);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(10_000);
      expect(event.remainingSeconds).toBeLessThanOrEqual(beforeSeconds);
    }
    const expired = await events.next();
    expect(expired).toMatchObject({
      kind: 'EXPIRED',
      notebook: { status: 'STOPPING' },
      expiresAt: null,
      remainingSeconds: null,
      isFinal: false,
    });
    expect(Date.parse(expired.observedAt) - end).toBeLessThan(30_000);
    // the rest of its stop is no news of the lease
    await bed.advance(stopMs);
    expect(await events.within(200)).toEqual([]);
  });

  it('emits of several thresholds that are past already only the nearest, at once', async () => {
    await arrange();
    const events = start({ beforeSeconds: [86_400, 7200, 600] });
    expect((await events.next()).kind).toBe('CURRENT');
    expect(await events.next()).toMatchObject({ kind: 'EXPIRING', beforeSeconds: 7200 });
    expect(await events.within(200)).toEqual([]);
  });

  it('moves with a renewal, and counts the thresholds again', async () => {
    await arrange();
    const events = start({ beforeSeconds: [5400] });
    const [current, past] = [await events.next(), await events.next()];
    expect(past).toMatchObject({ kind: 'EXPIRING', beforeSeconds: 5400 });
    const { data } = await bed.ask(renew, { id, durationSeconds: 7200 });
    const renewed = await events.next();
    expect(renewed).toMatchObject({ kind: 'RENEWED', expiresAt: data.renewLease.lease.expiresAt });
    expect(Date.parse(renewed.expiresAt)).toBeGreaterThan(Date.parse(current.expiresAt) + 3_500_000);
    expect(await events.within(200)).toEqual([]);
    await bed.ask(renew, { id, durationSeconds: 3600 });
    expect((await events.next()).kind).toBe('RENEWED');
    expect(await events.next()).toMatchObject({ kind: 'EXPIRING', beforeSeconds: 5400 });
  });

  it('emits a stop that has another cause, and a countdown that begins with the next start', async () => {
    await arrange();
    const events = start({ beforeSeconds: [] });
    await events.next();
    await bed.ask(change('stop'), { id });
    expect(await events.next()).toMatchObject({ kind: 'STOPPED', notebook: { status: 'STOPPING' }, expiresAt: null });
    await bed.advance(stopMs);
    await expect
      .poll(async () => (await bed.ask(change('start'), { id })).data.startNotebook.__typename)
      .toBe('StartNotebookPayload');
    await bed.advance(startMs);
    const started = await events.next();
    expect(started).toMatchObject({ kind: 'RENEWED', notebook: { status: 'RUNNING' } });
    expect(started.remainingSeconds).toBeGreaterThan(3500);
  });

  it('emits that auto-stop was switched off', async () => {
    await arrange(hourMs, { pollIdleIntervalMs: 40 });
    const events = start();
    await events.next();
    await bed.fault({ name: 'merge', operation: 'showNotebook', body: { lease: { enable: false, duration: -1 } } });
    expect(await events.next()).toMatchObject({ kind: 'DISABLED', lease: { enabled: false }, expiresAt: null });
  });

  it('ends when the notebook is gone', async () => {
    await arrange();
    const events = start();
    await events.next();
    await bed.ask(change('delete'), { id });
    expect((await events.next()).kind).toBe('STOPPED');
    await bed.advance(createMs);
    expect(await events.rest()).toMatchObject([{ kind: 'REMOVED', notebook: null, lease: null, isFinal: true }]);
  });

  it('says since when ModelArts does not answer', async () => {
    await arrange(hourMs, { pollIdleIntervalMs: 40 });
    const events = start();
    await events.next();
    await bed.fault({ name: 'internal', operation: 'showNotebook' });
    const lost = await events.next();
    expect(lost).toMatchObject({ kind: 'UNREACHABLE', sequence: null });
    expect(Date.parse(lost.unreachableSince)).toBeLessThan(Date.parse(lost.observedAt));
    await bed.clearFaults();
    expect((await events.next()).kind).toBe('REACHABLE');
  });

  it('shares the poll of the notebook', async () => {
    await arrange(hourMs, { pollIdleIntervalMs: 50 });
    const status = follow(bed, 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind } }', { id });
    followers.push(status);
    await Promise.all([start(), start({ beforeSeconds: [7] }), status].map((events) => events.next()));
    const before = bed.exchanges.length;
    const { polls } = bed.gateway.watchStats();
    await expect.poll(() => bed.gateway.watchStats().polls).toBeGreaterThan(polls + 2);
    expect(bed.gateway.watchStats()).toMatchObject({ watches: 1, listeners: 3 });
    expect(callsOf(bed, 'showNotebook', before)).toBeLessThanOrEqual(bed.gateway.watchStats().polls - polls + 1);
  });

  it.each([
    ['none at all', [0]],
    ['longer than any lease', [300_000]],
    ['more than ten', Array.from({ length: 11 }, (_, index) => index + 1)],
  ])('refuses thresholds that are %s, without a call', async (_what, beforeSeconds) => {
    await arrange();
    const before = bed.exchanges.length;
    await expect(start({ beforeSeconds }).next()).rejects.toThrow(/BAD_USER_INPUT/);
    expect(bed.exchanges).toHaveLength(before);
  });

  it('is NOT_FOUND for a notebook that is not there', async () => {
    await arrange();
    await expect(start({ id: '00000000-0000-4000-8000-000000000000' }).next()).rejects.toThrow(/NOT_FOUND/);
  });
});

describe('leaseExpiring that is resumed', () => {
  it('does not emit again what was emitted', async () => {
    await arrange();
    const events = start({ beforeSeconds: [7200] });
    await events.next();
    const { sequence } = await events.next();
    await events.leave();
    const resumed = start({ beforeSeconds: [7200, 600], since: sequence });
    expect(await resumed.within(300)).toEqual([]);
  });

  it('emits a threshold that passed meanwhile', async () => {
    await arrange(5500);
    const events = start({ beforeSeconds: [4, 3] });
    await events.next();
    const { sequence } = await events.next();
    await events.leave();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await start({ beforeSeconds: [4, 3], since: sequence }).next()).toMatchObject({
      kind: 'EXPIRING',
      beforeSeconds: 3,
    });
  });

  it('emits that the lease ran out meanwhile, however long it took', async () => {
    await arrange(1500);
    const events = start({ beforeSeconds: [] });
    const { sequence } = await events.next();
    await events.leave();
    await bed.advance(10 * hourMs);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await start({ since: sequence }).next()).toMatchObject({ kind: 'EXPIRED', notebook: { status: 'STOPPED' } });
  });

  it('begins anew, and says so, when there is nothing to go on from', async () => {
    await arrange();
    expect(await start({ since: 'made-up' }).next()).toMatchObject({ kind: 'CURRENT', isReset: true });
  });
});
