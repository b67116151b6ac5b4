import { join } from 'node:path';
import { freePort, startOnPort } from '../processes/program.ts';
import { hiveCommand } from './hive.ts';
import { install, nodeRangeOf, peerFolder, versionOf } from './install.ts';
import { type Node, nodeFor, ownNode } from './node.ts';
import { type Place, peerEnvironment, type System, systemCore } from './system.ts';
import { tailcallCommand, tailcallLibraries } from './tailcall.ts';

/** What a peer's command is made of. */
export type PeerPlace = Place & { readonly port: number; readonly nodeBin: string };

type Peer = Pick<System, 'name' | 'dialect'> & {
  /** packages whose versions the report names */
  readonly packages: readonly string[];
  /** makes what the program needs, and its command; by default it is `server.mjs` */
  command?(place: PeerPlace): [string, ...string[]];
  /** of more than packages */
  furtherVersions?(): string;
};

const peer = ({ name, dialect, packages, command, furtherVersions }: Peer): System => {
  const range = nodeRangeOf(name);
  const node = (): Node | null => (range === null ? null : nodeFor(range));
  return {
    name,
    dialect,
    node: () => node()?.major ?? null,
    versions: () =>
      [...packages.map((used) => `${used} ${versionOf(name, used)}`), furtherVersions?.() ?? '']
        .filter((text) => text !== '')
        .join(', '),
    async start(place) {
      const nodeBin = (node() ?? ownNode).bin;
      install(name, nodeBin);
      const port = await freePort();
      const server = join(peerFolder(name), 'server.mjs');
      return startOnPort(command?.({ ...place, port, nodeBin }) ?? [nodeBin, server], {
        port,
        logFile: join(place.folder, `${name}.log`),
        core: systemCore,
        environment: peerEnvironment(place.upstreamUrl, port),
      });
    },
  };
};

export const peers: readonly System[] = [
  peer({ name: 'raw-proxy', dialect: 'path', packages: ['undici'] }),
  peer({ name: 'yoga-pothos', dialect: 'reads', packages: ['graphql-yoga', '@pothos/core'] }),
  peer({ name: 'apollo', dialect: 'reads', packages: ['@apollo/server', '@apollo/datasource-rest'] }),
  peer({ name: 'mercurius', dialect: 'reads', packages: ['mercurius', 'fastify', 'undici'] }),
  peer({
    name: 'tailcall',
    dialect: 'tailcall',
    packages: ['@tailcallhq/core-linux-x64-gnu'],
    command: tailcallCommand,
    furtherVersions: tailcallLibraries,
  }),
  peer({
    name: 'hive',
    dialect: 'hive',
    packages: ['@graphql-hive/gateway', '@omnigraph/openapi'],
    command: hiveCommand,
  }),
];
