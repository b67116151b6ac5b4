import { describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { cpuImageId, createNotebook, operationsOf, withCalls } from '../../support/notebooks.ts';
import { sse } from '../../support/subscription.ts';

const unknownId = '00000000-0000-4000-8000-000000000000';
const createMs = 20_000;
const saveMs = 30_000;

const errorFields = `... on Error { message code upstreamCode }
  ... on BadUserInputError { issues { path message } }
  ... on ConflictError { status allowedStatuses }`;

const save = `mutation($input: SaveNotebookImageInput!) { saveNotebookImage(input: $input) {
  __typename
  ... on SaveNotebookImagePayload { image { imageId name namespace tag description status isTransitional origin sizeBytes } }
  ${errorFields}
} }`;

const register = `mutation($input: RegisterImageInput!) { registerImage(input: $input) {
  __typename
  ... on RegisterImagePayload { image {
    imageId name namespace tag swrPath status type arch origin resourceCategories serviceType devServices visibility description
  } }
  ${errorFields}
} }`;

const remove = `mutation($input: DeleteImageInput!) { deleteImage(input: $input) {
  __typename
  ... on DeleteImagePayload { imageId image { imageId status } }
  ${errorFields}
} }`;

// settled notebooks are not polled again within a test: what a watch tells in between, it was woken for
const bed = sharedBed({ simulator: { speed: 1 }, gateway: { pollIdleIntervalMs: 60_000 } });

async function runningNotebook(name: string): Promise<string> {
  const id = await createNotebook(bed, name);
  await bed.advance(createMs);
  return id;
}

async function imageOf(id: string) {
  const { data } = await bed.ask(
    'query($id: ID!) { image(id: $id) { status statusRaw isTransitional sizeBytes name } }',
    { id },
  );
  return data.image;
}

const registered = async (swrPath: string): Promise<string> =>
  (await bed.ask(register, { input: { swrPath } })).data.registerImage.image.imageId;

describe('saveNotebookImage', () => {
  it('saves a running notebook: the image goes INIT, CREATING, ACTIVE', async () => {
    const notebookId = await runningNotebook('to-save');
    const input = { notebookId, name: 'saved', namespace: 'team', tag: '1.0', description: 'as of today' };
    const { data } = await bed.ask(save, { input });
    expect(data.saveNotebookImage.__typename).toBe('SaveNotebookImagePayload');
    const { imageId, ...image } = data.saveNotebookImage.image;
    expect(image).toEqual({
      name: 'saved',
      namespace: 'team',
      tag: '1.0',
      description: 'as of today',
      status: 'INIT',
      isTransitional: true,
      origin: 'IMAGE_SAVE',
      sizeBytes: null,
    });
    await bed.advance(saveMs / 2);
    expect(await imageOf(imageId)).toMatchObject({ status: 'CREATING', isTransitional: true });
    await bed.advance(saveMs / 2);
    expect(await imageOf(imageId)).toMatchObject({
      status: 'ACTIVE',
      statusRaw: 'ACTIVE',
      isTransitional: false,
      sizeBytes: 5_094_544_544,
    });
  });

  it('has the watch of the notebook emit SNAPSHOTTING at once, and RUNNING when it is over', async () => {
    const notebookId = await runningNotebook('to-watch');
    const events = sse(bed, 'subscription($id: ID!) { notebookStatusChanged(id: $id) { status } }', {
      variables: { id: notebookId },
    });
    const status = async () => (await events.next()).value?.data.notebookStatusChanged.status;
    expect(await status()).toBe('RUNNING');
    await bed.ask(save, { input: { notebookId, name: 'watched', namespace: 'team', tag: '1' } });
    expect(await status()).toBe('SNAPSHOTTING');
    await bed.advance(saveMs);
    expect(await status()).toBe('RUNNING');
    await events.return(undefined);
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
  });

  it('sends nothing that was not given', async () => {
    const notebookId = await runningNotebook('bare');
    const { calls } = await withCalls(bed, () =>
      bed.ask(save, { input: { notebookId, name: 'bare', namespace: 'team' } }),
    );
    expect(operationsOf(calls)).toEqual(['createImage']);
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({ name: 'bare', namespace: 'team' });
    await bed.advance(saveMs);
  });

  it('names the status that stands in the way, and the one that would do', async () => {
    const notebookId = await createNotebook(bed, 'too-soon');
    const { data } = await bed.ask(save, { input: { notebookId, name: 'early', namespace: 'team' } });
    expect(data.saveNotebookImage).toMatchObject({
      __typename: 'ConflictError',
      code: 'CONFLICT',
      message: 'The notebook is CREATING; it can be saved as an image once it is RUNNING.',
      upstreamCode: 'ModelArts.6357',
      status: 'CREATING',
      allowedStatuses: ['RUNNING'],
    });
    await bed.advance(createMs);
  });

  it('refuses a name and tag that are taken, in the words of ModelArts', async () => {
    const notebookId = await runningNotebook('again');
    const input = { notebookId, name: 'twice', namespace: 'team', tag: '1' };
    await bed.ask(save, { input });
    await bed.advance(saveMs);
    const { data } = await bed.ask(save, { input });
    expect(data.saveNotebookImage).toMatchObject({
      __typename: 'ConflictError',
      message: 'Conflict tag 1 for image swr.com/team/twice, tag cannot be duplicated.',
      upstreamCode: 'ModelArts.6737',
      allowedStatuses: [],
    });
  });

  it('answers NotFoundError for a notebook the project does not have', async () => {
    const { data } = await bed.ask(save, { input: { notebookId: unknownId, name: 'none', namespace: 'team' } });
    expect(data.saveNotebookImage).toMatchObject({ __typename: 'NotFoundError', upstreamCode: 'ModelArts.6309' });
  });

  it('reports every problem of the input at once, without a call', async () => {
    const input = {
      notebookId: 'all',
      name: 'Upper',
      namespace: '1team',
      tag: 'a b',
      description: 'x'.repeat(513),
      workspaceId: 'W!',
    };
    const { answer, calls } = await withCalls(bed, () => bed.ask(save, { input }));
    const { __typename, issues } = answer.data.saveNotebookImage;
    expect(__typename).toBe('BadUserInputError');
    expect(issues.map((issue: { path: string[] }) => issue.path.join('.'))).toEqual(
      Object.keys(input).map((name) => `input.${name}`),
    );
    expect(calls).toEqual([]);
  });

  it.each([
    ['of one letter', 'a'],
    ['with dots, hyphens and underscores', '1.b_c-2'],
    ['of 512 characters', 'a'.repeat(512)],
  ])('takes a name %s', async (_what, name) => {
    const { data } = await bed.ask(save, { input: { notebookId: unknownId, name, namespace: 'team' } });
    expect(data.saveNotebookImage.__typename).toBe('NotFoundError');
  });

  it.each([
    ['that is empty', ''],
    ['that begins with a hyphen', '-a'],
    ['that ends with a dot', 'a.'],
    ['with a slash', 'a/b'],
    ['with a line break at its end', 'a\n'],
    ['of more than 512 characters', 'a'.repeat(513)],
  ])('refuses a name %s', async (_what, name) => {
    const { data } = await bed.ask(save, { input: { notebookId: unknownId, name, namespace: 'team' } });
    expect(data.saveNotebookImage.issues).toMatchObject([{ path: ['input', 'name'] }]);
  });

  it('says OUTCOME_UNKNOWN when the answer is lost, and does not try again', async () => {
    const notebookId = await runningNotebook('lost');
    await bed.fault({ name: 'lost-answer', operation: 'createImage', times: 1 });
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(save, { input: { notebookId, name: 'lost', namespace: 'team', tag: '1' } }),
    );
    expect(answer.data.saveNotebookImage.__typename).toBe('OutcomeUnknownError');
    expect(operationsOf(calls)).toEqual(['createImage']);
    await bed.advance(saveMs);
  });
});

