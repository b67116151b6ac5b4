import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Programs the benches start: each on 127.0.0.1, stopped at the latest when the bench ends, however it ends. */

export type Program = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  /** asks it to end, and ends it when it has not after a while */
  stop(): Promise<void>;
};

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** No use in pinning to one core of one. */
export const isPinning =
  availableParallelism() > 1 &&
  spawnSync('taskset', ['-c', '0,1', 'true']).status === 0 &&
  process.platform === 'linux';

/** Keeps this process, and what it starts without a core of its own, on one core. */
export function pinSelf(core: number): void {
  if (isPinning) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)]);
}

export type LaunchOptions = {
  /** added to the environment of the bench */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** where `taskset` is to be had */
  readonly core?: number | undefined;
  readonly stdio: StdioOptions;
};

function launch(command: string, args: readonly string[], options: LaunchOptions): ChildProcess {
  const { environment, cwd, core, stdio } = options;
  const [file = command, ...rest] =
    core !== undefined && isPinning ? ['taskset', '-c', String(core), command, ...args] : [command, ...args];
  const child = spawn(file, rest, { env: { ...process.env, ...environment }, cwd, stdio });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

const stopMs = 8000;

async function stop(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // SIGINT and not SIGTERM, at which the gateway waits for load balancers
  child.kill('SIGINT');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(killer);
  running.delete(child);
}

const program = (child: ChildProcess, url: string): Program => ({
  child,
  pid: child.pid ?? 0,
  url,
  stop: () => stop(child),
});

/** Starts a program and waits for the address it prints, the first group of `address`. */
export function startPrinting(
  args: readonly string[],
  address: RegExp,
  options: Omit<LaunchOptions, 'stdio'> & {
    /** it has a channel over which it can be asked */
    readonly isAsked?: boolean;
  } = {},
): Promise<Program> {
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', ...(options.isAsked === true ? (['ipc'] as const) : [])];
  const child = launch(process.execPath, args, { ...options, stdio });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-10_000);
      const url = address.exec(printed)?.[1];
      if (url !== undefined) resolve(program(child, url));
    });
  });
}

export type CommandOptions = {
  readonly nodeFlags?: readonly string[];
  readonly isAsked?: boolean;
  readonly core?: number | undefined;
  /** a built checkout; left out: this one */
  readonly cwd?: string | undefined;
};

/** Starts one of the gateway's commands and waits for the address it prints. */
export const startGatewayCommand = (
  command: 'serve' | 'simulate',
  environment: Readonly<Record<string, string>>,
  { nodeFlags = [], ...options }: CommandOptions = {},
): Promise<Program> =>
  startPrinting(
    [...nodeFlags, 'dist/cli.js', command],
    command === 'serve' ? /GraphiQL: (http\S+)/ : /simulator: (http\S+)/,
    { ...options, environment: { PORT: '0', LOG_LEVEL: 'silent', ...environment } },
  );

const listenMs = 60_000;

/** Starts a program that listens on a given port, its output in a file, and waits until it takes connections. */
export async function startOnPort(
  [command, ...args]: readonly [string, ...string[]],
  { port, logFile, ...options }: Omit<LaunchOptions, 'stdio'> & { readonly port: number; readonly logFile: string },
): Promise<Program> {
  const log = openSync(logFile, 'a');
  const child = launch(command, args, { ...options, stdio: ['ignore', log, log] });
  closeSync(log);
  let failure: string | null = null;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code) => {
    failure = `ended with ${code}`;
  });
  for (const until = performance.now() + listenMs; performance.now() < until; await sleep(20)) {
    if (failure !== null) break;
    if (await isListening(port)) return program(child, `http://127.0.0.1:${port}`);
  }
  await stop(child);
  throw new Error(`${failure ?? 'does not listen'}: ${readFileSync(logFile, 'utf8').trim().slice(-300)}`);
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
