import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectId } from '../upstream/samples.ts';
import { lastLines, peerFolder } from './install.ts';
import type { PeerPlace } from './peers.ts';

/**
 * Tailcall's binary, with its configuration. It needs glibc 2.39; an older Debian (12 has 2.36) gets that of the next one beside
 * the binary, by apt and from the mirror the machine uses, and nothing of the machine is touched.
 */

const modules = join(peerFolder('tailcall'), 'node_modules');
const binary = join(modules, '@tailcallhq/core-linux-x64-gnu/bin/tailcall');
/** within what `npm ci` removes */
const beside = join(modules, '.libraries');
const suite = 'trixie';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

export function tailcallCommand({ port, upstreamUrl, folder }: PeerPlace): [string, ...string[]] {
  const config = readFileSync(join(peerFolder('tailcall'), 'config.graphql'), 'utf8');
  const file = join(folder, 'tailcall.graphql');
  const values: Readonly<Record<string, string>> = { PORT: String(port), UPSTREAM: upstreamUrl, PROJECT_ID: projectId };
  writeFileSync(
    file,
    config.replace(/\b(PORT|UPSTREAM|PROJECT_ID)\b(?=[,/)])/g, (name) => values[name] ?? name),
  );
  const [command, ...args] = runnable();
  return [command, ...args, 'start', file];
}

/** @returns which C library it got beside it; empty: that of the machine */
export function tailcallLibraries(): string {
  if (!existsSync(beside)) return '';
  const version = readdirSync(beside)
    .find((name) => name.startsWith('libc6_'))
    ?.split('_')[1];
  return `glibc ${version} beside it`;
}

function runnable(): [string, ...string[]] {
  if (isRunning([binary])) return [binary];
  const folder = join(beside, 'root/usr/lib/x86_64-linux-gnu');
  const loader = join(folder, 'ld-linux-x86-64.so.2');
  if (!existsSync(loader)) fetchLibraries();
  const command: [string, ...string[]] = [loader, '--library-path', folder, binary];
  if (!isRunning(command)) throw new Error(`${binary} does not run, not even with the libraries of ${suite}`);
  return command;
}

const isRunning = ([command, ...args]: readonly [string, ...string[]]): boolean =>
  spawnSync(command, [...args, '--version']).status === 0;

function fetchLibraries(): void {
  process.stderr.write('fetching the C library for tailcall\n');
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'root'])
    mkdirSync(join(beside, folder), { recursive: true });
  const key = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
  writeFileSync(join(beside, 'sources.list'), `deb ${key}${machineMirror()} ${suite} main\n`);
  const apt = [
    ['Dir::Etc::SourceList', join(beside, 'sources.list')],
    ['Dir::Etc::SourceParts', '/dev/null'],
    ['Dir::State', join(beside, 'state')],
    ['Dir::State::status', '/dev/null'],
    ['Dir::Cache', join(beside, 'cache')],
    ['APT::Sandbox::User', 'root'],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', [...apt, 'update', '-qq']);
  run('apt-get', [...apt, 'download', '-qq', 'libc6', 'libgcc-s1']);
  for (const name of readdirSync(beside).filter((file) => file.endsWith('.deb'))) run('dpkg-deb', ['-x', name, 'root']);
}

/** Where this Debian gets its packages. */
function machineMirror(): string {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const targets = run('apt-get', ['indextargets', '--format', '$(RELEASE) $(COMPONENT) $(REPO_URI)']);
  const own = targets.split('\n').find((line) => line.startsWith(`${codename} main `));
  if (own === undefined) throw new Error('it needs glibc 2.39, and apt has no Debian to get it from');
  return own.split(' ')[2] ?? '';
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: existsSync(beside) ? beside : undefined,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`it needs glibc 2.39; ${command} failed: ${error?.message ?? lastLines(stderr)}`);
  return stdout;
}
