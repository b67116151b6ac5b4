import { describe, expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import { notebookInput, operationsOf, withCalls } from '../../support/notebooks.ts';

const sshOnlyImageId = 'e1a07296-22a8-4f05-8bc8-e936c8e54088';
const gpuImageId = 'd937149a-785c-4d2d-a568-8dde7c06cca0';
const brokenImageId = '836ab55d-4a02-4dbb-b04f-ece555d642a8';
const unknownImageId = '00000000-0000-4000-8000-000000000000';

const create = `mutation($input: CreateNotebookInput!, $key: String, $tag: Boolean) {
  createNotebook(input: $input, idempotencyKey: $key, tagDescription: $tag) {
    __typename
    ... on CreateNotebookPayload { notebook { notebookId name description status } }
    ... on Error { message code remedy retryable upstreamCode }
    ... on BadUserInputError { issues { path message } }
  }
}`;

const validate = `query($input: CreateNotebookInput!) {
  validateCreateNotebook(input: $input) { valid problems { path message } warnings { path message } }
}`;

const pathsOf = (issues: { path: string[] }[]) => issues.map(({ path }) => path.join('.'));

describeBed('createNotebook', {}, (bed) => {
  const createWith = (variables: Record<string, unknown>, headers = {}) =>
    withCalls(bed, async () => (await bed.ask(create, variables, headers)).data.createNotebook);

  describe('the checks', () => {
    it('cost a read of the image and a list of flavors before the one POST', async () => {
      const { answer, calls } = await createWith({ input: notebookInput('checked') });
      expect(answer).toMatchObject({ __typename: 'CreateNotebookPayload', notebook: { status: 'CREATING' } });
      expect(operationsOf(calls).slice(0, 2).sort()).toEqual(['listFlavors', 'showImage']);
      expect(operationsOf(calls).slice(2)).toEqual(['createNotebook']);
    });

    it('report all that is wrong with the form at once, without a call', async () => {
      const input = {
        ...notebookInput('no spaces please'),
        description: 'a & b',
        volume: { category: 'EVS', ownership: 'DEDICATED', capacityGiB: 4 },
        lease: { durationSeconds: 3599 },
        endpoints: [{ service: 'SSH', allowedAccessIps: ['here'] }],
      };
      const { answer, calls } = await createWith({ input });
      expect(answer).toMatchObject({ __typename: 'BadUserInputError', code: 'BAD_USER_INPUT', upstreamCode: null });
      expect(pathsOf(answer.issues).sort()).toEqual([
        'input.description',
        'input.endpoints.0.allowedAccessIps.0',
        'input.endpoints.0.keyPairNames',
        'input.lease.durationSeconds',
        'input.name',
        'input.volume.capacityGiB',
        'input.volume.fileSystemId',
        'input.volume.ownership',
        'input.volume.uri',
      ]);
      expect(calls).toEqual([]);
    });

    it('report all that the catalogues show at once, and post nothing', async () => {
      const input = {
        ...notebookInput('unfit'),
        flavorId: 'modelarts.vm.cpu.free',
        imageId: sshOnlyImageId,
        volume: { category: 'EVS' },
      };
      const { answer, calls } = await createWith({ input });
      expect(answer.__typename).toBe('BadUserInputError');
      expect(pathsOf(answer.issues)).toEqual([
        'input.endpoints',
        'input.flavorId',
        'input.volume.category',
        'input.imageId',
        'input.imageId',
      ]);
      for (const { message } of answer.issues) expect(answer.message).toContain(message);
      expect(operationsOf(calls)).not.toContain('createNotebook');
    });

    it.each([
      ['an image that is not there', { imageId: unknownImageId }, 'input.imageId'],
      ['an image that is broken', { imageId: brokenImageId }, 'input.imageId'],
      ['an image for other processors', { imageId: gpuImageId }, 'input.imageId'],
      ['a flavor that is not there', { flavorId: 'modelarts.vm.cpu.3u' }, 'input.flavorId'],
    ])('refuse %s', async (_, change, path) => {
      const { answer, calls } = await createWith({ input: { ...notebookInput('refused'), ...change } });
      expect(pathsOf(answer.issues)).toEqual([path]);
      expect(operationsOf(calls)).not.toContain('createNotebook');
    });

    it('answer CapacityError when a flavor that is sold out is all that is wrong', async () => {
      const input = { ...notebookInput('big'), flavorId: 'modelarts.bm.gpu.8v100', imageId: gpuImageId };
      const { answer, calls } = await createWith({ input });
      expect(answer).toMatchObject({ __typename: 'CapacityError', code: 'CAPACITY', retryable: true });
      expect(answer.message).toContain('modelarts.bm.gpu.8v100');
      expect(answer.remedy).toContain('flavor');
      expect(operationsOf(calls)).not.toContain('createNotebook');
    });

    it('stop nothing when the catalogues cannot be read', async () => {
      for (const operation of ['showImage', 'listFlavors']) await bed.fault({ name: 'internal', operation });
      const { answer } = await createWith({ input: notebookInput('unchecked') });
      expect(answer.__typename).toBe('CreateNotebookPayload');
    });

    it('let a flavor of a dedicated pool be one no list holds: ModelArts decides', async () => {
      const input = { ...notebookInput('pooled'), flavorId: 'modelarts.pool.cpu', poolId: 'pool-1' };
      const { answer } = await createWith({ input });
      expect(answer).toMatchObject({ __typename: 'BadUserInputError', upstreamCode: 'ModelArts.6323' });
    });
  });

  describe('validateCreateNotebook', () => {
    it('finds nothing in a good input and creates nothing', async () => {
      const { answer, calls } = await withCalls(bed, () => bed.ask(validate, { input: notebookInput('good') }));
      expect(answer.data.validateCreateNotebook).toEqual({ valid: true, problems: [], warnings: [] });
      expect(operationsOf(calls).sort()).toEqual(['listFlavors', 'listNotebooks', 'showImage']);
    });

    it('reports form, image, flavor and stock at once', async () => {
      const input = { ...notebookInput('not good'), flavorId: 'modelarts.bm.gpu.8v100', imageId: unknownImageId };
      const { data } = await bed.ask(validate, { input });
      const { valid, problems } = data.validateCreateNotebook;
      expect(valid).toBe(false);
      expect(pathsOf(problems)).toEqual(['input.name', 'input.imageId', 'input.flavorId']);
    });

    it('asks the catalogues about what can be an id, and says what cannot', async () => {
      const input = { ...notebookInput('ids'), flavorId: 'no/flavor', imageId: unknownImageId };
      const { data } = await bed.ask(validate, { input });
      expect(pathsOf(data.validateCreateNotebook.problems)).toEqual(['input.flavorId', 'input.imageId']);
    });

    it('warns when the usual quota is used up, and createNotebook has the refusal', async () => {
      const colleague = await bed.signIn('colleague');
      const headers = { ...colleague.headers, 'x-project-id': colleague.projectId };
      for (let count = 0; count < 10; count += 1) await createWith({ input: notebookInput(`n${count}`) }, headers);
      const { data } = await bed.ask(validate, { input: notebookInput('eleventh') }, headers);
      expect(data.validateCreateNotebook).toMatchObject({ valid: true, problems: [] });
      expect(data.validateCreateNotebook.warnings[0].message).toContain('10');
      const { answer } = await createWith({ input: notebookInput('eleventh') }, headers);
      expect(answer).toMatchObject({ __typename: 'QuotaExceededError', upstreamCode: 'ModelArts.6302' });
    });
  });

  describe('idempotencyKey', () => {
    const postsIn = (calls: Parameters<typeof operationsOf>[0]) =>
      operationsOf(calls).filter((operation) => operation === 'createNotebook').length;

    it('gives the same notebook for the same key, as it is now', async () => {
      const variables = { input: notebookInput('once'), key: 'once-1' };
      const { answer: first } = await createWith(variables);
      await bed.force(first.notebook.notebookId, { status: 'RUNNING' });
      const { answer: second, calls } = await createWith(variables);
      expect(second.notebook).toEqual({ ...first.notebook, status: 'RUNNING' });
      expect(operationsOf(calls)).toEqual(['showNotebook']);
    });

    it('posts once when the same key comes many times at once', async () => {
      const variables = { input: notebookInput('together'), key: 'together-1' };
      const { answer, calls } = await withCalls(bed, () =>
        Promise.all(Array.from({ length: 8 }, () => bed.ask(create, variables))),
      );
      expect(new Set(answer.map(({ data }) => data.createNotebook.notebook.notebookId)).size).toBe(1);
      expect(postsIn(calls)).toBe(1);
    });

    it('refuses another input under a used key', async () => {
      await createWith({ input: notebookInput('mine'), key: 'mine-1' });
      const { answer, calls } = await createWith({ input: notebookInput('other'), key: 'mine-1' });
      expect(answer).toMatchObject({ __typename: 'BadUserInputError', issues: [{ path: ['idempotencyKey'] }] });
      expect(calls).toEqual([]);
    });

    it('means another request with another token', async () => {
      const admin = await bed.signIn('admin');
      const variables = { input: notebookInput('shared'), key: 'shared-1' };
      const { answer: mine } = await createWith(variables);
      const { answer: theirs } = await createWith(variables, admin.headers);
      expect(theirs.__typename).toBe('CreateNotebookPayload');
      expect(theirs.notebook.notebookId).not.toBe(mine.notebook.notebookId);
    });

    it('is free again after a certain failure', async () => {
      const body = { error_code: 'ModelArts.6528', error_msg: 'No EVS resources are left.' };
      await bed.fault({ name: 'error', operation: 'createNotebook', times: 1, status: 400, body });
      const variables = { input: notebookInput('again'), key: 'again-1' };
      const { answer: refused } = await createWith(variables);
      expect(refused.__typename).toBe('CapacityError');
      const { answer: accepted } = await createWith(variables);
      expect(accepted.__typename).toBe('CreateNotebookPayload');
    });

    it('shares a certain failure between those who wait for it', async () => {
      await bed.fault({ name: 'slow', operation: 'showImage', times: 1, delayMs: 300 });
      const variables = { input: { ...notebookInput('nobody'), imageId: unknownImageId }, key: 'nobody-1' };
      const answers = await Promise.all([createWith(variables), createWith(variables)]);
      expect(answers.map(({ answer }) => answer.__typename)).toEqual(['BadUserInputError', 'BadUserInputError']);
    });

    it.each(['', 'two words', 'ключ', 'x'.repeat(129)])('is refused when it is %j', async (key) => {
      const { answer, calls } = await createWith({ input: notebookInput('keyed'), key });
      expect(answer).toMatchObject({ __typename: 'BadUserInputError', issues: [{ path: ['idempotencyKey'] }] });
      expect(calls).toEqual([]);
    });
  });

  describe('tagDescription', () => {
    it('adds the tag behind the description', async () => {
      const input = { ...notebookInput('tagged'), description: 'my own words' };
      const { answer } = await createWith({ input, tag: true });
      expect(answer.notebook.description).toMatch(/^my own words \[gateway [0-9a-f]{12}\]$/);
    });

    it('never cuts the description', async () => {
      const input = { ...notebookInput('full'), description: 'x'.repeat(512) };
      const { answer, calls } = await createWith({ input, tag: true });
      expect(answer).toMatchObject({ __typename: 'BadUserInputError', issues: [{ path: ['input', 'description'] }] });
      expect(calls).toEqual([]);
    });
  });

  it('keeps to the upstream contract', async () => {
    expect(await bed.violations()).toEqual([]);
  });
});
