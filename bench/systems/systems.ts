import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Dialect } from '../load/workloads.ts';
import { freePort, type Program, startOnPort } from '../processes/program.ts';
import { images, notebookId, projectId } from '../upstream/samples.ts';

/** The core of the system under test; the upstream and the clients have the other one. */
export const systemCore = 0;
export const clientCore = 1;

export type Place = {
  readonly upstreamUrl: string;
  /** for logs and generated configuration */
  readonly folder: string;
  /** the gateway writes its CPU profile here */
  readonly profileFolder?: string | undefined;
};

export type System = {
  readonly name: string;
  readonly dialect: Dialect;
  /** packages whose versions the report names */
  readonly packages: readonly string[];
  start(place: Place): Promise<Program>;
};

const environmentOf = (upstreamUrl: string, port: number) => ({
  PORT: String(port),
  UPSTREAM: upstreamUrl,
  PROJECT_ID: projectId,
  NOTEBOOK_ID: notebookId,
  IMAGE_IDS: images.map(({ id }) => id).join(','),
  NODE_ENV: 'production',
  TAILCALL_TRACKER: 'false',
});

/** As a client finds it: metrics, limits and logs on; its profile, if one is asked for, goes by `name`. */
export async function startGateway(
  place: Place,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const { upstreamUrl, folder, profileFolder } = place;
  const port = await freePort();
  const flags =
    profileFolder === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
  return startOnPort([process.execPath, ...flags, 'dist/cli.js', 'serve'], {
    port,
    logFile: join(folder, `${name}-${port}.log`),
    core: systemCore,
    environment: {
      PORT: String(port),
      MODELARTS_ENDPOINT: upstreamUrl,
      IAM_ENDPOINT: upstreamUrl,
      MODELARTS_PROJECT_ID: projectId,
      ...environment,
    },
  });
}

const peerFolder = (name: string): string => join('bench', 'peers', name);

type Manifest = { readonly version: string; readonly dependencies: Readonly<Record<string, string>> };

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

export const versionOf = (name: string, packageName: string): string =>
  manifest(join(peerFolder(name), 'node_modules', packageName)).version.replace(/^v/, '');

function isInstalled(name: string): boolean {
  const wanted = Object.entries(manifest(peerFolder(name)).dependencies);
  try {
    return wanted.every(([packageName, version]) => versionOf(name, packageName) === version);
  } catch {
    return false;
  }
}

/** Installs what a peer needs where it is not there yet. */
function install(name: string): void {
  if (isInstalled(name)) return;
  process.stderr.write(`installing ${name}\n`);
  const args = ['install', '--prefix', peerFolder(name), '--no-audit', '--no-fund', '--no-package-lock'];
  const { status, stderr, error } = spawnSync('npm', args, { encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) throw new Error(`npm install failed: ${error?.message ?? lastLines(stderr)}`);
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' ').slice(-300);

type Peer = Omit<System, 'start'> & {
  /** makes what the program needs, and its command; by default it is `server.mjs` */
  command?(place: Place & { readonly port: number }): [string, ...string[]];
};

const peer = ({ command, ...system }: Peer): System => ({
  ...system,
  async start(place) {
    install(system.name);
    const port = await freePort();
    const server = join(peerFolder(system.name), 'server.mjs');
    return startOnPort(command?.({ ...place, port }) ?? [process.execPath, server], {
      port,
      logFile: join(place.folder, `${system.name}.log`),
      core: systemCore,
      environment: environmentOf(place.upstreamUrl, port),
    });
  },
});

function tailcall({ port, upstreamUrl, folder }: Place & { readonly port: number }): [string, ...string[]] {
  const config = readFileSync(join(peerFolder('tailcall'), 'config.graphql'), 'utf8');
  const file = join(folder, 'tailcall.graphql');
  const values: Readonly<Record<string, string>> = { PORT: String(port), UPSTREAM: upstreamUrl, PROJECT_ID: projectId };
  writeFileSync(
    file,
    config.replace(/\b(PORT|UPSTREAM|PROJECT_ID)\b(?=[,/)])/g, (name) => values[name] ?? name),
  );
  return [join(peerFolder('tailcall'), 'node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall'), 'start', file];
}

function hive({ port, upstreamUrl, folder }: Place & { readonly port: number }): [string, ...string[]] {
  const bin = resolve(peerFolder('hive'), 'node_modules/.bin');
  const supergraph = join(folder, 'supergraph.graphql');
  const composed = spawnSync(join(bin, 'mesh-compose'), ['-c', 'mesh.config.mjs', '-o', supergraph], {
    cwd: peerFolder('hive'),
    encoding: 'utf8',
    timeout: 120_000,
    env: {
      ...process.env,
      ...environmentOf(upstreamUrl, port),
      CONTRACT: resolve('contract/modelarts.openapi.yaml'),
    },
  });
  if (composed.status !== 0) throw new Error(`mesh-compose failed: ${lastLines(composed.stdout + composed.stderr)}`);
  // its handler makes Int of some times in ms, which do not fit
  const schema = readFileSync(supergraph, 'utf8').replace(/((?:create|update)_at): Int$/gm, '$1: Float');
  writeFileSync(supergraph, schema);
  const config = resolve(peerFolder('hive'), 'gateway.config.mjs');
  const options = ['-c', config, '-h', '127.0.0.1', '-p', String(port)];
  return [process.execPath, join(bin, 'hive-gateway'), 'supergraph', supergraph, ...options];
}

export const peers: readonly System[] = [
  peer({ name: 'raw-proxy', dialect: 'path', packages: ['undici'] }),
  peer({ name: 'yoga-pothos', dialect: 'reads', packages: ['graphql-yoga', '@pothos/core'] }),
  peer({ name: 'apollo', dialect: 'reads', packages: ['@apollo/server', '@apollo/datasource-rest'] }),
  peer({ name: 'mercurius', dialect: 'reads', packages: ['mercurius', 'fastify', 'undici'] }),
  peer({ name: 'tailcall', dialect: 'tailcall', packages: ['@tailcallhq/core-linux-x64-gnu'], command: tailcall }),
  peer({ name: 'hive', dialect: 'hive', packages: ['@graphql-hive/gateway', '@omnigraph/openapi'], command: hive }),
];
