import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

/** Peers are installed beside the project, each by its own lock file, the first time one is asked for. */

export const peerFolder = (name: string): string => resolve('bench', 'peers', name);

type Manifest = { readonly version: string; readonly engines?: { readonly node?: string } };

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

export const versionOf = (name: string, packageName: string): string =>
  manifest(join(peerFolder(name), 'node_modules', packageName)).version.replace(/^v/, '');

/** Versions of Node a peer runs on; null: it needs none. */
export const nodeRangeOf = (name: string): string | null => manifest(peerFolder(name)).engines?.node ?? null;

/**
 * `npm ci`, unless what the lock file says is there already. Scripts of packages are not run: none of the peers needs one.
 * @param nodeBin the Node the peer runs on, which must be one that its packages say they run on
 */
export function install(name: string, nodeBin: string): void {
  const folder = peerFolder(name);
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  // within what `npm ci` removes first
  const stamp = join(folder, 'node_modules', '.bench-installed');
  if (contentOf(stamp) === lock) return;
  process.stderr.write(`installing ${name}\n`);
  const { status, stderr, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 300_000,
    env: {
      ...process.env,
      PATH: `${dirname(nodeBin)}${delimiter}${process.env.PATH ?? ''}`,
      npm_config_engine_strict: 'true',
    },
  });
  if (status !== 0) throw new Error(`npm ci failed: ${error?.message ?? lastLines(stderr)}`);
  writeFileSync(stamp, lock);
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

export const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' ').slice(-300);
