import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed, type TestBedOptions } from '../../support/gateway.ts';
import { createNotebookMutation, notebookInput, operationsOf, withCalls } from '../../support/notebooks.ts';

/** The project of the simulator's demo user, whose token could enter another one too. */
const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const createMs = 20_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const leaseFields = 'enabled expiresAt remainingSeconds type typeRaw createdAt durationSeconds updatedAt';

const renew = `mutation($input: RenewLeaseInput!) {
  renewLease(input: $input) {
    __typename
    ... on RenewLeasePayload { notebookId lease { ${leaseFields} } }
    ... on Error { message upstreamCode }
    ... on BadUserInputError { issues { path message } }
    ... on ConflictError { status allowedStatuses }
  }
}`;

/** A bed at the pace of the book; its token lives as long as its notebooks. */
const startSlowBed = (gateway: TestBedOptions['gateway'] = {}) =>
  startTestBed({ gateway: { projectId, ...gateway }, simulator: { speed: 1, tokenLifetimeMs: 400 * dayMs } });

async function runningNotebook(bed: TestBed, name: string, lease?: object): Promise<string> {
  const { data } = await bed.ask(createNotebookMutation, {
    input: { ...notebookInput(name), ...(lease && { lease }) },
  });
  await bed.advance(createMs);
  return data.createNotebook.notebook.notebookId;
}

const show = async (bed: TestBed, id: string) =>
  (await bed.ask(`query($id: ID!) { notebook(id: $id) { status lease { ${leaseFields} } } }`, { id })).data.notebook;

const renewing = (bed: TestBed, input: Record<string, unknown>) =>
  withCalls(bed, async () => (await bed.ask(renew, { input })).data.renewLease);

/** How far the end lies ahead of the clock of the simulator; the request took a moment. */
function expectEndIn(bed: TestBed, lease: { expiresAt: string }, durationMs: number): void {
  const aheadMs = Date.parse(lease.expiresAt) - bed.simulator.clock.now();
  expect(aheadMs).toBeLessThanOrEqual(durationMs);
  expect(aheadMs).toBeGreaterThan(durationMs - 60_000);
}

describe('the lease', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await startSlowBed();
  });
  afterAll(() => bed.close());

  it('is read by itself where a running notebook comes without it, and is null where it does not run', async () => {
    const id = await runningNotebook(bed, 'bare');
    await bed.fault({ name: 'merge', operation: 'showNotebook', body: { lease: null } });
    const { answer, calls } = await withCalls(bed, () => show(bed, id));
    expect(answer.lease.enabled).toBe(true);
    expect(operationsOf(calls)).toEqual(['showNotebook', 'showLease']);
    await bed.force(id, { status: 'STOPPED' });
    expect((await show(bed, id)).lease).toBeNull();
    await bed.clearFaults();
  });

  it('counts from the moment the notebook runs, and lets it stop at its end', async () => {
    const id = await runningNotebook(bed, 'timed', { durationSeconds: 7200 });
    const { lease } = await show(bed, id);
    expect(lease).toMatchObject({ enabled: true, type: 'TIMING', typeRaw: 'TIMING' });
    expectEndIn(bed, lease, 2 * hourMs);
    expect(lease.durationSeconds).toBe(7200 + createMs / 1000);
    expect(Date.parse(lease.createdAt) + lease.durationSeconds * 1000).toBeCloseTo(Date.parse(lease.expiresAt), -4);
    await bed.advance(2 * hourMs);
    expect((await show(bed, id)).status).toBe('STOPPING');
  });

  it('that is switched off has no end', async () => {
    const id = await runningNotebook(bed, 'endless', { enabled: false });
    const off = { enabled: false, expiresAt: null, remainingSeconds: null, durationSeconds: null, type: null };
    expect((await show(bed, id)).lease).toMatchObject(off);
    await bed.advance(30 * dayMs);
    expect(await show(bed, id)).toMatchObject({ status: 'RUNNING', lease: off });
    await bed.force(id, { status: 'STOPPED' });
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(
        'mutation($id: ID!) { startNotebook(input: { id: $id, lease: { enabled: false } }) { ... on StartNotebookPayload { notebook { lease { enabled expiresAt } } } } }',
        { id },
      ),
    );
    expect(answer.data.startNotebook.notebook.lease).toEqual({ enabled: false, expiresAt: null });
    expect(calls[0]?.request.query).toEqual({ duration: '-1' });
  });

  it('of type IDLE is shown as such', async () => {
    const id = await runningNotebook(bed, 'idle');
    const { answer, calls } = await renewing(bed, { id, durationSeconds: 3600, type: 'IDLE' });
    expect(answer.lease).toMatchObject({ enabled: true, type: 'IDLE', typeRaw: 'IDLE' });
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({ duration: hourMs, type: 'idle' });
  });

  it('of type IDLE is described as what it is: undocumented', async () => {
    const { data } = await bed.ask('{ __type(name: "LeaseType") { enumValues { name description } } }');
    const idle = data.__type.enumValues.find(({ name }: { name: string }) => name === 'IDLE');
    expect(idle.description).toContain('not documented');
  });
});

