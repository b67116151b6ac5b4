import { beforeAll, expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import { createNotebookMutation, notebookInput, operationsOf, withCalls } from '../../support/notebooks.ts';

const otherImageId = 'c0b31f09-1490-4555-9b8b-ab0b2de35b20';

const update = `mutation($input: UpdateNotebookInput!) {
  updateNotebook(input: $input) {
    __typename
    ... on UpdateNotebookPayload {
      notebook { name description flavor { flavorId } image { imageId } volume { capacityGiB status } }
    }
    ... on Error { message upstreamCode }
    ... on ConflictError { status allowedStatuses }
    ... on BadUserInputError { issues { path } }
  }
}`;

const ssh = { service: 'SSH', keyPairNames: ['laptop'], allowedAccessIps: ['192.0.2.7'] };

/** Each field: where it may change, what is sent, what the notebook shows of it afterwards (left out: nothing). */
const fields: [name: string, value: unknown, statuses: string[], sent: object, shown: object][] = [
  ['name', 'renamed', ['STOPPED', 'RUNNING'], { name: 'renamed' }, { name: 'renamed' }],
  ['description', 'new words', ['STOPPED', 'RUNNING'], { description: 'new words' }, { description: 'new words' }],
  [
    'flavorId',
    'modelarts.vm.cpu.8u',
    ['STOPPED'],
    { flavor: 'modelarts.vm.cpu.8u' },
    { flavor: { flavorId: 'modelarts.vm.cpu.8u' } },
  ],
  ['imageId', otherImageId, ['STOPPED'], { image_id: otherImageId }, { image: { imageId: otherImageId } }],
  [
    'endpoints',
    [ssh],
    ['STOPPED'],
    { endpoints: [{ service: 'SSH', key_pair_names: ['laptop'], allowed_access_ips: ['192.0.2.7'] }] },
    {},
  ],
  [
    'hooks',
    { preStart: { type: 'SCRIPT', script: '/home/ma-user/start.sh' } },
    ['STOPPED'],
    { hooks: { container_hooks: { pre_start: { type: 'SCRIPT', script: '/home/ma-user/start.sh' } } } },
    {},
  ],
  ['volumeCapacityGiB', 20, ['RUNNING'], { storage_new_size: 20 }, { volume: { capacityGiB: 20, status: 'RESIZING' } }],
];

describeBed('updateNotebook', { simulator: { speed: 1 } }, (bed) => {
  let id = '';
  const change = (input: Record<string, unknown>) =>
    withCalls(bed, async () => (await bed.ask(update, { input: { id, ...input } })).data.updateNotebook);

  beforeAll(async () => {
    const input = { ...notebookInput('updated'), volume: { category: 'EVS', capacityGiB: 10 } };
    const { data } = await bed.ask(createNotebookMutation, { input });
    id = data.createNotebook.notebook.notebookId;
    await bed.advance(20_000);
  });

  const cases = fields.flatMap(([name, value, statuses, sent, shown]) =>
    statuses.map((status) => ({ name, value, status, sent, shown })),
  );

  it.each(cases)('changes $name alone while $status, and reads it again', async ({ name, value, status, ...then }) => {
    await bed.force(id, { status });
    const { answer, calls } = await change({ [name]: value });
    expect(answer).toMatchObject({ __typename: 'UpdateNotebookPayload', notebook: then.shown });
    expect(operationsOf(calls).slice(0, 2)).toEqual(['updateNotebook', 'showNotebook']);
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual(then.sent);
    await bed.advance(5000);
  });

  it.each(fields)('refuses %s in every other status', async (name, value, statuses) => {
    for (const status of ['RUNNING', 'STOPPED', 'STARTING'].filter((other) => !statuses.includes(other))) {
      await bed.force(id, { status });
      const { answer, calls } = await change({ [name]: value });
      expect(answer).toMatchObject({ __typename: 'ConflictError', status, allowedStatuses: statuses });
      expect(operationsOf(calls)).toEqual(['updateNotebook', 'showNotebook']);
    }
  });

  it('names the status that stands in the way of one of several changes', async () => {
    const input = { name: 'both', flavorId: 'modelarts.vm.cpu.2u', volumeCapacityGiB: 30 };
    await bed.force(id, { status: 'RUNNING' });
    expect((await change(input)).answer).toMatchObject({ allowedStatuses: ['STOPPED'] });
    await bed.force(id, { status: 'STOPPED' });
    expect((await change(input)).answer).toMatchObject({ allowedStatuses: ['RUNNING'] });
  });

  it('changes several at once', async () => {
    await bed.force(id, { status: 'STOPPED' });
    const { answer } = await change({ name: 'many', description: 'of many', flavorId: 'modelarts.vm.cpu.2u' });
    const notebook = { name: 'many', description: 'of many', flavor: { flavorId: 'modelarts.vm.cpu.2u' } };
    expect(answer).toMatchObject({ notebook });
  });

  it('leaves alone what is null, and takes the description away when it is empty', async () => {
    await bed.force(id, { status: 'RUNNING' });
    const { answer, calls } = await change({ name: null, description: '' });
    expect(answer.notebook).toMatchObject({ name: 'many', description: '' });
    expect(JSON.parse(calls[0]?.request.body ?? '')).toEqual({ description: '' });
  });

  it.each([
    ['nothing at all', {}, [['input']]],
    [
      'a name and a description that cannot be',
      { name: 'a b', description: 'a < b' },
      [
        ['input', 'name'],
        ['input', 'description'],
      ],
    ],
    ['SSH without a key', { endpoints: [{ service: 'SSH' }] }, [['input', 'endpoints', '0', 'keyPairNames']]],
    ['a volume of 4097 GiB', { volumeCapacityGiB: 4097 }, [['input', 'volumeCapacityGiB']]],
  ])('refuses %s without a call', async (_, input, paths) => {
    const { answer, calls } = await change(input);
    expect(answer.__typename).toBe('BadUserInputError');
    expect(answer.issues.map(({ path }: { path: string[] }) => path)).toEqual(paths);
    expect(calls).toEqual([]);
  });

  it('takes the apostrophe, which only create forbids', async () => {
    await bed.force(id, { status: 'RUNNING' });
    expect((await change({ description: "the team's own" })).answer.notebook.description).toBe("the team's own");
  });

  it.each([
    ['STOPPED', { flavorId: 'modelarts.kat1.xlarge' }, 'ModelArts.6792'],
    ['STOPPED', { imageId: 'd937149a-785c-4d2d-a568-8dde7c06cca0' }, 'ModelArts.6870'],
    ['RUNNING', { volumeCapacityGiB: 10 }, 'ModelArts.6331'],
  ])('passes on what ModelArts refuses while %s: %o', async (status, input, upstreamCode) => {
    await bed.force(id, { status });
    const { answer, calls } = await change(input);
    expect(answer).toMatchObject({ __typename: 'BadUserInputError', upstreamCode });
    expect(operationsOf(calls)).toEqual(['updateNotebook']);
  });

  it('is reported as made even when the read after it fails', async () => {
    await bed.fault({
      name: 'error',
      operation: 'showNotebook',
      status: 403,
      body: { error_code: 'ModelArts.0108', error_msg: 'no' },
    });
    const { data, errors } = await bed.ask(update, { input: { id, description: 'told' } });
    expect(data.updateNotebook).toEqual({ __typename: 'UpdateNotebookPayload', notebook: null });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['updateNotebook', 'notebook'], 'FORBIDDEN'],
    ]);
    await bed.clearFaults();
  });

  it('is not sent twice when its answer is lost', async () => {
    await bed.fault({ name: 'lost-answer', operation: 'updateNotebook' });
    const { answer, calls } = await change({ name: 'lost' });
    expect(answer.__typename).toBe('OutcomeUnknownError');
    expect(operationsOf(calls)).toEqual(['updateNotebook']);
  });

  it('keeps to the upstream contract', async () => {
    expect(await bed.violations()).toEqual([]);
  });
});
