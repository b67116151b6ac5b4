import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { builtSource } from './built-source.ts';

/** The program as it is shipped. */
export type Build = {
  /** starts it; resolves when it listens */
  start(environment: Readonly<Record<string, string>>): Promise<GatewayProcess>;
  /** kills what still runs */
  close(): Promise<void>;
};

export type GatewayProcess = {
  readonly url: string;
  /** what it has written to standard output and error */
  readonly output: () => string;
  /** asks it to end at once, as Ctrl-C does; resolves when it has */
  interrupt(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** `kill -9` */
  kill(): Promise<void>;
};

export async function build(): Promise<Build> {
  const folder = await builtSource();
  const running = new Set<ChildProcess>();

  async function kill(child: ChildProcess): Promise<void> {
    running.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  return {
    async start(environment) {
      const child = spawn(process.execPath, [join(folder, 'cli.js')], {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      let output = '';
      const url = await new Promise<string>((resolve, reject) => {
        child.once('exit', () => reject(new Error(`The gateway ended: ${output}`)));
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (chunk) => {
            output += chunk;
            const [, found] = /GraphQL[^:]*: (http\S+)/.exec(output) ?? [];
            if (found !== undefined) resolve(found);
          });
        }
      });
      const interrupt = async (): Promise<void> => {
        const closed = once(child, 'close');
        child.kill('SIGINT');
        await closed;
      };
      const signal = (name: NodeJS.Signals): void => void child.kill(name);
      return { url, output: () => output, interrupt, signal, kill: () => kill(child) };
    },
    async close() {
      await Promise.all([...running].map(kill));
    },
  };
}
