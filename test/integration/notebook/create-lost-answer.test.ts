import fc from 'fast-check';
import { parse, validate } from 'graphql/index.js';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { schema } from '../../../src/schema/index.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { notebookInput, operationsOf, withCalls } from '../../support/notebooks.ts';

/** The project of the simulator's demo user, whose token could enter another one too. */
const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';

const create = `mutation($input: CreateNotebookInput!, $key: String, $tag: Boolean) {
  createNotebook(input: $input, idempotencyKey: $key, tagDescription: $tag) {
    __typename
    ... on CreateNotebookPayload { notebook { notebookId name description } }
    ... on Error { message code remedy retryable upstreamCode requestId }
  }
}`;

const postsOf = (bed: TestBed) => bed.exchanges.filter(({ operationId }) => operationId === 'createNotebook');

/** Ids of the notebooks of this name that exist, as the simulator tells without the gateway. */
async function existing(bed: TestBed, name: string): Promise<string[]> {
  const response = await fetch(`${bed.simulator.url}/v1/${projectId}/notebooks?limit=50&name=${name}`, {
    headers: { 'x-auth-token': bed.simulator.demo.token },
  });
  const { data } = (await response.json()) as { data: { id: string; name: string }[] };
  return data.filter((notebook) => notebook.name === name).map(({ id }) => id);
}

const beds: TestBed[] = [];
async function newBed(upstreamTimeoutMs: number): Promise<TestBed> {
  const bed = await startTestBed({ gateway: { projectId, upstreamTimeoutMs } });
  beds.push(bed);
  return bed;
}
afterAll(async () => {
  await Promise.all(beds.map((bed) => bed.close()));
});

/** A bed of its own, so that tests can wait side by side, and a way to create in it. */
async function arrange() {
  const bed = await newBed(1000);
  const createWith = (variables: Record<string, unknown>) =>
    withCalls(bed, async () => (await bed.ask(create, variables)).data.createNotebook);
  return { bed, createWith };
}

const codelab = {
  ...notebookInput('codelab'),
  flavorId: 'modelarts.vm.cpu.free',
  feature: 'DEFAULT',
  workspaceId: '0',
};