describe('registerImage', () => {
  it('makes an image of the registry known, in the words of the input', async () => {
    const input = {
      swrPath: 'swr.com/team/engine:1.0',
      arch: 'AARCH64',
      description: 'engine',
      origin: 'CUSTOMIZE',
      resourceCategories: ['CPU', 'ASCEND'],
      serviceType: 'TRAIN',
      devServices: ['SSH'],
      visibility: 'PUBLIC',
      workspaceId: '0',
    };
    const { data } = await bed.ask(register, { input });
    const { imageId, ...image } = data.registerImage.image;
    const { workspaceId, ...told } = input;
    expect(image).toEqual({
      ...told,
      name: 'engine',
      namespace: 'team',
      tag: '1.0',
      status: 'ACTIVE',
      type: 'DEDICATED',
    });
    const { data: listed } = await bed.ask(
      '{ images(filter: { name: "engine", nameExact: true, namespace: "team", type: DEDICATED, workspaceId: "0" }) { nodes { imageId } } }',
    );
    expect(listed.images.nodes).toEqual([{ imageId }]);
    const { data: again } = await bed.ask(register, { input });
    expect(again.registerImage).toMatchObject({ __typename: 'ConflictError', upstreamCode: 'ModelArts.6737' });
  });

  it('leaves what was not given to ModelArts', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(register, { input: { swrPath: 'swr.com/team/plain:1', arch: null } }),
    );
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({ swr_path: 'swr.com/team/plain:1' });
    expect(answer.data.registerImage.image).toMatchObject({
      arch: 'X86_64',
      resourceCategories: ['CPU', 'GPU'],
      devServices: ['NOTEBOOK', 'SSH'],
      visibility: 'PRIVATE',
    });
  });

  it.each([
    ['6797', 'NotFoundError'],
    ['6771', 'BadUserInputError'],
  ])('answers ModelArts.%s as %s', async (code, typename) => {
    const body = { error_code: `ModelArts.${code}`, error_msg: 'No.' };
    await bed.fault({ name: 'error', operation: 'registerImage', times: 1, status: 400, body });
    const { data } = await bed.ask(register, { input: { swrPath: 'swr.com/team/refused:1' } });
    expect(data.registerImage).toMatchObject({ __typename: typename, message: 'No.' });
  });

  it('reports every problem of the input at once, without a call', async () => {
    const input = { swrPath: 'swr.com/engine:1', resourceCategories: [], devServices: [], workspaceId: '-' };
    const { answer, calls } = await withCalls(bed, () => bed.ask(register, { input }));
    const { issues } = answer.data.registerImage;
    expect(issues.map((issue: { path: string[] }) => issue.path[1])).toEqual(Object.keys(input));
    expect(calls).toEqual([]);
  });

  it.each([
    'swr.com/team/engine',
    'swr.com/team/engine:',
    'https://swr.com/team/engine:1',
    'swr.com/team/engine :1',
    'a/b/c:1',
  ])('refuses the path %j', async (swrPath) => {
    const { data } = await bed.ask(register, { input: { swrPath } });
    expect(data.registerImage.__typename).toBe('BadUserInputError');
  });

  it('takes a registry with a port', async () => {
    const { data } = await bed.ask(register, { input: { swrPath: 'swr.eu-de.example.com:8443/team/ported:1' } });
    expect(data.registerImage.__typename).toBe('RegisterImagePayload');
  });
});

