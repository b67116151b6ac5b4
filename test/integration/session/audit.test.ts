import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { chainStart, verifyChain } from '../../../src/audit/chain.ts';
import { projectId } from '../../support/bed.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { builtSource } from '../../support/process/built-source.ts';

const missing = '936bea3e-d3df-435e-8b58-d817283284ae';
const stop = `mutation Halt($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }`;
const signIn = (password: string) =>
  `mutation { issueToken(input: { domain: "acme", user: "demo", password: "${password}", projectName: "eu-de" }) { __typename } }`;

/** mutations of the fuzz: AUDIT_MUTATIONS=10000 for more */
const count = Number(process.env.AUDIT_MUTATIONS ?? 500);

describe('AUDIT=on', () => {
  let folder: string;
  let file: string;
  let bed: TestBed;
  const open = () => startTestBed({ gateway: { projectId, audit: { file } } });
  const linesOf = async (): Promise<string[]> => (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const entries = async () => (await linesOf()).map((line) => JSON.parse(line));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audit-'));
    file = join(folder, 'audit.jsonl');
    bed = await open();
  });
  afterEach(async () => {
    await bed.close();
    await rm(folder, { recursive: true });
  });

  it('writes who changed what, and what came of it', async () => {
    const { token } = await bed.signIn('demo');
    const headers = { 'x-auth-token': token, 'graphql-client-name': 'notebook-page', 'x-request-id': 'audited-1' };
    await bed.ask(stop, { id: missing }, headers);
    expect((await entries()).at(-1)).toMatchObject({
      audit: 1,
      requestId: 'audited-1',
      client: 'notebook-page',
      user: { name: 'demo' },
      domain: { name: 'acme' },
      project: projectId,
      operation: 'Halt',
      change: 'stopNotebook',
      ids: [missing],
      outcome: 'NOT_FOUND',
      upstreamCode: 'ModelArts.6309',
    });
  });

  it('writes a sign-in with the user as IAM names it, and a refused one without', async () => {
    await bed.ask(signIn('demo'), {}, { 'x-auth-token': null });
    await bed.ask(signIn('wrong'), {}, { 'x-auth-token': null });
    const [good, bad] = await entries();
    expect(good).toMatchObject({ change: 'issueToken', user: { name: 'demo' }, caller: null, outcome: 'ok' });
    expect(bad).toMatchObject({ change: 'issueToken', user: null, outcome: 'UNAUTHENTICATED' });
  });

  it('writes the id of what was created though the client did not ask for it', async () => {
    const created = await bed.ask(
      'mutation($input: CreateNotebookInput!) { createNotebook(input: $input) { __typename } }',
      {
        input: {
          name: 'audited',
          flavorId: 'modelarts.vm.cpu.2u',
          imageId: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
          volume: { category: 'EFS', capacityGiB: 50 },
        },
      },
    );
    expect(created.data.createNotebook.__typename).toBe('CreateNotebookPayload');
    const list = await bed.ask('{ notebooks(first: 1, filter: { name: "audited" }) { nodes { notebookId } } }');
    expect((await entries()).at(-1).ids).toContain(list.data.notebooks.nodes[0].notebookId);
  });

  it('writes one line for each field of a mutation, in their order, over WebSocket', async () => {
    const client = createClient({
      url: bed.gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { 'x-auth-token': bed.simulator.demo.token, 'graphql-client-name': 'socket' },
    });
    const query = `mutation($id: ID!) { a: stopNotebook(input: { id: $id }) { __typename } b: startNotebook(input: { id: $id }) { __typename } }`;
    for await (const _ of client.iterate({ query, variables: { id: missing } }));
    await client.dispose();
    expect((await entries()).map(({ change, client }) => [change, client])).toEqual([
      ['stopNotebook', 'socket'],
      ['startNotebook', 'socket'],
    ]);
  });

  it('writes nothing for queries, and for mutations that were refused before they ran', async () => {
    await bed.ask('{ notebooks(first: 1) { nodes { name } } }');
    await bed.ask('mutation { stopNotebook { __typename } }');
    expect(await linesOf()).toEqual([]);
  });

  it('goes on with the chain after a restart, also behind a line that was cut off', async () => {
    await bed.ask(stop, { id: missing });
    await bed.close();
    bed = await open();
    await bed.ask(stop, { id: missing });
    await bed.close();
    const whole = await readFile(file, 'utf8');
    await truncate(file, whole.length - 20);
    bed = await open();
    await bed.ask(stop, { id: missing });
    expect(await verifyChain(await linesOf())).toMatchObject({ lines: 2, chains: 1, brokenAt: null });
  });

  it('is lost with an error in the log, and the change is answered, where it cannot be written', async () => {
    await bed.close();
    bed = await startTestBed({ gateway: { projectId, audit: { file: '/dev/full' } } });
    const answer = await bed.ask(stop, { id: missing });
    expect(answer.data.stopNotebook.__typename).toBe('NotFoundError');
    expect(bed.logLines.some((line) => line.includes('audit line lost'))).toBe(true);
  });

  it(`holds no secret, and an unbroken chain, after ${count} mutations that carry secrets wherever text goes`, async () => {
    const { token } = await bed.signIn('demo');
    const secrets = ['hunter2-hunter2', token];
    const mutations = [
      ['issueToken', 'input: { domain: $a, user: $b, password: $c, projectName: $d }'],
      ['issueToken', 'input: { token: $a, projectName: $b }'],
      ['renewSession', 'input: { token: $a }'],
      ['stopNotebook', 'input: { id: $a }'],
      ['deleteNotebook', 'input: { id: $b }'],
      ['updateNotebook', 'input: { id: $a, name: $b, description: $c }'],
      ['deleteImage', 'input: { id: $d }'],
      ['addNotebookTags', 'input: { id: $a, tags: [{ key: $b, value: $c }] }'],
      ['renewLease', 'input: { id: $a, durationSeconds: 3600 }'],
    ];
    let state = 7;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const texts = [
      ...secrets,
      missing,
      'demo',
      'acme',
      'a b',
      '',
      'x'.repeat(200),
      `x${token}`,
      btoa(`Notebook:${token}`),
    ];
    const textOf = () => texts[random(texts.length)] ?? '';
    const one = async (): Promise<void> => {
      const [field, given = ''] = mutations[random(mutations.length)] ?? [];
      const variables = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, textOf()]));
      const used = ['a', 'b', 'c', 'd'].filter((name) => given.includes(`$${name}`));
      const kind = (name: string) => (given.includes(`id: $${name}`) ? 'ID!' : 'String!');
      const header = used.map((name) => `$${name}: ${kind(name)}`).join(', ');
      await bed.ask(`mutation(${header}) { ${field}(${given}) { __typename } }`, variables, {
        'x-auth-token': token,
        'graphql-client-name': random(2) === 0 ? token : 'page',
      });
    };
    for (let done = 0; done < count; done += 20)
      await Promise.all(Array.from({ length: Math.min(20, count - done) }, one));
    const lines = await linesOf();
    expect(lines.length).toBeGreaterThanOrEqual(count);
    expect(await verifyChain(lines)).toMatchObject({ lines: lines.length, chains: 1, brokenAt: null });
    for (const line of lines) for (const secret of secrets) expect(line).not.toContain(secret);
  }, 120_000);
});

