import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../src/schema/index.ts';
import { sharedBed } from '../../support/bed.ts';
import { sampleInstanceInput } from '../../support/dev-env/input.ts';
import { type Follower, follow } from '../../support/follow.ts';
import type { SignedIn } from '../../support/gateway.ts';
import { cpuImageId, createNotebook, notebookInput } from '../../support/notebooks.ts';
import { whenStill } from '../../support/when-still.ts';

const showcaseId = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';

type Kind = 'notebooks' | 'images' | 'environments' | 'mounts';

/** What each kind of watch asks ModelArts. */
const kindOf = new Map<string | null, Kind>([
  ['listNotebooks', 'notebooks'],
  ['showNotebook', 'notebooks'],
  ['listImage', 'images'],
  ['showImage', 'images'],
  ['listDevEnvironments', 'environments'],
  ['showDevEnvironment', 'environments'],
  ['listAttachableObss', 'mounts'],
]);

/** Raw ids of what was made so far. */
const made = { keeper: '', notebook: '', mount: '', image: '', environment: '' };

type Change = {
  readonly input: () => Record<string, unknown>;
  readonly shownIn: readonly Kind[];
  /** of the payload: the id of what was made */
  readonly select?: string;
  readonly note?: (payload: Record<string, Record<string, string>>) => void;
};

const ofNotebook = () => ({ id: made.notebook });
const ofEnvironment = () => ({ id: made.environment });

/** Every mutation that changes something at ModelArts, in an order in which each can be made. */
const changes: Readonly<Record<string, Change>> = {
  createNotebook: {
    input: () => notebookInput('second'),
    shownIn: ['notebooks'],
    select: 'notebook { notebookId }',
    note: ({ notebook }) => (made.notebook = notebook?.notebookId ?? ''),
  },
  updateNotebook: { input: () => ({ ...ofNotebook(), name: 'renamed' }), shownIn: ['notebooks'] },
  renewLease: { input: () => ({ ...ofNotebook(), durationSeconds: 7200 }), shownIn: ['notebooks'] },
  mountStorage: {
    input: () => ({ notebookId: made.keeper, uri: 'obs://bucket/b/', mountPath: '/data/b/' }),
    shownIn: ['mounts'],
    select: 'storageMount { id }',
    note: ({ storageMount }) => (made.mount = storageMount?.id ?? ''),
  },
  unmountStorage: { input: () => ({ storageMountId: made.mount }), shownIn: ['mounts'] },
  saveNotebookImage: {
    input: () => ({ notebookId: made.notebook, name: 'own', namespace: 'own', tag: '1' }),
    shownIn: ['notebooks', 'images'],
  },
  registerImage: {
    input: () => ({ swrPath: 'swr.com/team/engine:1.0' }),
    shownIn: ['images'],
    select: 'image { imageId }',
    note: ({ image }) => (made.image = image?.imageId ?? ''),
  },
  deleteImage: { input: () => ({ id: made.image }), shownIn: ['images'] },
  stopNotebook: { input: ofNotebook, shownIn: ['notebooks'] },
  startNotebook: { input: ofNotebook, shownIn: ['notebooks'] },
  addNotebookTags: {
    input: () => ({ ...ofNotebook(), tags: [{ key: 'team', value: 'vision' }] }),
    shownIn: ['notebooks'],
  },
  removeNotebookTags: { input: () => ({ ...ofNotebook(), keys: ['team'] }), shownIn: ['notebooks'] },
  deleteNotebook: { input: ofNotebook, shownIn: ['notebooks'] },
  createDevEnvInstance: {
    input: () => sampleInstanceInput,
    shownIn: ['environments'],
    select: 'devEnvInstance { devEnvInstanceId }',
    note: ({ devEnvInstance }) => (made.environment = devEnvInstance?.devEnvInstanceId ?? ''),
  },
  startDevEnvInstance: { input: () => ({ id: showcaseId }), shownIn: ['environments'] },
  updateDevEnvInstance: { input: () => ({ ...ofEnvironment(), description: 'other' }), shownIn: ['environments'] },
  stopDevEnvInstance: { input: ofEnvironment, shownIn: ['environments'] },
  deleteDevEnvInstance: { input: ofEnvironment, shownIn: ['environments'] },
};

