import { join } from 'node:path';
import { install, peerFolder, versionOf } from './install.ts';

/** Which Node a program runs on: that of the bench, or for a peer that asks for more the newer one of `peers/node-24`. */

export type Node = {
  readonly bin: string;
  readonly major: string;
};

const numbers = (version: string): number[] =>
  version
    .replace(/^(>=|v)/, '')
    .split('.')
    .map(Number);

/** @param range `>=` and a version, as in `engines.node` of each peer */
export function isRunBy(version: string, range: string): boolean {
  if (!/^>=\d+(\.\d+)*$/.test(range))
    throw new Error(`engines.node is ${range}; the bench understands >= and a version`);
  const [has, wants] = [numbers(version), numbers(range)];
  for (const [index, wanted] of wants.entries()) {
    const found = has[index] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

export const ownNode: Node = { bin: process.execPath, major: majorOf(process.versions.node) };

const newer = 'node-24';

/** The newer Node, installed when it is first asked for. */
export function newerNode(): Node {
  install(newer, ownNode.bin);
  const packageName = `node-linux-${process.arch}`;
  return {
    bin: join(peerFolder(newer), 'node_modules', packageName, 'bin', 'node'),
    major: majorOf(versionOf(newer, packageName)),
  };
}

export const nodeFor = (range: string): Node => (isRunBy(process.versions.node, range) ? ownNode : newerNode());

function majorOf(version: string): string {
  return version.split('.')[0] ?? version;
}
