import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** Whether tests that need Redis are left out: never in CI, where a missing server is a failure. */
export const isRedisMissing = !isInstalled && process.env.CI === undefined;
if (isRedisMissing) process.stderr.write('Tests with Redis are skipped: apt-get install redis-server\n');

export type RedisServer = {
  readonly url: string;
  /** kills it, and with it all it held */
  kill(): Promise<void>;
  /** starts it anew on the same port, empty */
  restart(): Promise<void>;
  /** lets it hang: connections stay, answers do not come */
  freeze(): void;
  thaw(): void;
  /** every command that reaches it from now on, as text */
  listenIn(): Promise<{ readonly lines: string[]; close(): void }>;
  close(): Promise<void>;
};

/** A Redis server of the test's own on a free port of the loopback interface, without files. */
export async function startRedis(options: { readonly password?: string } = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'replicas-redis-'));
  const port = await freePort();
  const auth = options.password === undefined ? '' : `:${options.password}@`;
  const url = `redis://${auth}127.0.0.1:${port}`;
  let server = await launch(port, folder, options.password);

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  return {
    url,
    kill,
    async restart() {
      await kill();
      server = await launch(port, folder, options.password);
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async listenIn() {
      // what the monitor reports would be taken for the answer to the ready check
      const client = new Redis(url, { enableReadyCheck: false });
      const lines: string[] = [];
      const monitor = await client.monitor();
      monitor.on('monitor', (_time: string, args: string[]) => lines.push(args.join(' ')));
      client.disconnect();
      return { lines, close: () => monitor.disconnect() };
    },
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, folder: string, password: string | undefined): Promise<ChildProcess> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  if (password !== undefined) args.push('--requirepass', password);
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => server.kill('SIGKILL');
  process.once('exit', end);
  server.once('exit', () => process.off('exit', end));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server ended: ${output}`)));
    server.stderr.on('data', (chunk) => {
      output += chunk;
    });
    server.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Ready to accept connections')) resolve();
    });
  });
  return server;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
