import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulatedClock } from '../../src/simulator/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { cpuImageId, notebookInput } from '../support/notebooks.ts';
import { builtSource } from '../support/process/built-source.ts';
import { readDocument, root } from '../support/sources/documents.ts';
import { layers } from '../support/sources/layers.ts';
import { startTraced, type TracedProgram } from '../support/sources/passed-files.ts';

const document = await readDocument('ARCHITECTURE.md');
const [query = '', subscription = ''] = document.fences
  .filter(({ language }) => language === 'graphql')
  .map(({ text }) => text);
const drawings = document.fences.filter(({ language }) => language === 'mermaid').map(({ text }) => filesIn(text));

/** Files of a drawing in their order: a box holds a folder, and under it files with arrows between them. */
function filesIn(drawing: string): string[] {
  const boxes = [...drawing.matchAll(/\["([\w/-]+\/)<br>([^"]+)"\]/g)];
  return boxes.flatMap(([, folder = '', names = '']) => names.split(/(?: →(?: |<br>))/).map((name) => folder + name));
}

/** Files named in a section of the text, relative to `src`. */
function filesBeside(title: string): string[] {
  const [, section = ''] = document.prose.split(title);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/`([\w/-]+\.ts)`/g)].map(([, name = '']) => name);
}

it('ARCHITECTURE.md says of each layer what it may import', () => {
  const rows = [...document.prose.matchAll(/^\| `([\w.]+)` \| .* \| ([^|]*) \|$/gm)].map(([, layer, imports = '']) => [
    layer,
    [...imports.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  ]);
  const hint = 'ARCHITECTURE.md: the table of layers says what test/support/sources/layers.ts does; change both';
  expect(Object.fromEntries(rows.slice(0, Object.keys(layers).length)), hint).toEqual(layers);
});

describe('the drawings of ARCHITECTURE.md', () => {
  it('are one of a request and one of a subscription', () => {
    const hint = 'ARCHITECTURE.md: two drawings of Mermaid, with boxes like ["folder/<br>file.ts → file.ts"]';
    expect(
      drawings.map((files) => files.length > 15),
      hint,
    ).toEqual([true, true]);
  });

  it('pass no file twice, and none that does not exist', () => {
    for (const files of drawings) {
      expect(
        files.filter((file, index) => files.indexOf(file) !== index),
        'ARCHITECTURE.md: draw these once',
      ).toEqual([]);
      expect(
        files.filter((file) => !existsSync(join(root, 'src', file))),
        'ARCHITECTURE.md: these do not exist',
      ).toEqual([]);
    }
  });
});

describe('the drawing in ARCHITECTURE.md', () => {
  const [drawnRequest = [], drawnSubscription = []] = drawings;
  const beside = filesBeside('### Passed beside the way');
  const clock = simulatedClock(Date.now());
  let simulator: Simulator;
  let gateway: TracedProgram;
  let ran: { readonly request: readonly string[]; readonly subscription: readonly string[] };

  /** Answers are read to their end. */
  async function ask(document: string, variables: object, headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': simulator.demo.token, ...headers },
      body: JSON.stringify({ query: document, variables }),
    });
    return response.text();
  }

  beforeAll(async () => {
    simulator = await startSimulator({ clock });
    gateway = await startTraced(await builtSource(), {
      PORT: '0',
      MODELARTS_ENDPOINT: simulator.url,
      IAM_ENDPOINT: simulator.url,
      MODELARTS_PROJECT_ID: simulator.demo.projectId,
      POLL_INTERVAL_MS: '100',
      // nothing that is made by hand for speed
      FAST: 'off',
      FAST_PATH: 'off',
      QUERY_PLANS: 'off',
      REVALIDATION_MAX_BYTES: '0',
    });
    const create = `mutation($input: CreateNotebookInput!) {
      createNotebook(input: $input) { ... on CreateNotebookPayload { notebook { notebookId } } }
    }`;
    const created = await ask(create, { input: { ...notebookInput('drawn'), imageId: cpuImageId } });
    const id: string = JSON.parse(created).data.createNotebook.notebook.notebookId;
    // modules and the first connection are not part of the way
    await ask('query Before($id: ID!) { notebook(id: $id) { name } }', { id });
    await gateway.passed();
    expect(JSON.parse(await ask(query, { id }))).toMatchObject({ data: { notebook: { name: 'drawn' } } });
    const request = await gateway.passed();
    const events = ask(subscription, { id }, { accept: 'text/event-stream' });
    setTimeout(() => clock.advance(60_000), 300);
    expect(await events).toContain('"status":"RUNNING"');
    ran = { request, subscription: await gateway.passed() };
  }, 60_000);

  afterAll(async () => {
    await gateway?.close();
    await simulator?.close();
  });

  /** What is made by hand for speed is left out, where something of it is passed all the same. */
  const unnamed = (passed: readonly string[], named: readonly string[]): string[] =>
    passed.filter((file) => !file.startsWith('server/fast/') && !named.includes(file));

  const notPassed = 'ARCHITECTURE.md: take these out of the drawing, they are not passed';

  it('of a request has the files a request passes', () => {
    expect(
      drawnRequest.filter((file) => !ran.request.includes(file)),
      notPassed,
    ).toEqual([]);
    expect(
      unnamed(ran.request, [...drawnRequest, ...drawnSubscription, ...beside]),
      'ARCHITECTURE.md: draw these in the box of their folder, or name them under "Passed beside the way"',
    ).toEqual([]);
  });

  it('of a subscription has the files a subscription passes', () => {
    expect(
      drawnSubscription.filter((file) => !ran.subscription.includes(file)),
      notPassed,
    ).toEqual([]);
    expect(
      unnamed(ran.subscription, [...drawnRequest, ...drawnSubscription, ...beside]),
      'ARCHITECTURE.md: draw these in the box of their folder, or name them under "Passed beside the way"',
    ).toEqual([]);
  });
});
