import { openLoad } from './load.ts';
import type { Program } from './program.ts';
import type { BenchUpstream } from './upstream-process.ts';
import { median, treeCpuSeconds } from './usage.ts';
import { type Dialect, stepsOf, type WorkloadName } from './workloads.ts';

/** A system, asked in one way: a row of the report. */
export type Row = {
  readonly name: string;
  readonly dialect: Dialect;
  readonly program: Program;
  /** whether upstream bodies differ from one call to the next */
  readonly isChanging: boolean;
  readonly isTokenShared?: boolean;
  /** left out: all */
  readonly workloads?: readonly WorkloadName[];
};

export type Figures = {
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly upstreamCalls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export type Cell = Figures | { readonly failure: string } | null;
/** by row, then by workload */
export type Results = ReadonlyMap<string, ReadonlyMap<WorkloadName, Cell>>;

export type RoundOptions = {
  readonly rows: readonly Row[];
  readonly workloads: readonly WorkloadName[];
  readonly upstream: BenchUpstream;
  readonly rounds: number;
  readonly windowMs: number;
  readonly warmUpMs: number;
  readonly connections: number;
};

type Track = { readonly windows: Figures[]; failures: number; failure: string | null };

/** A window that went wrong now and then does not cost the cell; one that always does is not tried for ever. */
const failuresAllowed = 2;

/** Measures every row in every workload, window after window in turn, so that what else the machine does meets all alike. */
export async function measureRounds(options: RoundOptions): Promise<Results> {
  const { rows, workloads, rounds, windowMs, warmUpMs } = options;
  const tracks = new Map(rows.map((row) => [row.name, new Map<WorkloadName, Track>()]));
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(round === 0 ? 'warm-up\n' : `round ${round} of ${rounds}\n`);
    for (const workload of workloads) {
      for (const row of rows) {
        if (row.workloads?.includes(workload) === false || stepsOf(workload, row.dialect) === null) continue;
        const track = tracks.get(row.name)?.get(workload) ?? { windows: [], failures: 0, failure: null };
        tracks.get(row.name)?.set(workload, track);
        if (track.failures >= failuresAllowed) continue;
        try {
          const figures = await measureWindow(row, workload, options, round === 0 ? warmUpMs : windowMs);
          if (round > 0) track.windows.push(figures);
        } catch (error) {
          track.failures += 1;
          track.failure = error instanceof Error ? error.message : String(error);
          process.stderr.write(`${row.name} ${workload}: ${track.failure}\n`);
        }
      }
    }
  }
  return new Map(
    [...tracks].map(([name, cells]) => [
      name,
      new Map([...cells].map(([workload, track]) => [workload, cellOf(track)])),
    ]),
  );
}

async function measureWindow(row: Row, workload: WorkloadName, options: RoundOptions, ms: number): Promise<Figures> {
  const { program, dialect, isChanging, isTokenShared = false } = row;
  const { upstream, connections } = options;
  const steps = stepsOf(workload, dialect) ?? [];
  await upstream.setChanging(isChanging);
  const load = await openLoad({ port: Number(new URL(program.url).port), connections, steps, isTokenShared });
  try {
    await upstream.takeCounts();
    const before = treeCpuSeconds(program.pid);
    const { requests, perSecond, p50Ms, p99Ms } = await load.run(ms);
    const cpuMicros = ((treeCpuSeconds(program.pid) - before) * 1e6) / requests;
    const calls = Object.values(await upstream.takeCounts()).reduce((sum, count) => sum + count, 0);
    return { cpuMicros, perSecond, upstreamCalls: calls / requests, p50Ms, p99Ms };
  } finally {
    load.close();
  }
}

function cellOf({ windows, failure }: Track): Cell {
  if (windows.length === 0) return failure === null ? null : { failure };
  const of = (name: keyof Figures): number => median(windows.map((window) => window[name]));
  return {
    cpuMicros: of('cpuMicros'),
    perSecond: of('perSecond'),
    upstreamCalls: of('upstreamCalls'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
  };
}
