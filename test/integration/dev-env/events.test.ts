import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { sampleInstanceInput } from '../../support/dev-env/input.ts';
import { callsOf, type Follower, follow } from '../../support/follow.ts';

/** An instance the simulator begins with, RUNNING. */
const showcaseId = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';
const createMs = 20_000;
const stopMs = 6_000;

const watch = `subscription($id: ID!, $until: [DevEnvStatus!]) { devEnvInstanceStatusChanged(id: $id, until: $until) {
  __typename kind devEnvInstanceId devEnvInstance { name description queuingInfo { rank } }
  status statusRaw previousStatus failReason observedAt isFinal sequence isReset
} }`;
const create = `mutation($input: CreateDevEnvInstanceInput!) { createDevEnvInstance(input: $input) {
  ... on CreateDevEnvInstancePayload { devEnvInstance { devEnvInstanceId status } } ... on Error { message }
} }`;
const change = (verb: string) =>
  `mutation($id: ID!) { ${verb}DevEnvInstance(input: { id: $id }) { __typename ... on Error { message } } }`;
const describeIt = `mutation($id: ID!) { updateDevEnvInstance(input: { id: $id, description: "told" }) {
  __typename ... on Error { message }
} }`;

// settled instances are not polled again within a test: what a watch tells of them, it was woken for
const bed = freshBed({
  simulator: { speed: 1 },
  gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 60_000 },
});
let followers: Follower[] = [];
const start = (variables: Record<string, unknown>): Follower => {
  const follower = follow(bed, watch, variables);
  followers.push(follower);
  return follower;
};

async function created(input: Record<string, unknown> = {}): Promise<string> {
  const { data } = await bed.ask(create, { input: { ...sampleInstanceInput, ...input } });
  return data.createDevEnvInstance.devEnvInstance.devEnvInstanceId;
}

beforeEach(async () => {
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.leave()));
  expect(await bed.violations()).toEqual([]);
});

describe('devEnvInstanceStatusChanged', () => {
  it('emits the state, then each change, and ends at a status of until', async () => {
    const id = await created();
    const events = start({ id, until: ['RUNNING'] });
    expect(await events.next()).toMatchObject({
      __typename: 'DevEnvInstanceStatusEvent',
      kind: 'SNAPSHOT',
      devEnvInstanceId: id,
      devEnvInstance: { name: sampleInstanceInput.name },
      status: 'CREATING',
      statusRaw: 'CREATING',
      previousStatus: null,
      failReason: null,
      isFinal: false,
      isReset: false,
    });
    await bed.advance(createMs);
    expect(await events.rest()).toMatchObject([
      { kind: 'MODIFIED', status: 'RUNNING', previousStatus: 'CREATING', isFinal: true },
    ]);
  });

  it('emits what is done through the gateway at once, to the end of the instance', async () => {
    const events = start({ id: Buffer.from(`DevEnvInstance:${showcaseId}`).toString('base64') });
    expect((await events.next()).status).toBe('RUNNING');
    await bed.ask(describeIt, { id: showcaseId });
    expect(await events.next()).toMatchObject({
      kind: 'MODIFIED',
      status: 'RUNNING',
      devEnvInstance: { description: 'told' },
    });
    await bed.ask(change('stop'), { id: showcaseId });
    expect(await events.next()).toMatchObject({ status: 'STOPPING', previousStatus: 'RUNNING' });
    await bed.advance(stopMs);
    expect((await events.next()).status).toBe('STOPPED');
    const before = bed.exchanges.length;
    await bed.ask(change('delete'), { id: showcaseId });
    expect(await events.rest()).toMatchObject([
      { kind: 'REMOVED', status: 'DELETED', previousStatus: 'STOPPED', devEnvInstance: null, isFinal: true },
    ]);
    // the deletion is told by its own answer, no poll had to find out
    expect(bed.exchanges[before]?.operationId).toBe('deleteDevEnvironment');
  });

  it('says that the console is to ask before it stops', async () => {
    const prompted = `subscription { devEnvInstanceStatusChanged(id: "${showcaseId}") {
      kind devEnvInstance { spec { autoStop { enabled durationSeconds prompted } } }
    } }`;
    const events = follow(bed, prompted, {});
    followers.push(events);
    const autoStop = (await events.next()).devEnvInstance.spec.autoStop;
    const { data } = await bed.ask(
      'mutation($input: UpdateDevEnvInstanceInput!) { updateDevEnvInstance(input: $input) { __typename } }',
      { input: { id: showcaseId, autoStop: { ...autoStop, prompted: !autoStop.prompted } } },
    );
    expect(data.updateDevEnvInstance.__typename).toBe('UpdateDevEnvInstancePayload');
    expect(await events.next()).toMatchObject({
      kind: 'MODIFIED',
      devEnvInstance: { spec: { autoStop: { prompted: !autoStop.prompted } } },
    });
  });

  it('shows the place in the queue for a free flavor', async () => {
    const id = await created({ flavorId: 'modelarts.vm.cpu.free', profileId: 'Multi-Engine 1.0 (python3)-cpu' });
    const events = start({ id, until: ['RUNNING'] });
    const ranks: (number | undefined)[] = [];
    for (let event = await events.next(); event.status === 'CREATE_QUEUING'; event = await events.next()) {
      ranks.push(event.devEnvInstance.queuingInfo.rank);
      await bed.advance(createMs);
    }
    expect(ranks).toEqual([3, 2, 1]);
  });

  it('ends at a failure, with the reason', async () => {
    const id = await created();
    const events = start({ id });
    await events.next();
    await bed.fault({
      name: 'merge',
      operation: 'showDevEnvironment',
      body: {
        status: 'CREATE_FAILED',
        spec: { failed_reasons: { code: 'ModelArts.6360', message: 'No nodes left.' } },
      },
    });
    expect(await events.rest()).toMatchObject([
      { status: 'CREATE_FAILED', failReason: 'No nodes left.', isFinal: true },
    ]);
  });

  it('costs one read for one instance and one list for several, shared by all subscribers', async () => {
    const id = await created();
    const one = [start({ id }), start({ id })];
    await Promise.all(one.map((events) => events.next()));
    expect(callsOf(bed, 'listDevEnvironments')).toBe(0);
    const both = start({ id: showcaseId });
    await both.next();
    const before = bed.exchanges.length;
    const { polls } = bed.gateway.watchStats();
    await expect.poll(() => bed.gateway.watchStats().polls).toBeGreaterThan(polls + 3);
    expect(callsOf(bed, 'showDevEnvironment', before)).toBe(0);
    expect(callsOf(bed, 'listDevEnvironments', before)).toBeLessThanOrEqual(bed.gateway.watchStats().polls - polls + 1);
    expect(bed.gateway.watchStats()).toMatchObject({ watches: 1, listeners: 3 });
  });

  it('is NOT_FOUND for an instance that is not there', async () => {
    await expect(start({ id: 'DE-00000000-0000-4000-8000-000000000000' }).next()).rejects.toThrow(/NOT_FOUND/);
  });
});
