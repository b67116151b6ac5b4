import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook, operationsOf, withCalls } from '../../support/notebooks.ts';

const unknownId = '00000000-0000-4000-8000-000000000000';
const createMs = 20_000;
const mountMs = 3_000;

const errorFields = `... on Error { message code upstreamCode }
  ... on BadUserInputError { issues { path message } }
  ... on ConflictError { status allowedStatuses }`;

const mount = `mutation($input: MountStorageInput!) { mountStorage(input: $input) {
  __typename
  ... on MountStoragePayload { storageMount {
    id storageMountId notebookId status statusRaw isTransitional category categoryRaw mountPath uri failReason fileSystemId mountType
  } }
  ${errorFields}
} }`;

const unmount = `mutation($input: UnmountStorageInput!) { unmountStorage(input: $input) {
  __typename
  ... on UnmountStoragePayload { storageMountId notebookId storageMount { id status } }
  ${errorFields}
} }`;

const bed = sharedBed({ simulator: { speed: 1 } });
let notebookId = '';
let otherId = '';
beforeAll(async () => {
  notebookId = await createNotebook(bed, 'with-storage');
  otherId = await createNotebook(bed, 'without');
  await bed.advance(createMs);
});

const inputOf = (name: string) => ({ notebookId, uri: `obs://bucket/${name}/`, mountPath: `/data/${name}/` });

/** Ids of a mount that has become MOUNTED. */
async function mounted(name: string): Promise<{ id: string; storageMountId: string }> {
  const { data } = await bed.ask(mount, { input: inputOf(name) });
  await bed.advance(mountMs);
  return data.mountStorage.storageMount;
}

const statusOf = async (id: string): Promise<string | undefined> => {
  const { data } = await bed.ask('query($id: ID!) { node(id: $id) { ... on StorageMount { status } } }', { id });
  return data.node?.status;
};

describe('mountStorage', () => {
  it('has a mount go from MOUNTING to MOUNTED', async () => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(mount, { input: inputOf('a') }));
    const { id, storageMountId, ...told } = answer.data.mountStorage.storageMount;
    expect(told).toEqual({
      notebookId,
      status: 'MOUNTING',
      statusRaw: 'MOUNTING',
      isTransitional: true,
      category: 'OBSFS',
      categoryRaw: 'OBSFS',
      mountPath: '/data/a/',
      uri: 'obs://bucket/a/',
      failReason: null,
      fileSystemId: null,
      mountType: null,
    });
    expect(Buffer.from(id, 'base64').toString()).toBe(`StorageMount:${notebookId}.${storageMountId}`);
    expect(operationsOf(calls)).toEqual(['attachObs']);
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({
      category: 'OBS',
      mount_path: '/data/a/',
      uri: 'obs://bucket/a/',
    });
    await bed.advance(mountMs);
    expect(await statusOf(id)).toBe('MOUNTED');
  });

  it('names the status that stands in the way, and the one that would do', async () => {
    const id = await createNotebook(bed, 'creating');
    const { data } = await bed.ask(mount, { input: { ...inputOf('b'), notebookId: id } });
    expect(data.mountStorage).toMatchObject({
      __typename: 'ConflictError',
      message: 'The notebook is CREATING; storage can be mounted once it is RUNNING.',
      upstreamCode: 'ModelArts.6327',
      status: 'CREATING',
      allowedStatuses: ['RUNNING'],
    });
  });

  it('reports every problem of the input at once, without a call', async () => {
    const input = { notebookId: 'flavors', uri: 's3://bucket/a/', mountPath: '/data/a/b/' };
    const { answer, calls } = await withCalls(bed, () => bed.ask(mount, { input }));
    const { __typename, issues } = answer.data.mountStorage;
    expect(__typename).toBe('BadUserInputError');
    expect(issues.map((issue: { path: string[] }) => issue.path.join('.'))).toEqual([
      'input.notebookId',
      'input.uri',
      'input.mountPath',
    ]);
    expect(calls).toEqual([]);
  });

  it.each([
    ['without a slash at its end', '/data/a'],
    ['outside of /data/', '/home/a/'],
    ['that is /data/ itself', '/data//'],
    ['that leads out of /data/', '/data/../'],
    ['with a space', '/data/a b/'],
    ['of more than 256 characters', `/data/${'a'.repeat(250)}/`],
  ])('refuses a mount path %s, without a call', async (_what, mountPath) => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(mount, { input: { ...inputOf('a'), mountPath } }));
    expect(answer.data.mountStorage.issues).toMatchObject([{ path: ['input', 'mountPath'] }]);
    expect(calls).toEqual([]);
  });

  it.each([
    ['that is a bucket without a slash', 'obs://bucket'],
    ['without a bucket', 'obs:///a/'],
    ['that is no OBS address', 'bucket/a/'],
    ['of more than 256 characters', `obs://bucket/${'a'.repeat(250)}/`],
  ])('refuses a uri %s, without a call', async (_what, uri) => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(mount, { input: { ...inputOf('a'), uri } }));
    expect(answer.data.mountStorage.issues).toMatchObject([{ path: ['input', 'uri'] }]);
    expect(calls).toEqual([]);
  });

  it('answers NotFoundError for a notebook the project does not have', async () => {
    const { data } = await bed.ask(mount, { input: { ...inputOf('c'), notebookId: unknownId } });
    expect(data.mountStorage).toMatchObject({ __typename: 'NotFoundError', upstreamCode: 'ModelArts.6309' });
  });

  it('answers UpstreamSetupError when ModelArts has no key for the object storage', async () => {
    const body = { error_code: 'ModelArts.6782', error_msg: 'Configure the AK/SK first.' };
    await bed.fault({ name: 'error', operation: 'attachObs', times: 1, status: 400, body });
    const { data } = await bed.ask(mount, { input: inputOf('d') });
    expect(data.mountStorage).toMatchObject({
      __typename: 'UpstreamSetupError',
      message: 'Configure the AK/SK first.',
    });
  });

  it('answers QuotaExceededError for the eleventh mount', async () => {
    const before = (await mountsOf(notebookId)).length;
    for (let count = before; count < 10; count += 1) await bed.ask(mount, { input: inputOf(`full-${count}`) });
    const { data } = await bed.ask(mount, { input: inputOf('full-10') });
    expect(data.mountStorage).toMatchObject({ __typename: 'QuotaExceededError', upstreamCode: 'ModelArts.6302' });
    await bed.advance(mountMs);
    for (const { storageMountId, mountPath } of await mountsOf(notebookId)) {
      if (mountPath.startsWith('/data/full-')) await bed.ask(unmount, { input: { storageMountId, notebookId } });
    }
    await bed.advance(mountMs);
  });
});

