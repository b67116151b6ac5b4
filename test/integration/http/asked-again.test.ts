import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { type LastingClient, lastingClients, type Question, type Way, ways } from '../../support/wire/clients.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const gone = '00000000-0000-4000-8000-00000000000f';

/** Everything that speeds up a second question is on, as it is by default. */
const byDefault = { projectId, revalidationMaxBytes: 32 << 20, onParity: undefined, pollIntervalMs: 1000 };

/** What differs by itself: when something was read, and the operation's own id. */
const plainly = (text: string): string =>
  text.replace(/"(requestId|observedAt|expiresAt)":"[^"]*"/g, '"$1":""').replace(/"remainingSeconds":\d+/g, '');

// a query is planned the 17th time
describe('a question asked twenty-five times in a row is answered alike', () => {
  let bed: TestBed;
  let id: string;
  let clients: Record<Way, LastingClient>;

  beforeAll(async () => {
    bed = await startTestBed({ gateway: byDefault });
    id = await createNotebook(bed, 'asked-again');
    await bed.advance(60_000);
    clients = lastingClients(bed.gateway.url, { 'x-auth-token': bed.simulator.demo.token });
  });
  afterAll(async () => {
    for (const client of Object.values(clients)) client.close();
    await bed.close();
  });

  const validate = 'query ($input: CreateNotebookInput!) { validateCreateNotebook(input: $input) { path message } }';
  const create = { name: 'x', flavorId: 'modelarts.vm.cpu.2u', imageId: gone, volume: { category: 'EFS' } };

  const questions: Record<string, () => Question> = {
    'a notebook': () => ({ query: 'query ($id: ID!) { notebook(id: $id) { name status } }', variables: { id } }),
    'a list': () => ({ query: '{ notebooks(first: 5) { totalCount nodes { name image { name } } } }' }),
    'a notebook that is not there': () => ({ query: `{ notebook(id: "${gone}") { status } }` }),
    'an image that is not there': () => ({ query: `{ image(id: "${gone}") { name } }` }),
    'an instance that is not there': () => ({ query: `{ devEnvInstance(id: "${gone}") { name } }` }),
    'a node that is not there': () => ({
      query: 'query ($id: ID!) { node(id: $id) { id __typename } }',
      variables: { id: Buffer.from(`Notebook:${gone}`).toString('base64') },
    }),
    'nodes of which one is not there': () => ({
      query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Notebook { name } } }',
      variables: { ids: [gone, id].map((raw) => Buffer.from(`Notebook:${raw}`).toString('base64')) },
    }),
    'whether a create would do, with an unknown image': () => ({ query: validate, variables: { input: create } }),
    'a mount that is not there': () => ({
      query: 'query ($id: ID!, $n: ID!) { storageMount(notebookId: $n, id: $id) { status } }',
      variables: { id: gone, n: id },
    }),
    'what is there beside what is not': () => ({
      query: 'query ($id: ID!, $gone: ID!) { here: notebook(id: $id) { name } gone: notebook(id: $gone) { name } }',
      variables: { id, gone },
    }),
    'a condition that is null': () => ({
      query: 'query ($v: Boolean = true) { notebooks(first: 1) { totalCount @include(if: $v) nodes { name } } }',
      variables: { v: null },
    }),
    'fields named `then`': () => ({ query: '{ then: notebooks(first: 2) { then: nodes { then: name toJSON: id } } }' }),
    'a field that does not exist': () => ({ query: '{ notebook(id: "x") { nmae } }' }),
    'an id that is none': () => ({ query: '{ notebook(id: "../..") { name } }' }),
  };

  describe.each(ways)('over %s', (way) => {
    it.each(Object.keys(questions))('for %s', async (name) => {
      const question = (questions[name] as () => Question)();
      const first = await clients[way].ask(question);
      expect(first.results).toHaveLength(1);
      expect(JSON.parse(first.results[0] ?? '')).toSatisfy(hasDataOrErrors);
      for (let time = 1; time < 25; time++) {
        const { status, results } = await clients[way].ask(question);
        expect({ status, results: results.map(plainly) }).toEqual({
          status: first.status,
          results: first.results.map(plainly),
        });
      }
    });
  });

  it('where storage mounts cannot be read, on the rows of a list', async () => {
    const body = { error_code: 'ModelArts.6404', error_msg: 'not there' };
    await bed.fault({ name: 'error', operation: 'listAttachableObss', status: 400, body });
    const query = '{ notebooks(first: 3) { nodes { name storageMounts { status } } } }';
    for (const way of ways) {
      const told = [];
      for (let time = 0; time < 4; time++) told.push(await clients[way].ask({ query }));
      expect(new Set(told.map(({ status, results }) => `${status} ${results.map(plainly)}`)).size).toBe(1);
    }
    await bed.clearFaults();
  });

  it('without leaving anything running after a thousand of them', async () => {
    const asked = Object.values(questions).map((question) => question());
    for (let count = 0; count < 1000; count += 20) {
      const some = Array.from({ length: 20 }, (_, at) => asked[(count + at) % asked.length] as Question);
      await Promise.all(some.map((question, at) => clients[ways[at % ways.length] as Way].ask(question)));
    }
    const metrics = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
    expect(metrics).toMatch(/operations_running\{kind="query"\} 0/);
    expect(bed.logLines.filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
  }, 60_000);
});

const hasDataOrErrors = (result: object): boolean => 'data' in result || 'errors' in result;
