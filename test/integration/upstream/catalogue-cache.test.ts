import { afterEach, describe, expect, it } from 'vitest';
import { freshBed, projectId } from '../../support/bed.ts';
import { callsOf, follow } from '../../support/follow.ts';
import { startTestBed } from '../../support/gateway.ts';
import { cpuImageId, createNotebook } from '../../support/notebooks.ts';

const ttlMs = 60_000;
const createMs = 20_000;
const saveMs = 30_000;

const images = '{ images(first: 200) { nodes { imageId name status } } }';
const flavors = '{ flavors { nodes { flavorId soldOut } } }';
const image = `{ image(id: "${cpuImageId}") { name status sizeBytes } }`;
const show = 'query($id: ID!) { image(id: $id) { status } }';
const register =
  'mutation($path: String!) { registerImage(input: { swrPath: $path }) { ... on RegisterImagePayload { image { imageId } } ... on Error { message } } }';
const remove = 'mutation($id: ID!) { deleteImage(input: { id: $id }) { __typename ... on Error { message } } }';
const save = `mutation($input: SaveNotebookImageInput!) { saveNotebookImage(input: $input) {
  ... on SaveNotebookImagePayload { image { imageId } } ... on Error { message }
} }`;
const watch = 'subscription($id: ID!) { imageStatusChanged(id: $id) { status } }';