describe('deleteImage', () => {
  it('deletes by raw or global id; the image is gone', async () => {
    for (const tag of ['raw', 'global']) {
      const imageId = await registered(`swr.com/team/doomed:${tag}`);
      const { data: shown } = await bed.ask('query($id: ID!) { image(id: $id) { id } }', { id: imageId });
      const { answer, calls } = await withCalls(bed, () =>
        bed.ask(remove, { input: { id: tag === 'raw' ? imageId : shown.image.id } }),
      );
      expect(answer.data.deleteImage).toEqual({
        __typename: 'DeleteImagePayload',
        imageId,
        image: { imageId, status: 'DELETED' },
      });
      expect(calls.map((call) => call.request.query)).toEqual([{}]);
      expect(await imageOf(imageId)).toBeNull();
    }
  });

  it('sends `force` when it is given', async () => {
    const id = await registered('swr.com/team/forced:1');
    const { calls } = await withCalls(bed, () => bed.ask(remove, { input: { id, force: true } }));
    expect(calls.map(({ request }) => [request.query, request.body])).toEqual([
      [{ force: 'true' }, '{"is_force":true}'],
    ]);
  });

  it('has no image to show when ModelArts answers without a body', async () => {
    const id = await registered('swr.com/team/silent:1');
    await bed.fault({ name: 'empty', operation: 'deleteImage', times: 1 });
    const { data } = await bed.ask(remove, { input: { id } });
    expect(data.deleteImage).toEqual({ __typename: 'DeleteImagePayload', imageId: id, image: null });
  });

  it('answers ConflictError for an image a notebook uses', async () => {
    const imageId = await registered('swr.com/team/used:1');
    const { data: created } = await bed.ask(
      `mutation($imageId: ID!) { createNotebook(input: {
        name: "user", imageId: $imageId, flavorId: "modelarts.vm.cpu.2u", volume: { category: EFS }
      }) { __typename ... on Error { message } } }`,
      { imageId },
    );
    expect(created.createNotebook.__typename).toBe('CreateNotebookPayload');
    const { data } = await bed.ask(remove, { input: { id: imageId } });
    expect(data.deleteImage).toMatchObject({
      __typename: 'ConflictError',
      message: 'The image is being used by a notebook instance.',
    });
    expect(await imageOf(imageId)).toMatchObject({ status: 'ACTIVE' });
  });

  it('answers ForbiddenError for a built-in image and NotFoundError for none', async () => {
    const { data } = await bed.ask(remove, { input: { id: cpuImageId } });
    expect(data.deleteImage).toMatchObject({ __typename: 'ForbiddenError', upstreamCode: 'ModelArts.0108' });
    const { data: none } = await bed.ask(remove, { input: { id: unknownId } });
    expect(none.deleteImage).toMatchObject({ __typename: 'NotFoundError', upstreamCode: 'ModelArts.6404' });
  });

  it.each(['group', '..', 'Tm90ZWJvb2s6eA=='])('refuses the id %s without a call', async (id) => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(remove, { input: { id } }));
    expect(answer.data.deleteImage).toMatchObject({
      __typename: 'BadUserInputError',
      issues: [{ path: ['input', 'id'] }],
    });
    expect(calls).toEqual([]);
  });
});