describe('renewLease', () => {
  let bed: TestBed;
  let id = '';
  beforeAll(async () => {
    bed = await startSlowBed();
    id = await runningNotebook(bed, 'renewed', { durationSeconds: 86_400 });
  });
  afterAll(() => bed.close());

  it('counts from now: it shortens, and does not add up', async () => {
    expectEndIn(bed, (await show(bed, id)).lease, dayMs);
    for (const _ of [1, 2]) {
      const { answer } = await renewing(bed, { id, durationSeconds: 3600 });
      expectEndIn(bed, answer.lease, hourMs);
    }
    await bed.advance(hourMs / 2);
    const { answer, calls } = await renewing(bed, { id, durationSeconds: 7200 });
    expectEndIn(bed, answer.lease, 2 * hourMs);
    expect(answer.lease.durationSeconds).toBeGreaterThan(7200 + 1800);
    expect(operationsOf(calls)).toEqual(['renewLease']);
    expect((await show(bed, id)).lease).toMatchObject({ expiresAt: answer.lease.expiresAt });
  });

  it('asks for an hour when no duration is given', async () => {
    const { answer, calls } = await renewing(bed, { id });
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({});
    expectEndIn(bed, answer.lease, hourMs);
  });

  it('answers the end ModelArts stored, not the one that was asked for', async () => {
    const createdAt = Date.parse((await show(bed, id)).lease.createdAt);
    await bed.fault({ name: 'merge', operation: 'renewLease', body: { duration: 5 * dayMs } });
    const { answer } = await renewing(bed, { id, durationSeconds: 3600 });
    await bed.clearFaults();
    expect(Date.parse(answer.lease.expiresAt)).toBe(createdAt + 5 * dayMs);
  });

  it('reads the lease when ModelArts answers without one', async () => {
    await bed.fault({ name: 'empty', operation: 'renewLease' });
    const { answer, calls } = await renewing(bed, { id, durationSeconds: 10_800 });
    await bed.clearFaults();
    expectEndIn(bed, answer.lease, 3 * hourMs);
    expect(operationsOf(calls)).toEqual(['renewLease', 'showLease']);
  });

  it('never answers a remaining time below zero', async () => {
    await bed.fault({ name: 'merge', operation: 'renewLease', body: { duration: 1000 } });
    const { answer } = await renewing(bed, { id });
    await bed.clearFaults();
    expect(answer.lease.remainingSeconds).toBe(0);
  });

  it.each([3599, 86_401, 0, -1])('refuses %i seconds without a call', async (durationSeconds) => {
    const { answer, calls } = await renewing(bed, { id, durationSeconds });
    expect(answer).toMatchObject({ __typename: 'BadUserInputError', issues: [{ path: ['input', 'durationSeconds'] }] });
    expect(calls).toEqual([]);
  });

  it('of a notebook that does not run is a conflict that names its status', async () => {
    await bed.force(id, { status: 'STOPPED' });
    const { answer } = await renewing(bed, { id });
    expect(answer).toMatchObject({ status: 'STOPPED', allowedStatuses: ['RUNNING'], upstreamCode: 'ModelArts.6327' });
    await bed.force(id, { status: 'RUNNING' });
  });

  it('works on a notebook that is older than 2^31 ms', async () => {
    const old = await runningNotebook(bed, 'old', { enabled: false });
    await bed.advance(60 * dayMs);
    const { answer } = await renewing(bed, { id: old, durationSeconds: 3600 });
    expectEndIn(bed, answer.lease, hourMs);
    expect(answer.lease.durationSeconds).toBeGreaterThan((60 * dayMs) / 1000);
    expect(answer.lease.remainingSeconds).toBeGreaterThan(0);
  });

  it('keeps to the upstream contract', async () => {
    expect(await bed.violations()).toEqual([]);
  });
});

it('LEASE_MAX_HOURS is the longest lease that may be asked for', async () => {
  const bed = await startSlowBed({ leaseMaxHours: 72 });
  try {
    const id = await runningNotebook(bed, 'long', { durationSeconds: 259_200 });
    expectEndIn(bed, (await show(bed, id)).lease, 3 * dayMs);
    const { answer, calls } = await renewing(bed, { id, durationSeconds: 259_201 });
    expect(answer.issues[0].message).toContain('72 hours');
    expect(calls).toEqual([]);
  } finally {
    await bed.close();
  }
});
