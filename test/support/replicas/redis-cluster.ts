import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './redis-server.ts';

export type RedisCluster = { readonly url: string; close(): Promise<void> };

const slots = 16_384;

/** A cluster of three servers of the test's own on the loopback interface, each with a third of the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'replicas-cluster-'));
  const servers: ChildProcess[] = [];
  const nodes: { readonly port: number; readonly busPort: number; readonly client: Redis }[] = [];
  const end = (): void => {
    for (const server of servers) server.kill('SIGKILL');
  };
  process.once('exit', end);
  for (const name of ['a', 'b', 'c']) {
    const [port, busPort] = [await freePort(), await freePort()];
    const args = [
      ...['--port', String(port), '--cluster-port', String(busPort), '--bind', '127.0.0.1', '--save', ''],
      ...['--appendonly', 'no', '--cluster-enabled', 'yes', '--cluster-config-file', `${name}.conf`, '--dir', folder],
    ];
    servers.push(spawn('redis-server', args, { stdio: 'ignore' }));
    nodes.push({ port, busPort, client: new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null }) });
  }
  const [first] = nodes;
  if (first === undefined) throw new Error('no node');
  for (const [index, { client }] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.round((part * slots) / nodes.length));
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 0) - 1));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    if (client !== first.client)
      await client.call('CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(first.busPort));
  }
  for (const { client } of nodes) {
    for (let tries = 0; tries < 300; tries += 1) {
      const told = String(await client.call('CLUSTER', 'INFO'));
      if (told.includes('cluster_state:ok') && told.includes(`cluster_known_nodes:${nodes.length}`)) break;
      await sleep(50);
    }
    client.disconnect();
  }
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    async close() {
      process.off('exit', end);
      const exits = servers.map((server) => once(server, 'exit'));
      end();
      await Promise.all(exits);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
