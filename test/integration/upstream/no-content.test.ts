import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadContract } from '../../support/contract/contract.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';

let bed: TestBed;

/** Deletes and renewals are answered 204, as the status tables of the upstream's pages have it. */
beforeAll(async () => {
  bed = await startTestBed({
    gateway: { projectId: 'a4a5d4098fb4474fa22cd05f897d6b99' },
    simulator: { emptyAnswers: true },
  });
});
afterAll(() => bed.close());

const change = async (name: string, type: string, selection: string, input: object) => {
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { __typename ... on Error { message } ${selection} } }`;
  const { data, errors } = await bed.ask(query, { input });
  expect(errors).toBeUndefined();
  return data[name];
};

it('a change that is answered 204 succeeds, and what the answer lacks is read or null', async () => {
  const id = await createNotebook(bed, 'empty');
  await bed.advance(20_000);
  const { image } = await change(
    'registerImage',
    'RegisterImageInput',
    '... on RegisterImagePayload { image { id } }',
    {
      swrPath: 'swr.example.com/team/engine:1.0',
    },
  );
  const { storageMount } = await change(
    'mountStorage',
    'MountStorageInput',
    '... on MountStoragePayload { storageMount { id } }',
    { notebookId: id, mountPath: '/data/x/', uri: 'obs://bucket/x/' },
  );
  await bed.advance(3_000);

  const lease = '... on RenewLeasePayload { lease { remainingSeconds } }';
  const renewed = await change('renewLease', 'RenewLeaseInput', lease, { id, durationSeconds: 7200 });
  expect(renewed.lease.remainingSeconds).toBeGreaterThan(7100);
  const unmounted = '... on UnmountStoragePayload { storageMountId storageMount { status } }';
  expect(
    await change('unmountStorage', 'UnmountStorageInput', unmounted, { storageMountId: storageMount.id }),
  ).toMatchObject({ storageMountId: expect.stringMatching(/-/), storageMount: null });
  const deleted = '... on DeleteImagePayload { imageId image { status } }';
  expect(await change('deleteImage', 'DeleteImageInput', deleted, { id: image.id })).toMatchObject({ image: null });
  const gone = '... on DeleteNotebookPayload { notebookId notebook { status } }';
  expect(await change('deleteNotebook', 'DeleteNotebookInput', gone, { id })).toMatchObject({
    notebookId: id,
    notebook: null,
  });

  const answered = bed.exchanges
    .filter(({ response }) => response?.status === 204)
    .map(({ operationId }) => operationId);
  const { operations } = await loadContract();
  const documented = operations
    .filter(({ answers }) => answers.has('200') && answers.has('204'))
    .map(({ operationId }) => operationId);
  const hint = 'ask for each operation the contract lists 204 for, in test/integration/upstream/no-content.test.ts';
  expect([...new Set(answered)].sort(), hint).toEqual(documented.sort());
  expect(await bed.violations()).toEqual([]);
});
