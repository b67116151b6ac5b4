import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** below node_modules, so that packages are found from there */
const builds = join(root, 'node_modules/.test-builds');
/** builds of other states of the source are kept as long, for whoever still runs them */
const keptMs = 3_600_000;

/**
 * The folder of what `src` compiles to: built once for a state of the source, by whichever test asks first. Nothing may be
 * written into it.
 */
export async function builtSource(): Promise<string> {
  const folder = join(builds, await stateOfSource());
  if (await exists(folder)) return folder;
  await mkdir(builds, { recursive: true });
  await removeOld();
  const made = await mkdtemp(join(builds, 'unfinished-'));
  // Node takes what is below node_modules for CommonJS unless told otherwise
  await writeFile(join(made, 'package.json'), '{ "type": "module" }');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  // type errors are found by `npm run types`; what was written despite them can run
  await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', made], {
    cwd: root,
  }).catch(() => {});
  await access(join(made, 'cli.js'));
  await rename(made, folder).catch(async (error: unknown) => {
    // another worker was sooner
    await rm(made, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  });
  return folder;
}

/** Changes with any file that is compiled, and with how. */
async function stateOfSource(): Promise<string> {
  const names = (await readdir(join(root, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...names.map((name) => `src/${name}`)];
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(root, file)));
  return hash.digest('hex').slice(0, 16);
}

async function removeOld(): Promise<void> {
  for (const name of await readdir(builds)) {
    const folder = join(builds, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > keptMs) await rm(folder, { recursive: true, force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