describe.concurrent('createNotebook whose answer is lost', () => {
  it.each([
    ['a 502 without JSON', { name: 'lost-answer' }],
    ['a 504 of the API gateway', { name: 'lost-answer', status: 504 }],
    ['a reset', { name: 'reset-after' }],
    ['a timeout', { name: 'slow', delayMs: 5000 }],
    ['a body that is cut', { name: 'malformed' }],
    ['a body that is empty', { name: 'empty' }],
    ['a body of another shape', { name: 'wrong-type' }],
  ])('gives the one notebook that was made: %s', async (_, fault) => {
    const { bed, createWith } = await arrange();
    await bed.fault({ operation: 'createNotebook', times: 1, ...fault });
    const { answer, calls } = await createWith({ input: notebookInput('lost') });
    expect(answer).toMatchObject({ __typename: 'CreateNotebookPayload', notebook: { name: 'lost' } });
    expect(await existing(bed, 'lost')).toEqual([answer.notebook.notebookId]);
    expect(operationsOf(calls).slice(2)).toEqual(['createNotebook', 'listNotebooks', 'showNotebook']);
  });

  it.each([
    ['a 502 without JSON', { name: 'bad-gateway' }, null],
    ['a 504 of the API gateway', { name: 'gateway-timeout' }, 'APIG.0201'],
    ['a reset', { name: 'reset' }, null],
    ['a timeout', { name: 'hang' }, null],
  ])('is OUTCOME_UNKNOWN when nothing was made: %s', async (_, fault, upstreamCode) => {
    const { bed, createWith } = await arrange();
    await bed.fault({ operation: 'createNotebook', times: 1, ...fault });
    const { answer } = await createWith({ input: notebookInput('unmade') });
    expect(answer).toMatchObject({
      __typename: 'OutcomeUnknownError',
      code: 'OUTCOME_UNKNOWN',
      retryable: false,
      upstreamCode,
      requestId: expect.stringMatching(/./),
    });
    expect(postsOf(bed)).toHaveLength(1);
    expect(await existing(bed, 'unmade')).toEqual([]);
  });

  it('names a query that finds the notebook, of whatever feature and workspace', async () => {
    const { bed, createWith } = await arrange();
    await bed.fault({ name: 'lost-answer', operation: 'createNotebook', times: 1 });
    await bed.fault({ name: 'internal', operation: 'listNotebooks' });
    const { answer } = await createWith({ input: codelab });
    await bed.clearFaults();
    expect(answer.__typename).toBe('OutcomeUnknownError');
    const query = /Run (\{.*\}) in a minute/.exec(answer.message)?.[1] ?? '';
    expect(validate(schema, parse(query))).toEqual([]);
    const { data } = await bed.ask(query);
    expect(data.notebooks.nodes).toMatchObject([{ name: 'codelab' }]);
  });

  it('is found in the feature and workspace it was made in', async () => {
    const { bed, createWith } = await arrange();
    await bed.fault({ name: 'lost-answer', operation: 'createNotebook', times: 1 });
    const { answer } = await createWith({ input: codelab });
    expect(answer.__typename).toBe('CreateNotebookPayload');
  });

  it('is not taken for an equal notebook made just before', async () => {
    const { bed, createWith } = await arrange();
    const { answer: earlier } = await createWith({ input: notebookInput('pair') });
    await bed.fault({ name: 'bad-gateway', operation: 'createNotebook', times: 1 });
    const { answer: lost } = await createWith({ input: notebookInput('pair') });
    expect(lost.__typename).toBe('OutcomeUnknownError');
    await bed.fault({ name: 'lost-answer', operation: 'createNotebook', times: 1 });
    const { answer: found } = await createWith({ input: notebookInput('pair') });
    expect(found.__typename).toBe('CreateNotebookPayload');
    expect(found.notebook.notebookId).not.toBe(earlier.notebook.notebookId);
  });

  it.each([
    ['is OUTCOME_UNKNOWN when two can be it', false, { __typename: 'OutcomeUnknownError' }],
    ['is found by its tag when two can be it', true, { __typename: 'CreateNotebookPayload' }],
  ])('does not take another notebook for the one that was made: %s', async (_, tag, expected) => {
    const { bed, createWith } = await arrange();
    await bed.fault({ name: 'lost-answer', operation: 'createNotebook', times: 1 });
    // the first two reads see nothing, so that the other is there at the third
    await bed.fault({ name: 'internal', operation: 'listNotebooks', times: 2 });
    const asking = createWith({ input: notebookInput('pair'), tag });
    await vi.waitUntil(() => postsOf(bed).length === 1, { timeout: 15_000 });
    const { flavorId, imageId, volume } = notebookInput('pair');
    const other = { name: 'pair', flavor: flavorId, image_id: imageId, volume: { ...volume, capacity: 50 } };
    const { status } = await fetch(`${bed.simulator.url}/v1/${projectId}/notebooks`, {
      method: 'POST',
      headers: { 'x-auth-token': bed.simulator.demo.token, 'content-type': 'application/json' },
      body: JSON.stringify(other),
    });
    expect(status).toBe(200);
    const { answer } = await asking;
    expect(answer).toMatchObject(expected);
    if (tag) expect(answer.notebook.description).toMatch(/^\[gateway [0-9a-f]{12}\]$/);
  });

  it('with a key is searched for again, not made again, when the key comes again', async () => {
    const { bed, createWith } = await arrange();
    await bed.fault({ name: 'lost-answer', operation: 'createNotebook', times: 1 });
    await bed.fault({ name: 'internal', operation: 'listNotebooks' });
    const variables = { input: notebookInput('keyed'), key: 'keyed-1' };
    const { answer: lost } = await createWith(variables);
    expect(lost.message).toContain('with another key');
    await bed.clearFaults();
    const again = await Promise.all([createWith(variables), createWith(variables)]);
    const [id] = await existing(bed, 'keyed');
    expect(again.map(({ answer }) => answer.notebook?.notebookId)).toEqual([id, id]);
    expect(postsOf(bed)).toHaveLength(1);
  });

  it('with a key and a tag is found after a restart of the gateway', async () => {
    const { bed, createWith } = await arrange();
    const variables = { input: notebookInput('survivor'), key: 'survivor-1', tag: true };
    const { answer: made } = await createWith(variables);
    const restarted = await startTestBed({
      gateway: { projectId, endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url } },
    });
    beds.push(restarted);
    const { data } = await restarted.ask(create, variables, { 'x-auth-token': bed.simulator.demo.token });
    expect(data.createNotebook.notebook.notebookId).toBe(made.notebook.notebookId);
    expect(postsOf(bed)).toHaveLength(1);
  });
});