describe('a chain of audit lines', () => {
  const lineAfter = (previous: string, change: string) => JSON.stringify({ audit: 1, change, previous });
  const hash = (line: string) => createHash('sha256').update(line).digest('hex');
  const first = lineAfter(chainStart, 'a');
  const second = lineAfter(hash(first), 'b');
  const third = lineAfter(hash(second), 'c');

  it.each([
    ['a changed line breaks', [first, second.replace('"b"', '"x"'), third], 3],
    ['a line taken out breaks', [first, third], 2],
    ['a line put in between breaks', [first, lineAfter(hash(first), 'x'), second], 3],
    ['a beginning that was cut off breaks', [second, third], 1],
    ['two lines in each other’s place break', [first, third, second], 2],
  ])('%s it, and the line where it shows is named', async (_, lines, brokenAt) => {
    expect((await verifyChain(lines)).brokenAt).toBe(brokenAt);
  });

  it('is followed past lines of the log, and through restarts of what writes to standard output', async () => {
    const lines = ['{"level":30,"msg":"operation"}', first, 'no JSON', second, first, second, third];
    expect(await verifyChain(lines)).toMatchObject({ lines: 5, chains: 2, brokenAt: null, lastHash: hash(third) });
  });

  it('is verified by the command verify-audit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-'));
    const file = join(folder, 'audit.jsonl');
    await writeFile(file, `${first}\n${second}\n`);
    const run = promisify(execFile);
    const good = await run(process.execPath, [join(await builtSource(), 'cli.js'), 'verify-audit', file]);
    expect(good.stdout).toBe(`Unbroken: 2 lines in 1 chain. Last hash: ${hash(second)}\n`);
    await writeFile(file, `${first}\n${third}\n`);
    await expect(
      run(process.execPath, [join(await builtSource(), 'cli.js'), 'verify-audit', file]),
    ).rejects.toMatchObject({
      code: 1,
      stdout: 'Broken at line 2: it does not follow from the audit line before it.\n',
    });
    await rm(folder, { recursive: true });
  });
});