async function mountsOf(id: string): Promise<{ storageMountId: string; mountPath: string }[]> {
  const { data } = await bed.ask(
    'query($id: ID!) { notebook(id: $id) { storageMounts { storageMountId mountPath } } }',
    {
      id,
    },
  );
  return data.notebook.storageMounts;
}

describe('Notebook.storageMounts', () => {
  it('lists the mounts of a notebook, each with its notebook', async () => {
    const { storageMountId } = await mounted('listed');
    const { data } = await bed.ask(
      'query($id: ID!) { notebook(id: $id) { storageMounts { storageMountId status notebook { name } } } }',
      { id: notebookId },
    );
    expect(data.notebook.storageMounts).toContainEqual({
      storageMountId,
      status: 'MOUNTED',
      notebook: { name: 'with-storage' },
    });
    expect(await mountsOf(otherId)).toEqual([]);
  });

  it('costs nothing until it is selected, then one call for each notebook', async () => {
    const { calls: bare } = await withCalls(bed, () => bed.ask('{ notebooks { nodes { name } } }'));
    expect(operationsOf(bare)).not.toContain('listAttachableObss');
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask('{ notebooks { nodes { name storageMounts { mountPath } } } }'),
    );
    const lists = operationsOf(calls).filter((operation) => operation === 'listAttachableObss');
    expect(lists).toHaveLength(answer.data.notebooks.nodes.length);
  });

  it('is empty for a notebook that vanished meanwhile, and keeps the rest of the list', async () => {
    const body = { error_code: 'ModelArts.6309', error_msg: 'The instance does not exist.' };
    await bed.fault({ name: 'error', operation: 'listAttachableObss', times: 1, status: 400, body });
    const { data, errors } = await bed.ask('{ notebooks { nodes { name storageMounts { mountPath } } } }');
    expect(errors).toBeUndefined();
    expect(data.notebooks.nodes.length).toBeGreaterThan(1);
  });

  it('shows why mounting failed, and keeps a status it does not know', async () => {
    await mounted('failed');
    const item = { status: 'MOUNT_FAILED', failure_reason: 'No such bucket.', efs_id: 'efs-1', mount_type: 'DYNAMIC' };
    const query =
      'query($id: ID!) { notebook(id: $id) { storageMounts { status statusRaw isTransitional failReason fileSystemId mountType } } }';
    await bed.fault({ name: 'merge', operation: 'listAttachableObss', times: 1, item });
    const { data } = await bed.ask(query, { id: notebookId });
    expect(data.notebook.storageMounts[0]).toEqual({
      status: 'MOUNT_FAILED',
      statusRaw: 'MOUNT_FAILED',
      isTransitional: false,
      failReason: 'No such bucket.',
      fileSystemId: 'efs-1',
      mountType: 'DYNAMIC',
    });
    await bed.fault({ name: 'unknown-enum', operation: 'listAttachableObss', times: 1 });
    const { data: newer } = await bed.ask(query, { id: notebookId });
    expect(newer.notebook.storageMounts[0]).toMatchObject({ status: 'UNKNOWN', statusRaw: 'MIGRATING' });
  });
});