const writeFaults = [
  ...['lost-answer', 'reset-after', 'malformed', 'empty', 'html', 'wrong-type', 'oversize'],
  ...['bad-gateway', 'gateway-timeout', 'reset', 'hang', 'unavailable', 'internal', 'throttled', 'unauthorised'],
].map((name) => ({ name }));

const anyRun = fc.record({
  write: fc.option(
    fc.constantFrom(...writeFaults, { name: 'lost-answer', status: 504 }, { name: 'slow', delayMs: 2000 }),
  ),
  reads: fc.array(
    fc.record({
      name: fc.constantFrom('unavailable', 'internal', 'reset', 'malformed', 'null-list', 'bad-gateway', 'hang'),
      operation: fc.constantFrom('listNotebooks', 'showNotebook', 'showImage', 'listFlavors'),
      times: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 2 },
  ),
  isKeyed: fc.boolean(),
  tag: fc.boolean(),
  isPair: fc.boolean(),
});

type Run = typeof anyRun extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * Creates on one simulator, one after another, each under its faults.
 * @returns ids of the notebooks that were answered
 */
async function play(runs: readonly Run[]): Promise<string[]> {
  const bed = await newBed(300);
  const answered: string[] = [];
  for (const [index, run] of runs.entries()) {
    const name = run.isPair ? 'pair' : `run-${index}`;
    const before = await existing(bed, name);
    bed.exchanges.length = 0;
    if (run.write !== null) await bed.fault({ operation: 'createNotebook', times: 1, ...run.write });
    for (const fault of run.reads) await bed.fault(fault);
    const variables = { input: notebookInput(name), key: run.isKeyed ? `key-${index}` : null, tag: run.tag };
    const { data } = await bed.ask(create, variables);
    await bed.clearFaults();
    if (run.isKeyed && data.createNotebook.__typename === 'OutcomeUnknownError') await bed.ask(create, variables);
    const made = (await existing(bed, name)).filter((id) => !before.includes(id));
    const { __typename: type, notebook } = data.createNotebook;
    const what = JSON.stringify({ run, answer: data.createNotebook, made });
    expect(postsOf(bed).length, what).toBeLessThanOrEqual(1);
    expect(made.length, what).toBeLessThanOrEqual(1);
    if (type === 'CreateNotebookPayload') {
      expect(made, what).toEqual([notebook.notebookId]);
      answered.push(notebook.notebookId);
    } else if (made.length === 1) {
      expect(type, what).toBe('OutcomeUnknownError');
    }
  }
  return answered;
}

it('createNotebook makes no duplicate in 100 runs under random faults', { timeout: 60_000 }, async () => {
  const runs = fc.sample(anyRun, { numRuns: 100, seed: 20_260_101 });
  const batches = Array.from({ length: 20 }, (_, index) => runs.slice(index * 5, index * 5 + 5));
  const played = await Promise.all(batches.map(play));
  const answered = played.flat();
  expect(new Set(answered).size).toBe(answered.length);
  expect(answered.length).toBeGreaterThan(30);
});
