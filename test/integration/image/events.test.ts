import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { callsOf, type Follower, follow } from '../../support/follow.ts';
import { cpuImageId, createNotebook } from '../../support/notebooks.ts';

const createMs = 20_000;
const saveMs = 30_000;
const builtInIds = [cpuImageId, '278e88d1-5b71-4766-8502-b3ba72e824d9'];

const watch = `subscription($id: ID!, $until: [ImageStatus!]) { imageStatusChanged(id: $id, until: $until) {
  __typename kind imageId image { name tag sizeBytes } status statusRaw previousStatus failReason isFinal sequence
} }`;
const save = `mutation($input: SaveNotebookImageInput!) { saveNotebookImage(input: $input) {
  ... on SaveNotebookImagePayload { image { imageId } } ... on Error { message }
} }`;
const remove = 'mutation($id: ID!) { deleteImage(input: { id: $id }) { __typename ... on Error { message } } }';

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

/** An image that is being saved from a notebook. */
async function saving(): Promise<string> {
  const notebookId = await createNotebook(bed, 'to-save');
  await bed.advance(createMs);
  const { data } = await bed.ask(save, { input: { notebookId, name: 'saved', namespace: 'team', tag: '1' } });
  return data.saveNotebookImage.image.imageId;
}

beforeEach(async () => {
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.leave()));
  expect(await bed.violations()).toEqual([]);
});

describe('imageStatusChanged', () => {
  it('emits each step of saving an image, and ends at a status of until', async () => {
    const id = await saving();
    const events = start({ id, until: ['ACTIVE'] });
    expect(await events.next()).toMatchObject({
      __typename: 'ImageStatusEvent',
      kind: 'SNAPSHOT',
      imageId: id,
      image: { name: 'saved', tag: '1' },
      status: 'INIT',
      previousStatus: null,
      isFinal: false,
    });
    await bed.advance(saveMs / 2);
    expect(await events.next()).toMatchObject({ kind: 'MODIFIED', status: 'CREATING', previousStatus: 'INIT' });
    await bed.advance(saveMs);
    expect(await events.rest()).toMatchObject([
      { status: 'ACTIVE', previousStatus: 'CREATING', isFinal: true, image: { sizeBytes: 5_094_544_544 } },
    ]);
    // one image is read by itself
    expect(callsOf(bed, 'listImage')).toBe(0);
  });

  it('ends at a failure, with what ModelArts says of it', async () => {
    const events = start({ id: await saving() });
    await events.next();
    const body = { status: 'CREATE_FAILED', status_message: 'The registry is full.' };
    await bed.fault({ name: 'merge', operation: 'showImage', body });
    expect(await events.rest()).toMatchObject([
      { status: 'CREATE_FAILED', failReason: 'The registry is full.', isFinal: true },
    ]);
  });

  it('emits a deletion made through the gateway by its answer', async () => {
    const id = await saving();
    await bed.advance(saveMs);
    const events = start({ id });
    expect((await events.next()).status).toBe('ACTIVE');
    await bed.fault({ name: 'hang', operation: 'showImage' });
    await bed.ask(remove, { id });
    expect(await events.rest()).toMatchObject([
      {
        kind: 'REMOVED',
        status: 'DELETED',
        statusRaw: 'DELETED',
        previousStatus: 'ACTIVE',
        image: null,
        isFinal: true,
      },
    ]);
    await bed.clearFaults();
  });

  it('reads several images with one list a tick, built-in and own ones', async () => {
    const id = await saving();
    const events = [id, ...builtInIds].map((imageId) => start({ id: imageId }));
    const first = await Promise.all(events.map((follower) => follower.next()));
    expect(first.map(({ status }) => status)).toEqual(['INIT', 'ACTIVE', 'ACTIVE']);
    const before = bed.exchanges.length;
    const { polls } = bed.gateway.watchStats();
    await expect.poll(() => bed.gateway.watchStats().polls).toBeGreaterThan(polls + 3);
    expect(callsOf(bed, 'showImage', before)).toBe(0);
    expect(callsOf(bed, 'listImage', before)).toBeLessThanOrEqual(bed.gateway.watchStats().polls - polls + 1);
  });

  it('is NOT_FOUND for an image that is not there', async () => {
    await expect(start({ id: '00000000-0000-4000-8000-000000000000' }).next()).rejects.toThrow(/NOT_FOUND/);
  });
});
