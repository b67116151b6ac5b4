import { createHash } from 'node:crypto';
import { openLoad, type Window } from '../load/load.ts';
import { type Dialect, ratesPerSecond, stepsOf, type WorkloadName } from '../load/workloads.ts';
import type { Program } from '../processes/program.ts';
import { median, treeCpuSeconds } from '../processes/usage.ts';
import type { BenchUpstream } from '../upstream/upstream-process.ts';

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
  /** of a request, at the steady rate of its workload */
  readonly cpuMicros: number;
  /** of a request, as many as it can answer */
  readonly busyCpuMicros: number;
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

/** Load before each window that is not measured, ms. */
const leadMs = 700;

/** Measures every row in every workload, window after window in turn, so that what else the machine does meets all alike. */
export async function measureRounds(options: RoundOptions): Promise<Results> {
  const { rows, workloads, rounds, windowMs, warmUpMs } = options;
  const tracks = new Map(rows.map((row) => [row.name, new Map<WorkloadName, Track>()]));
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(round === 0 ? 'warm-up\n' : `round ${round} of ${rounds}\n`);
    for (const workload of workloads) {
      for (const row of inOrderOf(round, rows)) {
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

/** The rows, shuffled the same way in each run: a heavy one is felt by who follows it, and that must not always be the same. */
function inOrderOf(round: number, rows: readonly Row[]): Row[] {
  const rank = ({ name }: Row): string => createHash('sha256').update(`${round} ${name}`).digest('hex');
  return [...rows].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

async function measureWindow(row: Row, workload: WorkloadName, options: RoundOptions, ms: number): Promise<Figures> {
  const { program, dialect, isChanging, isTokenShared = false } = row;
  const { upstream, connections } = options;
  const steps = stepsOf(workload, dialect) ?? [];
  await upstream.setChanging(isChanging);
  const load = await openLoad({ port: Number(new URL(program.url).port), connections, steps, isTokenShared });
  try {
    // a program that was left alone for a while first gets its memory back from the system
    await load.run(leadMs, ratesPerSecond[workload]);
    const steady = await withCpu(program, () => load.run(ms, ratesPerSecond[workload]));
    await upstream.takeCounts();
    const busy = await withCpu(program, () => load.run(ms));
    const calls = Object.values(await upstream.takeCounts()).reduce((sum, count) => sum + count, 0);
    return {
      cpuMicros: steady.cpuMicros,
      busyCpuMicros: busy.cpuMicros,
      perSecond: busy.window.perSecond,
      upstreamCalls: calls / busy.window.requests,
      p50Ms: steady.window.p50Ms,
      p99Ms: steady.window.p99Ms,
    };
  } finally {
    load.close();
  }
}

async function withCpu(program: Program, run: () => Promise<Window>) {
  const before = treeCpuSeconds(program.pid);
  const window = await run();
  return { window, cpuMicros: ((treeCpuSeconds(program.pid) - before) * 1e6) / window.requests };
}

function cellOf({ windows, failure }: Track): Cell {
  if (windows.length === 0) return failure === null ? null : { failure };
  const of = (name: keyof Figures): number => median(windows.map((window) => window[name]));
  return {
    cpuMicros: of('cpuMicros'),
    busyCpuMicros: of('busyCpuMicros'),
    perSecond: of('perSecond'),
    upstreamCalls: of('upstreamCalls'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
  };
}
