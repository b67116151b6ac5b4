import { describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { sampleInstanceInput } from '../../support/dev-env/input.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';

const create = `mutation($input: CreateDevEnvInstanceInput!) {
  createDevEnvInstance(input: $input) {
    __typename
    ... on Error { message code upstreamCode remedy }
    ... on BadUserInputError { issues { path message } }
  }
}`;

const bed = sharedBed();

describe('an input that ModelArts documents as wrong', () => {
  type Change = { readonly [key: string]: unknown };
  const obsPath = ['spec', 'storage', 'location', 'path'];
  const obs = (path: string) => ({ type: 'OBS', location: { path } });
  const inputWith = (change: Change, spec: Change = {}) => ({
    ...sampleInstanceInput,
    name: 'notebook-refused',
    ...change,
    spec: { ...sampleInstanceInput.spec, ...spec },
  });
  const refusalOf = async (input: Change) => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(create, { input }));
    expect(answer.errors).toBeUndefined();
    return { refusal: answer.data.createDevEnvInstance, calls: operationsOf(calls) };
  };

  const nothingSent = (refusal: unknown, calls: unknown[], issues: { path: string[]; message: unknown }[]) => {
    expect(refusal).toMatchObject({ __typename: 'BadUserInputError', upstreamCode: null, issues });
    expect(calls).toEqual([]);
  };

  it.each<[string, Change, Change, string[], RegExp]>([
    ['a name of 65 characters', { name: 'n'.repeat(65) }, {}, ['name'], /64/],
    ['a name with a space', { name: 'my notebook' }, {}, ['name'], /letters/],
    ['a description of 513 characters', { description: 'd'.repeat(513) }, {}, ['description'], /512/],
    [
      'auto stop without duration',
      {},
      { autoStop: { enabled: true } },
      ['spec', 'autoStop', 'durationSeconds'],
      /3600/,
    ],
    [
      'a duration of 3599 s',
      {},
      { autoStop: { enabled: true, durationSeconds: 3599 } },
      ['spec', 'autoStop', 'durationSeconds'],
      /3600/,
    ],
    [
      'a duration of 86401 s',
      {},
      { autoStop: { enabled: true, durationSeconds: 86_401 } },
      ['spec', 'autoStop', 'durationSeconds'],
      /86400/,
    ],
    [
      'a path without a slash at its end, as in the sample',
      {},
      { storage: obs('/aaaaaaaaa/output') },
      obsPath,
      /slash/,
    ],
    ['the root of a bucket', {}, { storage: obs('/aaaaaaaaa/') }, obsPath, /directory inside the bucket/],
    ['a path without a bucket', {}, { storage: obs('//aaaaaaaaa/output/') }, obsPath, /begins with a name/],
    ['OBSFS as the storage itself', {}, { storage: { type: 'OBSFS' } }, ['spec', 'storage', 'type'], /OBS or EVS/],
    [
      'extended storage without a pool',
      {},
      { extendStorage: [{ type: 'OBSFS' }] },
      ['spec', 'extendStorage', '0'],
      /`pool`/,
    ],
    [
      'extended storage of another kind',
      { pool: { id: 'p' } },
      { extendStorage: [{ type: 'OBS', location: { path: '/b/a/' } }] },
      ['spec', 'extendStorage', '0', 'type'],
      /OBSFS only/,
    ],
    ['OBS without a path', {}, { storage: { type: 'OBS' } }, ['spec', 'storage', 'location', 'path'], /bucket/],
  ])('is refused before any upstream call: %s', async (_, change, spec, path, message) => {
    const { refusal, calls } = await refusalOf(inputWith(change, spec));
    nothingSent(refusal, calls, [{ path: ['input', ...path], message: expect.stringMatching(message) }]);
  });

  it.each([...`&<>"'/`])('is refused before any upstream call: %s in the description', async (character) => {
    const { refusal, calls } = await refusalOf(inputWith({ description: `a${character}b` }));
    nothingSent(refusal, calls, [{ path: ['input', 'description'], message: expect.stringContaining(character) }]);
  });

  it('is refused with everything wrong in it at once', async () => {
    const { refusal, calls } = await refusalOf(
      inputWith(
        { name: 'n'.repeat(65), description: '<b>' },
        { storage: obs('aaaaaaaaa'), autoStop: { enabled: true, durationSeconds: 3599 } },
      ),
    );
    nothingSent(
      refusal,
      calls,
      [['name'], ['description'], obsPath, obsPath, ['spec', 'autoStop', 'durationSeconds']].map((path) => ({
        path: ['input', ...path],
        message: expect.any(String),
      })),
    );
    expect(refusal.issues).toHaveLength(5);
  });
});

it('inputs documented as wrong lead to no call against the upstream contract', async () => {
  expect(bed.exchanges).toEqual([]);
  expect(await bed.violations()).toEqual([]);
});
