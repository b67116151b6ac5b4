import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pinSelf, type Program } from './program.ts';
import { printReport } from './report.ts';
import { measureRounds, type Row } from './rounds.ts';
import { clientCore, peers, startGateway } from './systems.ts';
import { startUpstream } from './upstream-process.ts';
import { type WorkloadName, workloadNames } from './workloads.ts';

/**
 * What a request costs here and in other gateways over the same upstream. `npm run bench -- --help` tells the options.
 * Starts and stops everything itself; peers are installed when they are asked for the first time.
 */

const help = `npm run bench -- [options]
  --quick                one round of 1 s windows instead of five of 2 s
  --only <names>         of gateway, ${peers.map(({ name }) => name).join(', ')}
  --workloads <names>    of ${workloadNames.join(', ')}, W5, start-up
  --connections <n>      keep-alive connections, each asking again when it is answered [32]
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
const isAsked = (name: string): boolean => asked === null || asked.includes(name);
const isOn = (name: string): boolean => only === null || only.includes(name);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'modelarts-bench-'));
  const programs: Program[] = [];
  const absent = new Map<string, string>();
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
      const cached = keep(await startGateway(place));
      const uncached = keep(await startGateway(place, { CATALOG_TTL_MS: '0' }));
      rows.push(...gatewayRows(cached, uncached));
    }
    for (const { name, dialect, start } of peers.filter((peer) => isOn(peer.name))) {
      try {
        rows.push({ name, dialect, program: keep(await start(place)), isChanging: true });
      } catch (error) {
        absent.set(name, error instanceof Error ? error.message : String(error));
      }
    }
    const results = await measureRounds({
      rows,
      workloads: workloadNames.filter(isAsked),
      upstream,
      rounds: options.quick ? 1 : 5,
      windowMs: options.quick ? 1000 : 2000,
      warmUpMs: options.quick ? 700 : 1500,
      connections: Number(options.connections),
    });
    printReport({ results, absent });
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    upstream.stop();
    rmSync(folder, { recursive: true, force: true });
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
    { name: 'one token, replayed', dialect, program: cached, isChanging: false, isTokenShared: true, workloads: sharedOnly },
  ];
};

if (options.help) process.stdout.write(help);
else await main();
