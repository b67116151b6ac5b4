import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

type Coverage = {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly functionName: string; readonly ranges: readonly { count: number }[] }[];
  }[];
};

/** A program that tells which of its files ran. */
export type TracedProgram = {
  readonly url: string;
  /** files with a function that ran since the last call, relative to `src`: `server/http/http.ts` */
  passed(): Promise<string[]>;
  close(): Promise<void>;
};

/** Tells V8 to write what ran, and to begin anew, at each SIGUSR2. */
const onSignal = `data:text/javascript,${encodeURIComponent(
  "import v8 from 'node:v8'; process.on('SIGUSR2', () => v8.takeCoverage());",
)}`;

/**
 * Starts the built gateway.
 * @param folder of the build, with cli.js in it
 */
export async function startTraced(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<TracedProgram> {
  const written = await mkdtemp(join(tmpdir(), 'passed-files-'));
  const child = spawn(process.execPath, ['--import', onSignal, join(folder, 'cli.js')], {
    env: { ...environment, NODE_V8_COVERAGE: written },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.once('exit', () => reject(new Error(`The gateway ended: ${output}`)));
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const [, found] = /GraphQL[^:\n]*:? +(http\S+)/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const seen = new Set<string>();

  async function next(): Promise<Coverage> {
    child.kill('SIGUSR2');
    for (let times = 0; times < 200; times++) {
      await sleep(50);
      const name = (await readdir(written)).find((one) => !seen.has(one));
      if (name === undefined) continue;
      // it may be half written
      const coverage = await readFile(join(written, name), 'utf8')
        .then((text): Coverage => JSON.parse(text))
        .catch(() => null);
      if (coverage === null) continue;
      seen.add(name);
      return coverage;
    }
    throw new Error('V8 wrote no coverage');
  }

  return {
    url,
    async passed() {
      const { result } = await next();
      return result
        .filter(({ url: file, functions }) => file.includes(`${folder}/`) && functions.some(hasRun))
        .map(({ url: file }) => file.slice(file.indexOf(`${folder}/`) + folder.length + 1).replace(/\.js$/, '.ts'));
    },
    async close() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(written, { recursive: true, force: true });
    },
  };
}

/** Not of the module itself, which has no name. */
const hasRun = ({ functionName, ranges }: Coverage['result'][number]['functions'][number]): boolean =>
  functionName !== '' && (ranges[0]?.count ?? 0) > 0;
