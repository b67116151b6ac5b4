import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { sampleInstanceInput } from '../../support/dev-env/input.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const create = `mutation($input: CreateDevEnvInstanceInput!) { createDevEnvInstance(input: $input) {
  __typename ... on Error { code upstreamCode } ... on BadUserInputError { issues { path message } } } }`;

type Storage = {
  readonly type: string;
  readonly location?: { readonly path?: string | undefined; readonly volumeSizeGiB?: number | undefined } | undefined;
};
type Input = {
  readonly storage: Storage;
  readonly extendStorage?: readonly Storage[] | undefined;
  readonly pool?: { readonly id: string } | undefined;
};

/** What ModelArts documents for wrong storage, and for parameters without a code of their own. */
const documented = ['6316', '6317', '6318', '6324', '6331', '6358', '6332', '6335', '6336'].map(
  (code) => `ModelArts.${code}`,
);

let bed: TestBed;
/** asked without the gateway, about the same */
let cloud: Simulator;
beforeAll(async () => {
  bed = await startTestBed({ gateway: { projectId } });
  cloud = await startSimulator({ speed: 100 });
});
afterAll(async () => {
  await bed.close();
  await cloud.close();
});

let names = 0;

async function gatewayTakes({ pool, ...spec }: Input): Promise<boolean> {
  const input = { ...sampleInstanceInput, name: `n-${++names}`, spec, pool };
  const { answer, calls } = await withCalls(bed, () => bed.ask(create, { input }));
  expect(answer.errors).toBeUndefined();
  const { __typename, upstreamCode, issues = [] } = answer.data.createDevEnvInstance;
  if (calls.length === 0) {
    expect([__typename, upstreamCode]).toEqual(['BadUserInputError', null]);
    expect(issues).not.toEqual([]);
    return false;
  }
  // it is full after a while, which is found out last
  expect(['CreateDevEnvInstancePayload', 'QuotaExceededError']).toContain(__typename);
  return true;
}

/** The code of the refusal; null: it is taken, or only the quota stands against it. */
async function refusalOfCloud({ storage, extendStorage, pool }: Input): Promise<string | null> {
  const wire = ({ type, location }: Storage) => ({
    type: type.toLowerCase(),
    location: location && { path: location.path || undefined, volume_size: location.volumeSizeGiB },
  });
  const body = {
    name: `n-${++names}`,
    profile_id: sampleInstanceInput.profileId,
    flavor: sampleInstanceInput.flavorId,
    spec: { storage: wire(storage), extend_storage: extendStorage?.map(wire) },
    pool,
  };
  const response = await fetch(`${cloud.url}/v1/${projectId}/demanager/instances`, {
    method: 'POST',
    headers: { 'x-auth-token': cloud.demo.token, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { error_code: code = null } = (await response.json()) as { error_code?: string };
  return code === 'ModelArts.6302' ? null : code;
}

const segment = fc.constantFrom(
  '',
  '',
  'bucket',
  'b',
  'B_1',
  'a.b-c',
  'dir ü',
  'obs:',
  'a\nb',
  'x\u2028',
  '.',
  '..',
  '%2f',
  '日本',
);
const path = fc.oneof(
  { weight: 6, arbitrary: fc.array(segment, { minLength: 1, maxLength: 5 }).map((all) => all.join('/')) },
  { weight: 4, arbitrary: fc.array(segment, { minLength: 1, maxLength: 4 }).map((all) => `/${all.join('/')}/`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const location = fc.option(fc.record({ path, volumeSizeGiB: fc.constantFrom(5, 50, 4096) }, { requiredKeys: [] }), {
  nil: undefined,
});
const storage = (types: readonly string[]) => fc.record({ type: fc.constantFrom(...types), location });
const input: fc.Arbitrary<Input> = fc.record({
  storage: storage(['OBS', 'OBS', 'OBS', 'EVS', 'OBSFS', 'EFS']),
  extendStorage: fc.option(fc.array(storage(['OBSFS', 'OBSFS', 'OBS', 'EVS']), { maxLength: 2 }), {
    nil: undefined,
    freq: 1,
  }),
  pool: fc.option(fc.constant({ id: 'pool-1' }), { nil: undefined }),
});

it('storage that createDevEnvInstance refuses ModelArts refuses as documented, and what it lets pass ModelArts takes', async () => {
  const seen = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(input, async (given) => {
      const [isTaken, code] = await Promise.all([gatewayTakes(given), refusalOfCloud(given)]);
      if (isTaken) expect(code).toBeNull();
      else expect(documented).toContain(code);
      seen[isTaken ? 'taken' : 'refused'] += 1;
    }),
    { numRuns: 1500, interruptAfterTimeLimit: 15_000 },
  );
  expect(seen.taken).toBeGreaterThan(20);
  expect(seen.refused).toBeGreaterThan(20);
  // and nothing of it broke the contract
  expect(await bed.violations()).toEqual([]);
});

it.each([4, 4097, 0, -1])('a disk of %i GiB is refused by the gateway and by ModelArts', async (volumeSizeGiB) => {
  const given = { storage: { type: 'EVS', location: { volumeSizeGiB } } };
  expect(await gatewayTakes(given)).toBe(false);
  expect(await refusalOfCloud(given)).toBe('ModelArts.6331');
});

describe('the issues of storage', () => {
  type Fault = { readonly top?: Record<string, unknown>; readonly spec?: Record<string, unknown> };
  const faults: readonly Fault[] = [
    { top: { name: 'has a space' } },
    { top: { profileId: '' } },
    { top: { description: '<b>' } },
    { top: { flavorId: '..' } },
    { top: { pool: { id: '' } } },
    { top: { workspaceId: '' } },
    { spec: { storage: { type: 'OBS', location: { path: 'bucket' } } } },
    { spec: { extendStorage: [{ type: 'EVS', location: { path: 'x', volumeSizeGiB: 1 } }, { type: 'OBSFS' }] } },
    { spec: { autoStop: { enabled: true } } },
    {
      spec: {
        annotations: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
    },
  ];

  const issuesOf = async (given: readonly Fault[]): Promise<string[]> => {
    const sound = { ...sampleInstanceInput, pool: { id: 'pool-1' } };
    const whole = {
      ...Object.assign({}, sound, ...given.map(({ top }) => top)),
      spec: Object.assign({}, sound.spec, ...given.map(({ spec }) => spec)),
    };
    const { answer, calls } = await withCalls(bed, () => bed.ask(create, { input: whole }));
    expect(operationsOf(calls)).toEqual([]);
    const { issues } = answer.data.createDevEnvInstance;
    return issues
      .map(({ path: at, message }: { path: string[]; message: string }) => `${at.join('.')}: ${message}`)
      .sort();
  };

  it('of several faults are those of each, whichever come together', async () => {
    const alone = await Promise.all(faults.map((fault) => issuesOf([fault])));
    for (const issues of alone) expect(issues.length).toBeGreaterThan(0);
    const chosen = fc.subarray(
      faults.map((_, index) => index),
      { minLength: 2 },
    );
    await fc.assert(
      fc.asyncProperty(chosen, async (indexes) => {
        const together = await issuesOf(indexes.map((index) => faults[index] as Fault));
        expect(together).toEqual(indexes.flatMap((index) => alone[index] as string[]).sort());
      }),
      { numRuns: 150, interruptAfterTimeLimit: 10_000 },
    );
  });
});