describe('images', () => {
  it('refuses a filter ModelArts would not take, without a call', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(`{ images(filter: { name: "Spark", namespace: "${'n'.repeat(65)}" }) { totalCount } }`),
    );
    expect(answer.errors?.[0].extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['filter', 'name'] }, { path: ['filter', 'namespace'] }],
    });
    expect(calls).toEqual([]);
  });

  it('filters by part of a name and by service, and sorts by the last change', async () => {
    const { data } = await bed.ask(
      `{ part: images(filter: { name: "spark" }) { totalCount }
         exact: images(filter: { name: "spark", nameExact: true }) { nodes { name } }
         train: images(filter: { serviceType: TRAIN }) { nodes { serviceType } }
         newest: images(sortKey: UPDATED_AT, first: 3) { nodes { updatedAt } }
         oldest: images(sortKey: UPDATED_AT, sortDirection: ASC, filter: { type: DEDICATED }) { nodes { updatedAt } } }`,
    );
    expect(data.part.totalCount).toBe(4);
    expect(data.exact.nodes).toEqual([{ name: 'spark' }]);
    expect(data.train.nodes.every((node: { serviceType: string }) => node.serviceType === 'TRAIN')).toBe(true);
    const times = (nodes: { updatedAt: string }[]) => nodes.map((node) => node.updatedAt);
    const newest = times(data.newest.nodes);
    expect(newest).toEqual([...newest].sort().reverse());
    const oldest = times(data.oldest.nodes);
    expect(oldest).toEqual([...oldest].sort());
  });
});

it('all calls for images keep to the upstream contract on both sides', async () => {
  expect(bed.exchanges.length).toBeGreaterThan(40);
  expect(await bed.violations()).toEqual([]);
});
