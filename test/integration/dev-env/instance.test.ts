import type { GraphQLObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../../src/schema/index.ts';
import { sharedBed } from '../../support/bed.ts';
import { leavesOf, sampleOf } from '../../support/contract/leaves.ts';
import { sampleInstanceInput } from '../../support/dev-env/input.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';
import { everyFieldOf } from '../../support/schema/selection.ts';

const showcaseId = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';

const create = `mutation($input: CreateDevEnvInstanceInput!) {
  createDevEnvInstance(input: $input) {
    __typename
    ... on CreateDevEnvInstancePayload { devEnvInstance { devEnvInstanceId name status createdAt user { name } } }
    ... on Error { code upstreamCode }
  }
}`;
const status = 'query($id: ID!) { devEnvInstance(id: $id) { status } }';
const changeOf = (name: string, payload: string) => `mutation($id: ID!) {
  result: ${name}DevEnvInstance(input: { id: $id }) { __typename ... on ${payload} ... on Error { code upstreamCode } }
}`;

const bed = sharedBed();

const everyField = everyFieldOf(schema.getType('DevEnvInstance') as GraphQLObjectType);

describe('the instance of the documented sample', () => {
  let id = '';

  it('is created with the documented request', async () => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(create, { input: sampleInstanceInput }));
    const { devEnvInstance, ...rest } = answer.data.createDevEnvInstance;
    expect(rest).toEqual({ __typename: 'CreateDevEnvInstancePayload' });
    expect(devEnvInstance).toMatchObject({ name: 'notebook-d115', status: 'CREATING', user: { name: 'demo' } });
    expect(devEnvInstance.devEnvInstanceId).toMatch(/^DE-[0-9a-f-]{36}$/);
    expect(operationsOf(calls)).toEqual(['createDevEnvironment']);
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual(sampleOf('createDevEnvironment.request'));
    id = devEnvInstance.devEnvInstanceId;
  });

  it('is read back with what was asked for', async () => {
    await bed.advance(1000);
    const { data, errors } = await bed.ask(`query($id: ID!) { devEnvInstance(id: $id) ${everyField} }`, { id });
    expect(errors).toBeUndefined();
    expect(data.devEnvInstance).toMatchObject({
      devEnvInstanceId: id,
      name: 'notebook-d115',
      status: 'RUNNING',
      statusRaw: 'RUNNING',
      description: '',
      workspaceId: '0',
      flavor: { flavorId: 'modelarts.kat1.xlarge' },
      profile: { profileId: 'Power-Engine 1.0(python3)' },
      spec: {
        storage: { type: 'OBS', location: { path: '/aaaaaaaaa/output/' } },
        autoStop: { enabled: true, durationSeconds: 3600 },
      },
      user: { name: 'demo' },
    });
  });

  it('is in the list, and is a node', async () => {
    const { data } = await bed.ask('{ devEnvInstances { totalCount nodes { id devEnvInstanceId } } }');
    expect(data.devEnvInstances.totalCount).toBe(2);
    const listed = data.devEnvInstances.nodes.find(
      (node: { devEnvInstanceId: string }) => node.devEnvInstanceId === id,
    );
    const { data: again } = await bed.ask(
      'query($id: ID!) { node(id: $id) { __typename ... on DevEnvInstance { name } } }',
      { id: listed.id },
    );
    expect(again.node).toEqual({ __typename: 'DevEnvInstance', name: 'notebook-d115' });
  });

  it('cannot be created twice under one name', async () => {
    const { data } = await bed.ask(create, { input: sampleInstanceInput });
    expect(data.createDevEnvInstance).toMatchObject({ __typename: 'ConflictError', upstreamCode: 'ModelArts.6301' });
  });

  it('is updated, and only in what was given', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(
        `mutation($id: ID!) {
          updateDevEnvInstance(input: { id: $id, description: "changed", autoStop: { durationSeconds: 7200 } }) {
            ... on UpdateDevEnvInstancePayload { devEnvInstance { description spec { autoStop { enabled durationSeconds } } } }
          }
        }`,
        { id },
      ),
    );
    expect(answer.data.updateDevEnvInstance.devEnvInstance).toEqual({
      description: 'changed',
      spec: { autoStop: { enabled: true, durationSeconds: 7200 } },
    });
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({
      description: 'changed',
      spec: { auto_stop: { duration: 7200 } },
    });
  });

  it('can be stopped, started, stopped and deleted', async () => {
    const transition = '{ currentStatus previousStatus devEnvInstanceId }';
    const stop = changeOf('stop', `StopDevEnvInstancePayload ${transition}`);
    const start = changeOf('start', `StartDevEnvInstancePayload ${transition}`);
    const remove = changeOf('delete', 'DeleteDevEnvInstancePayload { devEnvInstanceId }');
    const statusAfter = async (durationMs: number) => {
      await bed.advance(durationMs);
      return (await bed.ask(status, { id })).data.devEnvInstance?.status;
    };

    expect((await bed.ask(stop, { id })).data.result).toMatchObject({
      currentStatus: 'STOPPING',
      previousStatus: 'RUNNING',
    });
    expect(await statusAfter(1000)).toBe('STOPPED');
    expect((await bed.ask(stop, { id })).data.result).toMatchObject({
      code: 'CONFLICT',
      upstreamCode: 'ModelArts.6307',
    });
    expect((await bed.ask(start, { id })).data.result).toMatchObject({
      currentStatus: 'STARTING',
      previousStatus: 'STOPPED',
    });
    expect(await statusAfter(1000)).toBe('RUNNING');
    expect((await bed.ask(remove, { id })).data.result).toMatchObject({
      code: 'CONFLICT',
      upstreamCode: 'ModelArts.6304',
    });
    await bed.ask(stop, { id });
    expect(await statusAfter(1000)).toBe('STOPPED');
    expect((await bed.ask(remove, { id })).data.result).toMatchObject({ devEnvInstanceId: id });
    expect((await bed.ask(status, { id })).data).toEqual({ devEnvInstance: null });
  });
});

describe('an instance that carries every documented field', () => {
  it('comes through the gateway whole', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(`query($id: ID!) { devEnvInstance(id: $id) ${everyField} }`, { id: showcaseId }),
    );
    expect(answer.errors).toBeUndefined();
    const wire: unknown = JSON.parse(
      calls.find(({ operationId }) => operationId === 'showDevEnvironment')?.response?.body ?? '',
    );
    const given = new Set(leavesOf(answer.data.devEnvInstance).map(({ leaf }) => String(leaf)));
    const lost = leavesOf(wire).filter(
      ({ leaf }) => leaf !== null && !given.has(String(leaf)) && !given.has(timeOf(leaf)),
    );
    expect(lost.map(({ path }) => path.join('.'))).toEqual([]);
    expect(leavesOf(wire).length).toBeGreaterThan(60);
  });

  /** Times are milliseconds upstream and RFC 3339 here. */
  const timeOf = (leaf: unknown): string => (/^\d{13}$/.test(String(leaf)) ? new Date(Number(leaf)).toISOString() : '');
});

it('all calls for an instance keep to the upstream contract', async () => {
  expect(bed.exchanges.length).toBeGreaterThan(15);
  expect(await bed.violations()).toEqual([]);
});