/** They deal with tokens: nothing of ModelArts changes. */
const changeNothing = ['issueToken', 'renewSession'];

describe('a change with one token makes the watches of another poll that it may show in', { timeout: 30_000 }, () => {
  const bed = sharedBed({
    simulator: { speed: 1, cloud: 'huawei' },
    // nothing is polled for any other reason
    gateway: { projectId: null, pollIntervalMs: 600_000, pollIdleIntervalMs: 600_000 },
  });
  let maker: SignedIn;
  let watcher: SignedIn;
  let followers: Follower[] = [];

  beforeAll(async () => {
    [maker, watcher] = [await bed.signIn('demo'), await bed.signIn('demo')];
    made.keeper = await createNotebook(bed, 'keeper', maker.headers);
    await bed.advance(600_000);
    const input = { notebookId: made.keeper, uri: 'obs://bucket/a/', mountPath: '/data/a/' };
    const mount = `mutation($input: MountStorageInput!) {
      mountStorage(input: $input) { ... on MountStoragePayload { storageMount { id } } }
    }`;
    const { data } = await bed.ask(mount, { input }, maker.headers);
    const stop = 'mutation($id: ID!) { stopDevEnvInstance(input: { id: $id }) { __typename } }';
    await bed.ask(stop, { id: showcaseId }, maker.headers);
    await bed.advance(60_000);
    const watch = (query: string, id: string) => follow(bed, query, { id }, { token: watcher.token });
    followers = [
      follow(bed, 'subscription { notebooksChanged { kind } }', {}, { token: watcher.token }),
      watch('subscription($id: ID!) { imageStatusChanged(id: $id) { kind } }', cpuImageId),
      watch('subscription($id: ID!) { devEnvInstanceStatusChanged(id: $id) { kind } }', showcaseId),
      watch(
        'subscription($id: ID!) { storageMountStatusChanged(id: $id) { kind } }',
        data.mountStorage.storageMount.id,
      ),
    ];
    for (const follower of followers) await follower.next();
  }, 30_000);
  afterAll(async () => {
    expect(bed.gateway.watchStats().listeners).toBe(followers.length);
    await Promise.all(followers.map((follower) => follower.leave()));
  }, 30_000);

  const looksSince = (before: number): Set<Kind | undefined> =>
    new Set(
      bed.exchanges
        .slice(before)
        .filter(({ request }) => request.headers['x-auth-token'] === watcher.token)
        .map(({ operationId }) => kindOf.get(operationId)),
    );

  it('by every mutation of the schema, which this file has a row for', () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    const hint =
      'say in `changes` of test/integration/subscriptions/every-change.test.ts what to make the change with, and in which watches it shows';
    expect([...Object.keys(changes), ...changeNothing].sort(), hint).toEqual(mutations.sort());
  });

  it.each(Object.entries(changes))('when it is made by %s', async (name, { input, shownIn, select, note }) => {
    // a poll for the change before is over, and the distance to it
    const before = await whenStill(() => bed.exchanges.length, 600);
    const inputType = schema
      .getMutationType()
      ?.getFields()
      [name]?.args.find((arg) => arg.name === 'input')?.type;
    const payload = `${name[0]?.toUpperCase()}${name.slice(1)}Payload`;
    const { data, errors } = await bed.ask(
      `mutation($input: ${inputType}) {
        ${name}(input: $input) { __typename ... on ${payload} { ${select ?? '__typename'} } ... on Error { message } }
      }`,
      { input: input() },
      maker.headers,
    );
    expect(errors ?? data[name]).toMatchObject({ __typename: payload });
    note?.(data[name]);
    await expect.poll(() => [...looksSince(before)].sort()).toEqual([...shownIn].sort());
    await sleep(100);
    expect([...looksSince(before)].sort()).toEqual([...shownIn].sort());
    await bed.advance(600_000);
  });
});
