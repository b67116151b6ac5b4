import { afterEach, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../../src/schema/relay/global-id.ts';
import { ask, instancesPath, sentTo } from '../../support/dev-env/gateway.ts';
import { type Reply, type ScriptedUpstream, sendJson, startUpstream } from '../../support/wire/scripted-upstream.ts';

const id = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';
const instance = { id, name: 'notebook-c6fd', status: 'RUNNING', flavor: 'modelarts.kat1.xlarge' };

let upstream: ScriptedUpstream;
afterEach(() => upstream.close());

async function askOf(reply: Reply, source: string, variables: Record<string, unknown>): Promise<unknown> {
  upstream = await startUpstream(reply);
  return ask(upstream, source, variables);
}

const refusal = (status: number, code: string, message: string): Reply => {
  const body = { error_code: `ModelArts.${code}`, error_message: message };
  return (response) => sendJson(response, body, { status });
};

const failure = '... on Error { code message upstreamCode } ... on BadUserInputError { issues { path message } }';

const create = `mutation ($input: CreateDevEnvInstanceInput!) {
  result: createDevEnvInstance(input: $input) {
    __typename ... on CreateDevEnvInstancePayload { devEnvInstance { devEnvInstanceId status } } ${failure}
  }
}`;

const storage = (location: Record<string, unknown>) => ({ storage: { type: 'OBS', location } });
const obsPath = ['spec', 'storage', 'location', 'path'];
const valid = { name: 'n', profileId: 'p', flavorId: 'f', spec: storage({ path: '/bucket/directory/' }) };

describe('createDevEnvInstance', () => {
  it('gives the instance as the upstream answered', async () => {
    const reply: Reply = (response) => sendJson(response, { ...instance, status: 'CREATING' });
    expect(await askOf(reply, create, { input: valid })).toEqual({
      data: {
        result: {
          __typename: 'CreateDevEnvInstancePayload',
          devEnvInstance: { devEnvInstanceId: id, status: 'CREATING' },
        },
      },
    });
  });

  it('takes the global id of a flavor for the id the upstream knows', async () => {
    const input = { ...valid, flavorId: encodeGlobalId('Flavor', 'modelarts.kat1.xlarge') };
    await askOf((response) => sendJson(response, instance), create, { input });
    expect(sentTo(upstream)).toMatchObject([['POST', instancesPath, { flavor: 'modelarts.kat1.xlarge' }]]);
  });

  it('reports all problems at once, each with its path, and sends nothing', async () => {
    const input = {
      name: 'has a space',
      profileId: '',
      description: 'a/b',
      flavorId: 'no id',
      spec: {
        storage: { type: 'OBS' },
        extendStorage: [{ type: 'OBS', location: { volumeSizeGiB: 0 } }],
        autoStop: { enabled: true },
        annotations: [
          { key: 'team', value: 'a' },
          { key: 'team', value: 'b' },
        ],
      },
      pool: { id: '' },
    };
    const result = await askOf((response) => sendJson(response, instance), create, { input });
    const issue = (...issuePath: string[]) => ({ path: ['input', ...issuePath], message: expect.any(String) });
    expect(result).toMatchObject({ data: { result: { __typename: 'BadUserInputError', upstreamCode: null } } });
    const { issues } = (result as { data: { result: { issues: unknown[] } } }).data.result;
    expect(issues).toHaveLength(11);
    expect(issues).toEqual(
      expect.arrayContaining([
        issue('name'),
        issue('profileId'),
        issue('description'),
        issue('flavorId'),
        issue('spec', 'storage', 'location', 'path'),
        // OBSFS alone, and only in a pool: one was given
        issue('spec', 'extendStorage', '0', 'type'),
        issue('spec', 'extendStorage', '0', 'location', 'path'),
        issue('spec', 'extendStorage', '0', 'location', 'volumeSizeGiB'),
        issue('spec', 'autoStop', 'durationSeconds'),
        issue('spec', 'annotations', '1', 'key'),
        issue('pool', 'id'),
      ]),
    );
    expect(sentTo(upstream)).toEqual([]);
  });

  it.each([
    ['a name of 65 characters', { name: 'n'.repeat(65) }, ['name']],
    ['an empty name', { name: '' }, ['name']],
    ['a description of 513 characters', { description: 'd'.repeat(513) }, ['description']],
    ['a description with a quote', { description: "it's" }, ['description']],
    [
      'an hour less a second',
      { spec: { ...valid.spec, autoStop: { durationSeconds: 3599 } } },
      ['spec', 'autoStop', 'durationSeconds'],
    ],
    [
      'a day and a second',
      { spec: { ...valid.spec, autoStop: { durationSeconds: 86_401 } } },
      ['spec', 'autoStop', 'durationSeconds'],
    ],
    ['OBS with a path without a slash at its end', { spec: storage({ path: '/bucket/output' }) }, obsPath],
    ['OBS with the root of a bucket', { spec: storage({ path: '/bucket/' }) }, obsPath],
    ['OBS with the root of a bucket and another slash', { spec: storage({ path: '/bucket//' }) }, obsPath],
    ['OBS with no bucket', { spec: storage({ path: '//bucket/directory/' }) }, obsPath],
    ['OBS with an address', { spec: storage({ path: 'obs://bucket/directory/' }) }, obsPath],
    ['OBS with a line break', { spec: storage({ path: '/bucket/a\nb/' }) }, obsPath],
    ['OBSFS as its storage', { spec: { storage: { type: 'OBSFS' } } }, ['spec', 'storage', 'type']],
    ['EFS as its storage', { spec: { storage: { type: 'EFS' } } }, ['spec', 'storage', 'type']],
    [
      'a disk of 4 GiB',
      { spec: { storage: { type: 'EVS', location: { volumeSizeGiB: 4 } } } },
      ['spec', 'storage', 'location', 'volumeSizeGiB'],
    ],
    [
      'a disk of 4097 GiB',
      { spec: { storage: { type: 'EVS', location: { volumeSizeGiB: 4097 } } } },
      ['spec', 'storage', 'location', 'volumeSizeGiB'],
    ],
    [
      'extended storage without a pool',
      { spec: { ...valid.spec, extendStorage: [{ type: 'OBSFS' }] } },
      ['spec', 'extendStorage', '0'],
    ],
    [
      'extended storage of another kind',
      { pool: { id: 'p' }, spec: { ...valid.spec, extendStorage: [{ type: 'EVS' }] } },
      ['spec', 'extendStorage', '0', 'type'],
    ],
    [
      'extended storage with a path without a slash at its end',
      { pool: { id: 'p' }, spec: { ...valid.spec, extendStorage: [{ type: 'OBSFS', location: { path: '/b/a' } }] } },
      ['spec', 'extendStorage', '0', 'location', 'path'],
    ],
    ['OBS with an empty path', { spec: storage({ path: '' }) }, ['spec', 'storage', 'location', 'path']],
    ['the id of an image as flavor', { flavorId: encodeGlobalId('Image', 'i') }, ['flavorId']],
  ])('refuses %s', async (_what, fields, issuePath) => {
    const result = await askOf((response) => sendJson(response, instance), create, { input: { ...valid, ...fields } });
    expect(result).toMatchObject({
      data: { result: { __typename: 'BadUserInputError', issues: [{ path: ['input', ...issuePath] }] } },
    });
    expect(sentTo(upstream)).toEqual([]);
  });

  it.each([
    ['a name of 64 characters', { name: 'n'.repeat(64) }],
    ['a description of 512 characters', { description: 'd'.repeat(512) }],
    ['an empty description', { description: '' }],
    ['exactly an hour', { spec: { ...valid.spec, autoStop: { enabled: true, durationSeconds: 3600 } } }],
    ['exactly a day', { spec: { ...valid.spec, autoStop: { enabled: true, durationSeconds: 86_400 } } }],
    ['auto stop switched off without a duration', { spec: { ...valid.spec, autoStop: { enabled: false } } }],
    ['a path without a slash before it', { spec: storage({ path: 'bucket/directory/' }) }],
    ['a directory in a directory', { spec: storage({ path: '/bucket/a b/ü//c/' }) }],
    ['a disk of 5 GiB', { spec: { storage: { type: 'EVS', location: { volumeSizeGiB: 5 } } } }],
    ['a disk of 4096 GiB', { spec: { storage: { type: 'EVS', location: { volumeSizeGiB: 4096 } } } }],
    ['a disk with an empty path', { spec: { storage: { type: 'EVS', location: { path: '' } } } }],
    [
      'extended storage in a pool',
      { pool: { id: 'p' }, spec: { ...valid.spec, extendStorage: [{ type: 'OBSFS' }, { type: 'OBSFS' }] } },
    ],
    ['no extended storage', { spec: { ...valid.spec, extendStorage: [] } }],
    ['a disk without a location', { spec: { storage: { type: 'EVS' } } }],
    ['nulls for what can be left out', { description: null, workspaceId: null, pool: null, aiProjectId: null }],
  ])('takes %s', async (_what, fields) => {
    const result = await askOf((response) => sendJson(response, instance), create, { input: { ...valid, ...fields } });
    expect(result).toMatchObject({ data: { result: { __typename: 'CreateDevEnvInstancePayload' } } });
  });

  it.each([
    [400, '6358', 'BadUserInputError'],
    [400, '0102', 'NotFoundError'],
    [400, '6301', 'ConflictError'],
    [400, '6302', 'QuotaExceededError'],
    [400, '6329', 'CapacityError'],
    [403, '4116', 'BillingError'],
    [400, '6319', 'UpstreamSetupError'],
    [400, '6328', 'ForbiddenError'],
    [408, '6100', 'OutcomeUnknownError'],
  ])('answers HTTP %i ModelArts.%s with %s', async (status, code, typename) => {
    const result = await askOf(refusal(status, code, 'No.'), create, { input: valid });
    expect(result).toMatchObject({ data: { result: { __typename: typename, upstreamCode: `ModelArts.${code}` } } });
  });
});