describe('the catalogue cache', () => {
  const bed = freshBed({
    gateway: { catalogTtlMs: ttlMs, pollIntervalMs: 40 },
    simulator: { speed: 1 },
  });

  afterEach(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  const registered = async (path: string): Promise<string> =>
    (await bed.ask(register, { path })).data.registerImage.image.imageId;
  const listed = async (): Promise<string[]> =>
    (await bed.ask(images)).data.images.nodes.map((node: { imageId: string }) => node.imageId);

  it.each([
    ['listImage', images],
    ['listFlavors', flavors],
    ['showImage', image],
  ])('answers %s again alike without a call', async (operation, query) => {
    const first = await bed.ask(query);
    expect(first.errors).toBeUndefined();
    const calls = callsOf(bed, operation);
    expect(calls).toBeGreaterThan(0);
    expect((await bed.ask(query)).data).toEqual(first.data);
    expect(callsOf(bed, operation)).toBe(calls);
  });

  it.each([
    ['listNotebooks', '{ notebooks { nodes { name } } }'],
    ['listDevEnvironments', '{ devEnvInstances { nodes { id } } }'],
    ['listImageGroup', '{ imageGroups { nodes { name } } }'],
  ])('keeps nothing of %s', async (operation, query) => {
    expect((await bed.ask(query)).errors).toBeUndefined();
    await bed.ask(query);
    expect(callsOf(bed, operation)).toBe(2);
  });

  it('shares nothing between tokens, be they of one user', async () => {
    const users = [await bed.signIn('demo'), await bed.signIn('demo'), await bed.signIn('colleague')];
    for (const user of users) await bed.ask(flavors, {}, user.headers);
    expect(callsOf(bed, 'listFlavors')).toBe(users.length);
    for (const user of users) await bed.ask(flavors, {}, user.headers);
    expect(callsOf(bed, 'listFlavors')).toBe(users.length);
  });

  it('shares nothing between projects of one token', async () => {
    await bed.ask(flavors);
    const { errors } = await bed.ask(flavors, {}, { 'x-project-id': 'b5b6e5109fc5585fb33de16f908e7c00' });
    expect([errors?.[0]?.extensions.code, callsOf(bed, 'listFlavors')]).toEqual(['FORBIDDEN', 2]);
  });

  it('asks ModelArts again after its time', async () => {
    const short = await startTestBed({ gateway: { projectId, catalogTtlMs: 50 } });
    await short.ask(flavors);
    await expect
      .poll(async () => {
        await short.ask(flavors);
        return callsOf(short, 'listFlavors');
      })
      .toBeGreaterThan(1);
    await short.close();
  });

  it('keeps no failure', async () => {
    await bed.fault({ name: 'internal', operation: 'listFlavors', times: 1 });
    expect((await bed.ask(flavors)).errors).toHaveLength(1);
    expect((await bed.ask(flavors)).errors).toBeUndefined();
  });

  it('shows at once what our own changes did to images, and keeps flavors', async () => {
    await bed.ask(flavors);
    await listed();
    const id = await registered('swr.example.test/team/mine:1');
    expect(await listed()).toContain(id);
    await bed.ask(remove, { id });
    expect(await listed()).not.toContain(id);
    await bed.ask(flavors);
    expect(callsOf(bed, 'listFlavors')).toBe(1);
  });

  it('does not keep an answer that was on its way while a change was made', async () => {
    const id = await registered('swr.example.test/team/mine:2');
    await bed.fault({ name: 'slow', operation: 'showImage', delayMs: 500, times: 1 });
    const late = bed.ask(show, { id });
    await expect.poll(() => callsOf(bed, 'showImage')).toBe(1);
    expect((await bed.ask(remove, { id })).data.deleteImage.__typename).toBe('DeleteImagePayload');
    expect((await late).data.image.status).toBe('ACTIVE');
    expect((await bed.ask(show, { id })).data.image).toBeNull();
  });

  it('asks again as long as an image is being made', async () => {
    const notebookId = await createNotebook(bed, 'to-save');
    await bed.advance(createMs);
    const { data } = await bed.ask(save, { input: { notebookId, name: 'saved', namespace: 'team', tag: '1' } });
    const id: string = data.saveNotebookImage.image.imageId;
    const statuses: string[] = [];
    for (const durationMs of [saveMs / 2, saveMs]) {
      statuses.push((await bed.ask(show, { id })).data.image.status);
      await bed.advance(durationMs);
    }
    const inList = (await bed.ask(images)).data.images.nodes.find((node: { imageId: string }) => node.imageId === id);
    expect([...statuses, inList.status]).toEqual(['INIT', 'CREATING', 'ACTIVE']);
    const before = callsOf(bed, 'showImage');
    await bed.ask(show, { id });
    await bed.ask(show, { id });
    expect(callsOf(bed, 'showImage')).toBe(before + 1);
  });

  it('answers no poll', async () => {
    await bed.ask(image);
    const follower = follow(bed, watch, { id: cpuImageId });
    expect((await follower.next()).status).toBe('ACTIVE');
    const body = { status: 'ERROR' };
    await bed.fault({ name: 'merge', operation: 'showImage', body });
    expect((await follower.next()).status).toBe('ERROR');
    await follower.leave();
  });

  it('does not answer the checks of a create', async () => {
    await bed.ask(flavors);
    await bed.fault({ name: 'merge', operation: 'listFlavors', item: { sold_out: true } });
    const create = `mutation($input: CreateNotebookInput!) { createNotebook(input: $input) { __typename } }`;
    const input = {
      name: 'sold-out',
      flavorId: 'modelarts.vm.cpu.2u',
      imageId: cpuImageId,
      volume: { category: 'EFS', ownership: 'MANAGED', capacityGiB: 50 },
    };
    expect((await bed.ask(create, { input })).data.createNotebook.__typename).toBe('CapacityError');
  });

  describe('with a token made up, and the project of somebody else', () => {
    const stranger = { 'x-auth-token': 'made-up', 'x-project-id': projectId };

    it('is not emptied by a change that ModelArts refuses', async () => {
      await bed.ask(image);
      const lists = (await listed()).length;
      const before = ['listImage', 'showImage'].map((operation) => callsOf(bed, operation));
      const { data } = await bed.ask(remove, { id: cpuImageId }, stranger);
      expect([data.deleteImage.__typename, callsOf(bed, 'deleteImage')]).toEqual(['UnauthenticatedError', 1]);
      await bed.ask(image);
      expect((await listed()).length).toBe(lists);
      expect(['listImage', 'showImage'].map((operation) => callsOf(bed, operation))).toEqual(before);
    });

    it('is not emptied by a change whose caller leaves before it is answered', async () => {
      await bed.ask(image);
      await bed.fault({ name: 'slow', operation: 'deleteImage', delayMs: 60_000, times: 1 });
      const leaving = new AbortController();
      const left = fetch(bed.gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...stranger },
        body: JSON.stringify({ query: remove, variables: { id: cpuImageId } }),
        signal: leaving.signal,
      });
      await expect.poll(() => callsOf(bed, 'deleteImage')).toBe(1);
      leaving.abort();
      await expect(left).rejects.toThrow();
      await expect.poll(() => bed.logLines.some((line) => line.includes('OUTCOME_UNKNOWN'))).toBe(true);
      await bed.ask(image);
      expect(callsOf(bed, 'showImage')).toBe(1);
    });
  });
});
