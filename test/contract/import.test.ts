import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtSource } from '../support/process/built-source.ts';

const run = promisify(execFile);
let built: string;

/**
 * Runs in the child: imports modules one after the other and prints which of them read the environment or the clock, set
 * a timer or fetched while they were imported. Packages may do so, modules of ours not.
 */
const probe = `
const [folder, ...modules] = process.argv.slice(1);
const touched = new Set();
const noted = (name) => {
  const caller = new Error().stack.split('\\n')[3] ?? '';
  if (caller.includes(folder)) touched.add(name + caller.slice(caller.lastIndexOf(folder) + folder.length));
};
for (const [owner, name] of [[Date, 'now'], [performance, 'now'], [globalThis, 'setTimeout'], [globalThis, 'setInterval'], [globalThis, 'fetch']]) {
  const original = owner[name];
  owner[name] = function (...args) { noted(name); return Reflect.apply(original, this, args); };
}
globalThis.Date = new Proxy(Date, { construct(target, args) { if (args.length === 0) noted('new Date'); return new target(...args); } });
process.env = new Proxy({}, { get(_, name) { noted('process.env.' + String(name)); } });
for (const module of modules) await import(folder + module);
process.stdout.write([...touched].join('\\n'));
`;

/** @returns what the child printed; rejects when it failed, or did not end by itself in time */
async function importAll(folder: string, modules: readonly string[], timeoutMs = 15_000): Promise<string> {
  const args = ['--input-type=module', '--eval', probe, `${folder}/`, ...modules];
  const { stdout, stderr } = await run(process.execPath, args, { env: {}, timeout: timeoutMs });
  return stdout + stderr;
}

beforeAll(async () => {
  built = await builtSource();
}, 60_000);

describe('imported in an empty environment,', () => {
  it.each(['runtime', 'schema', 'modelarts', 'watch', 'server', 'simulator'])(
    'every module of %s loads and does nothing by that',
    async (layer) => {
      const names = await readdir(join(built, layer), { recursive: true });
      const modules = names.filter((name) => name.endsWith('.js')).map((name) => `${layer}/${name}`);
      expect(modules).not.toEqual([]);
      const hint =
        'move it into a function that is called when the gateway starts; these modules of src did it while they were imported';
      expect(await importAll(built, modules), hint).toBe('');
    },
  );

  it('a module that reads the environment or the clock, or stays busy, is found out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'import-test-'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'reads.js'), 'process.env.PORT;\nnew Date();\nDate.now();\n');
    expect((await importAll(folder, ['reads.js'])).split('\n').map((line) => line.split('reads.js', 1)[0])).toEqual([
      'process.env.PORT',
      'new Date',
      'now',
    ]);
    await writeFile(join(folder, 'stays.js'), "import { createServer } from 'node:net';\ncreateServer().listen(0);\n");
    await expect(importAll(folder, ['stays.js'], 1500)).rejects.toMatchObject({ signal: 'SIGTERM' });
    await rm(folder, { recursive: true });
  });
});