describe('Notebook.storageMount', () => {
  const show =
    'query($notebookId: ID!, $id: ID!) { notebook(id: $notebookId) { storageMount(id: $id) { storageMountId } } }';

  it('takes the raw id and the global id', async () => {
    const { id, storageMountId } = await mounted('shown');
    for (const given of [id, storageMountId]) {
      const { data } = await bed.ask(show, { notebookId, id: given });
      expect(data.notebook.storageMount).toEqual({ storageMountId });
    }
  });

  it('is null when the notebook has no such mount', async () => {
    const { data, errors } = await bed.ask(show, { notebookId, id: unknownId });
    expect(data.notebook.storageMount).toBeNull();
    expect(errors).toBeUndefined();
  });

  it('refuses a mount of another notebook', async () => {
    const { id } = await mounted('elsewhere');
    const { answer, calls } = await withCalls(bed, () => bed.ask(show, { notebookId: otherId, id }));
    expect(answer.errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['id'] }] });
    expect(operationsOf(calls)).toEqual(['showNotebook']);
  });
});

describe('nodes', () => {
  it.each(['no-dot', `${unknownId}.${unknownId}`, `${unknownId}.group`])('holds null for the mount %s', async (key) => {
    const id = Buffer.from(`StorageMount:${key}`).toString('base64');
    const { data, errors } = await bed.ask('query($id: ID!) { nodes(ids: [$id]) { id } }', { id });
    expect(data.nodes).toEqual([null]);
    expect(errors).toBeUndefined();
  });
});

describe('unmountStorage', () => {
  it('unmounts by the global id alone: UNMOUNTING, then gone', async () => {
    const { id, storageMountId } = await mounted('by-global-id');
    const { data } = await bed.ask(unmount, { input: { storageMountId: id } });
    expect(data.unmountStorage).toEqual({
      __typename: 'UnmountStoragePayload',
      storageMountId,
      notebookId,
      storageMount: { id, status: 'UNMOUNTING' },
    });
    expect(await statusOf(id)).toBe('UNMOUNTING');
    await bed.advance(mountMs);
    expect(await statusOf(id)).toBeUndefined();
  });

  it('unmounts by the raw id and the notebook, and lives with an answer without a body', async () => {
    const { id, storageMountId } = await mounted('by-raw-id');
    await bed.fault({ name: 'empty', operation: 'cancelObs', times: 1 });
    const { data } = await bed.ask(unmount, { input: { storageMountId, notebookId } });
    expect(data.unmountStorage).toEqual({
      __typename: 'UnmountStoragePayload',
      storageMountId,
      notebookId,
      storageMount: null,
    });
    await bed.advance(mountMs);
    expect(await statusOf(id)).toBeUndefined();
  });

  it('refuses a raw id alone, and a mount of another notebook, without a call', async () => {
    const { id, storageMountId } = await mounted('kept');
    for (const input of [{ storageMountId }, { storageMountId: id, notebookId: otherId }]) {
      const { answer, calls } = await withCalls(bed, () => bed.ask(unmount, { input }));
      expect(answer.data.unmountStorage).toMatchObject({
        __typename: 'BadUserInputError',
        issues: [{ path: ['input', 'storageMountId'] }],
      });
      expect(calls).toEqual([]);
    }
    expect(await statusOf(id)).toBe('MOUNTED');
  });

  it('answers ConflictError while it is still mounting and NotFoundError for none', async () => {
    const { data: made } = await bed.ask(mount, { input: inputOf('too-soon') });
    const { data } = await bed.ask(unmount, { input: { storageMountId: made.mountStorage.storageMount.id } });
    expect(data.unmountStorage).toMatchObject({ __typename: 'ConflictError', upstreamCode: 'ModelArts.6357' });
    const { data: none } = await bed.ask(unmount, { input: { storageMountId: unknownId, notebookId } });
    expect(none.unmountStorage).toMatchObject({ __typename: 'NotFoundError', upstreamCode: 'ModelArts.6404' });
  });
});

it('all calls for storage mounts keep to the upstream contract on both sides', async () => {
  expect(bed.exchanges.length).toBeGreaterThan(40);
  expect(await bed.violations()).toEqual([]);
});
