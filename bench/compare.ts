import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type WorkloadName, workloadNames } from './load/workloads.ts';
import { type Program, pinSelf } from './processes/program.ts';
import { median, treeCpuSeconds } from './processes/usage.ts';
import { report } from './report/report.ts';
import { measureRounds, type Row } from './rounds/rounds.ts';
import { gatherQuietly, type Quiet } from './subscribers/crowd.ts';
import { startWatchedNotebook } from './subscribers/watched-notebook.ts';
import { clientCore, type Place, peers, startGateway, systemCore, versionOf } from './systems/systems.ts';
import { startUpstream } from './upstream/upstream-process.ts';

/**
 * What a request costs here and in other gateways over the same upstream. `npm run bench -- --help` tells the options.
 * Starts and stops everything itself; peers are installed when they are asked for the first time.
 */

const help = `npm run bench -- [options]
  --quick                one round of 1 s windows instead of three of 2 s
  --only <names>         of gateway, ${peers.map(({ name }) => name).join(', ')}
  --workloads <names>    of ${workloadNames.join(', ')}, W5, start-up
  --connections <n>      keep-alive connections [32]
  --cpu-prof <folder>    the gateway writes a CPU profile there at the end
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    workloads: { type: 'string' },
    connections: { type: 'string', default: '32' },
    'cpu-prof': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const namesIn = (text: string | undefined): readonly string[] | null => text?.split(',') ?? null;
const only = namesIn(options.only);
const asked = namesIn(options.workloads);
/** Names nobody knows would silently measure nothing. */
function assertKnown(names: readonly string[] | null, known: readonly string[]): void {
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}. There are ${known.join(', ')}.`);
}
const isAsked = (name: string): boolean => asked === null || asked.includes(name);
const isOn = (name: string): boolean => only === null || only.includes(name);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'modelarts-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const programs: Program[] = [];
  const absent = new Map<string, string>();
  const versions = new Map<string, string>();
  const profileFolder = options['cpu-prof'];
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true });
  pinSelf(clientCore);
  const upstream = await startUpstream();
  const place = { upstreamUrl: upstream.url, folder, profileFolder };
  const keep = (program: Program): Program => {
    programs.push(program);
    return program;
  };
  try {
    const rows: Row[] = [];
    if (isOn('gateway')) {
      const cached = keep(await startGateway(place, 'default'));
      const uncached = keep(await startGateway(place, 'no-catalogue-cache', { CATALOG_TTL_MS: '0' }));
      rows.push(...gatewayRows(cached, uncached));
    }
    for (const { name, dialect, packages, start } of peers.filter((peer) => isOn(peer.name))) {
      try {
        rows.push({ name, dialect, program: keep(await start(place)), isChanging: true });
        versions.set(name, packages.map((used) => `${used} ${versionOf(name, used)}`).join(', '));
      } catch (error) {
        absent.set(name, error instanceof Error ? error.message : String(error));
      }
    }
    const workloads = workloadNames.filter(isAsked);
    const results = await measureRounds({
      rows,
      workloads,
      upstream,
      rounds: options.quick ? 1 : 3,
      windowMs: options.quick ? 1000 : 2000,
      warmUpMs: options.quick ? 1000 : 2000,
      connections: Number(options.connections),
    });
    const findings = {
      results,
      workloads,
      absent,
      versions,
      quiet: isOn('gateway') && isAsked('W5') ? await quietCrowd() : null,
      startUpSeconds: isOn('gateway') && isAsked('start-up') ? await startUp(place) : null,
      command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    };
    process.stdout.write(`${report(findings)}\n`);
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    upstream.stop();
  }
}

const gatewayRows = (cached: Program, uncached: Program): Row[] => {
  const sharedOnly: readonly WorkloadName[] = ['W1'];
  const dialect = 'gateway';
  return [
    { name: 'default, cold', dialect, program: cached, isChanging: true },
    { name: 'default, replayed', dialect, program: cached, isChanging: false },
    { name: 'no catalogue cache, cold', dialect, program: uncached, isChanging: true },
    { name: 'no catalogue cache, replayed', dialect, program: uncached, isChanging: false },
    { name: 'one token, cold', dialect, program: cached, isChanging: true, isTokenShared: true, workloads: sharedOnly },
    {
      name: 'one token, replayed',
      dialect,
      program: cached,
      isChanging: false,
      isTokenShared: true,
      workloads: sharedOnly,
    },
  ];
};

/** W5: 1,000 subscribers of one notebook, polled once a second, while nothing changes. */
async function quietCrowd(): Promise<Quiet> {
  const watched = await startWatchedNotebook(1000, { gateway: systemCore, simulator: clientCore });
  try {
    const { crowd, quiet } = await gatherQuietly(watched, 1000, options.quick ? 5000 : 10_000);
    crowd.close();
    return quiet;
  } finally {
    await watched.stop();
  }
}

/** CPU seconds of the gateway until it listens. */
async function startUp(place: Place): Promise<number> {
  const seconds: number[] = [];
  for (let start = 0; start < (options.quick ? 1 : 5); start += 1) {
    const gateway = await startGateway({ ...place, profileFolder: undefined }, 'start-up');
    seconds.push(treeCpuSeconds(gateway.pid));
    await gateway.stop();
  }
  return median(seconds);
}

assertKnown(only, ['gateway', ...peers.map(({ name }) => name)]);
assertKnown(asked, [...workloadNames, 'W5', 'start-up']);
if (options.help) process.stdout.write(help);
else await main();
