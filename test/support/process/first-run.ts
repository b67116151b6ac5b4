import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../sources/documents.ts';
import { builtSource } from './built-source.ts';

/** The built program over its own simulator, as whoever tries it for the first time runs it. */
export type FirstRun = {
  readonly url: string;
  /** what it printed, without its log */
  readonly output: () => string;
  close(): Promise<void>;
};

export async function startFirstRun(settings: Readonly<Record<string, string>>): Promise<FirstRun> {
  // below node_modules, so that packages are found; the simulator finds the contract beside the program
  const folder = await mkdtemp(join(root, 'node_modules/.first-run-'));
  await cp(await builtSource(), join(folder, 'dist'), { recursive: true });
  await symlink(join(root, 'contract'), join(folder, 'contract'));
  const child = spawn(process.execPath, [join(folder, 'dist/cli.js')], {
    env: settings,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`The program ended: ${output}`)));
    child.stdout.on('data', (chunk) => {
      output += chunk;
      // the last line of what it prints is there
      const [, found] = /GraphiQL +(http\S+)[\s\S]*README\.md/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    url,
    output: () => output.replace(/^\{.*\}$/gm, ''),
    async close() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
