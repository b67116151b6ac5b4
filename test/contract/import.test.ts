import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
/** where src is built for this test: below node_modules, so that packages are found from there */
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
async function importAll(modules: readonly string[], timeoutMs = 15_000): Promise<string> {
  const args = ['--input-type=module', '--eval', probe, `${built}/`, ...modules];
  const { stdout, stderr } = await run(process.execPath, args, { env: {}, timeout: timeoutMs });
  return stdout + stderr;
}

beforeAll(async () => {
  built = await mkdtemp(join(root, 'node_modules/.import-test-'));
  // Node takes what is below node_modules for CommonJS unless told otherwise
  await writeFile(join(built, 'package.json'), '{ "type": "module" }');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  // type errors are found by `npm run types`; what was written despite them can be imported
  await run(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', built], { cwd: root }).catch(
    () => {},
  );
}, 60_000);

afterAll(() => rm(built, { recursive: true, force: true }));

describe('with an empty environment', () => {
  it.each(['runtime', 'schema', 'modelarts', 'watch', 'server', 'simulator'])(
    'every module of %s can be imported and does nothing by that',
    async (layer) => {
      const names = await readdir(join(built, layer), { recursive: true });
      const modules = names.filter((name) => name.endsWith('.js')).map((name) => `${layer}/${name}`);
      expect(modules).not.toEqual([]);
      expect(await importAll(modules)).toBe('');
    },
  );

  it('the probe sees a module that reads the environment, the clock, or stays busy', async () => {
    await writeFile(join(built, 'reads.js'), 'process.env.PORT;\nnew Date();\nDate.now();\n');
    expect((await importAll(['reads.js'])).split('\n').map((line) => line.split('reads.js', 1)[0])).toEqual([
      'process.env.PORT',
      'new Date',
      'now',
    ]);
    await writeFile(join(built, 'stays.js'), "import { createServer } from 'node:net';\ncreateServer().listen(0);\n");
    await expect(importAll(['stays.js'], 1500)).rejects.toMatchObject({ signal: 'SIGTERM' });
  });
});
