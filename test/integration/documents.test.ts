import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FirstRun, startFirstRun } from '../support/process/first-run.ts';
import { type Document, type Fence, fenceAfter, patternOf, readDocument, root } from '../support/sources/documents.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const isSkipped = !hasCurl && process.env.CI === undefined;
if (isSkipped)
  console.warn('The commands of docs/getting-started.md are not tested, there is no curl: apt-get install curl');

const [readme, gettingStarted, clients, operations] = await Promise.all(
  ['README.md', 'docs/getting-started.md', 'docs/clients.md', 'docs/operations.md'].map(readDocument),
);
/** the address in documents */
const documented = '127.0.0.1:4000';

let program: FirstRun;

beforeAll(async () => {
  // a create takes 2.5 s: enough to see it CREATING on a busy machine
  program = await startFirstRun({ PORT: '0', SIMULATOR_SPEED: '8', POLL_INTERVAL_MS: '100' });
}, 60_000);
afterAll(() => program?.close());

const fencesOf = ({ fences }: Document, language: string): Fence[] =>
  fences.filter((fence) => fence.language === language);

const here = (text: string): string => text.replaceAll(documented, new URL(program.url).host);

type Answered = {
  readonly issueToken?: { readonly token: string };
  readonly createNotebook?: { readonly notebook: { readonly notebookId: string; readonly status: string } };
};

async function ask(query: string, token = ''): Promise<Answered> {
  const response = await fetch(program.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { readonly data: Answered }).data;
}

it('the program prints what README.md says', () => {
  const [printed] = fencesOf(readme as Document, '');
  expect(printed?.text).toContain(documented);
  const ports = (text: string): string => text.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:…');
  expect(ports(program.output()).trim()).toBe(ports(printed?.text ?? '').trim());
});

it('docs/operations.md names every metric', async () => {
  const text = await (await fetch(new URL('/metrics', program.url))).text();
  const metrics = [...text.matchAll(/^# TYPE modelarts_gateway_(\w+)/gm)].map(([, name = '']) => name);
  const rows = (operations as Document).prose.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual(metrics.sort());
});

describe.skipIf(isSkipped)('docs/getting-started.md', () => {
  const document = gettingStarted as Document;
  const blocks = fencesOf(document, 'bash');
  const mark = '@@ end of block @@';
  let printed: string[] = [];

  beforeAll(async () => {
    const script = blocks.map(({ text }) => `${here(text)}\necho '${mark}'`).join('\n');
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { timeout: 60_000 });
    printed = stdout.split(`${mark}\n`);
  }, 70_000);

  it('has commands that run', () => {
    expect(blocks.length).toBeGreaterThan(5);
    expect(printed.length).toBe(blocks.length + 1);
  });

  it.each(blocks.map((block, index) => [block.line, block, index] as const))(
    'prints what it says behind line %i',
    (_, block, index) => {
      expect(printed[index]).toMatch(patternOf(fenceAfter(document, block, 'text')?.text ?? ''));
    },
  );
});

describe('docs/clients.md', () => {
  const document = clients as Document;
  let folder: string;
  let environment: Record<string, string>;

  beforeAll(async () => {
    // packages are found from there
    folder = await mkdtemp(join(root, 'node_modules/.documents-'));
    const signedIn = await ask(`mutation {
      issueToken(input: { domain: "acme", user: "demo", password: "demo", projectName: "eu-de" }) {
        ... on IssueTokenPayload { token }
      }
    }`);
    const token = signedIn.issueToken?.token ?? '';
    const created = await ask(
      `mutation {
        createNotebook(waitUntil: {}, input: {
          name: "docs", flavorId: "modelarts.vm.cpu.2u", imageId: "e1a07296-22a8-4f05-8bc8-e936c8e54090",
          volume: { category: EFS, capacityGiB: 50 }
        }) { ... on CreateNotebookPayload { notebook { notebookId status } } }
      }`,
      token,
    );
    const notebook = created.createNotebook?.notebook;
    expect(notebook?.status).toBe('RUNNING');
    environment = { TOKEN: token, NOTEBOOK_ID: notebook?.notebookId ?? '' };
  }, 30_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const examples = fencesOf(document, 'js');

  it('has an example for each client it names', () => {
    const packages = examples.map(({ text }) => /from '([^']+)'/.exec(text)?.[1] ?? 'fetch');
    expect([...new Set(packages)]).toEqual(['fetch', 'graphql-sse', 'graphql-ws', '@apollo/client/core', '@urql/core']);
  });

  it.each(examples.map((example) => [example.line, example] as const))(
    'docs/clients.md has an example at line %i that prints what it says',
    async (line, example) => {
      const file = join(folder, `line-${line}.mjs`);
      await writeFile(file, here(example.text));
      const options = { env: { ...process.env, ...environment }, timeout: 30_000 };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], options);
      expect(stderr).toBe('');
      expect(stdout).toMatch(patternOf(fenceAfter(document, example, 'text')?.text ?? 'it says what it prints'));
    },
    40_000,
  );
});
