import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lastLines, peerFolder } from './install.ts';
import type { PeerPlace } from './peers.ts';
import { peerEnvironment } from './system.ts';

/** Composes the supergraph, and starts Hive Gateway over it. */
export function hiveCommand({ port, upstreamUrl, folder, nodeBin }: PeerPlace): [string, ...string[]] {
  const bin = join(peerFolder('hive'), 'node_modules/.bin');
  const supergraph = join(folder, 'supergraph.graphql');
  const composed = spawnSync(nodeBin, [join(bin, 'mesh-compose'), '-c', 'mesh.config.mjs', '-o', supergraph], {
    cwd: peerFolder('hive'),
    encoding: 'utf8',
    timeout: 120_000,
    env: {
      ...process.env,
      ...peerEnvironment(upstreamUrl, port),
      CONTRACT: resolve('contract/modelarts.openapi.yaml'),
    },
  });
  if (composed.status !== 0) throw new Error(`mesh-compose failed: ${lastLines(composed.stdout + composed.stderr)}`);
  // its handler makes Int of some times in ms, which do not fit
  const schema = readFileSync(supergraph, 'utf8').replace(/((?:create|update)_at): Int$/gm, '$1: Float');
  writeFileSync(supergraph, schema);
  const config = join(peerFolder('hive'), 'gateway.config.mjs');
  const options = ['-c', config, '-h', '127.0.0.1', '-p', String(port)];
  return [nodeBin, join(bin, 'hive-gateway'), 'supergraph', supergraph, ...options];
}
