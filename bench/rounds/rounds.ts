import { createHash } from 'node:crypto';
import { openLoad, type Window } from '../load/load.ts';
import { ratesPerSecond, stepsOf, type WorkloadName } from '../load/workloads.ts';
import { machineReading, othersPercent } from '../processes/machine.ts';
import type { Program } from '../processes/program.ts';
import { cpuReading, cpuSecondsSince } from '../processes/usage.ts';
import type { BenchUpstream } from '../upstream/upstream-process.ts';
import type { Cell, Figures } from './results.ts';
import type { Row } from './rows.ts';

export type RoundOptions = {
  readonly rows: readonly Row[];
  readonly workloads: readonly WorkloadName[];
  readonly upstream: BenchUpstream;
  readonly rounds: number;
  readonly connections: number;
};

type Track = { readonly rounds: (Figures | null)[]; failures: number; failure: string | null };

/** A window that went wrong now and then does not cost the cell; one that always does is not tried for ever. */
const failuresAllowed = 2;

/** Load before each window that is not measured: a program left alone for a while first gets its memory back from the system. */
const leadMs = 400;
/** One at the steady rate, one at full load. The same whatever the number of rounds, so that short runs measure what long ones do. */
const windowMs = 600;
/** At full load, before the first round. */
const warmUpMs = 1500;

/** Measures every row in every workload, window after window in turn, so that what else the machine does meets all alike. */
export async function measureRounds(
  options: RoundOptions,
): Promise<Record<string, Partial<Record<WorkloadName, Cell>>>> {
  const { rows, workloads, rounds } = options;
  const tracks: Record<string, Partial<Record<WorkloadName, Track>>> = Object.fromEntries(
    rows.map(({ name }) => [name, {}]),
  );
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(round === 0 ? 'warm-up\n' : `round ${round} of ${rounds}\n`);
    for (const workload of workloads) {
      for (const row of inOrderOf(round, rows)) {
        if (row.workloads?.includes(workload) === false || stepsOf(workload, row.dialect) === null) continue;
        const cells = tracks[row.name] ?? {};
        const track = cells[workload] ?? { rounds: [], failures: 0, failure: null };
        cells[workload] = track;
        if (track.failures >= failuresAllowed) continue;
        try {
          if (round === 0) await withLoad(row, workload, options, (load) => load.run(warmUpMs));
          else track.rounds.push(await measureWindow(row, workload, options));
        } catch (error) {
          if (round > 0) track.rounds.push(null);
          track.failures += 1;
          track.failure = error instanceof Error ? error.message : String(error);
          process.stderr.write(`${row.name} ${workload}: ${track.failure}\n`);
        }
      }
    }
  }
  return tracks;
}

/**
 * The rows, shuffled the same way in each run: a heavy one is felt by who follows it, and that must not always be the same.
 * A row and its like of another checkout follow each other, now this one first, now that one.
 */
export function inOrderOf<T extends { readonly name: string; readonly system: string }>(
  round: number,
  rows: readonly T[],
): T[] {
  const rank = ({ name }: T): string =>
    createHash('sha256')
      .update(`${round} ${name.replace(/, other$/, '')}`)
      .digest('hex');
  const isFirst = ({ system }: T): boolean => (system === 'other') === (round % 2 === 0);
  return rows.toSorted((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) < rank(b) ? -1 : 1;
    return Number(isFirst(b)) - Number(isFirst(a));
  });
}

type OpenLoad = Awaited<ReturnType<typeof openLoad>>;

async function withLoad<T>(
  { program, dialect, isChanging, isTokenShared }: Row,
  workload: WorkloadName,
  { upstream, connections }: RoundOptions,
  measure: (load: OpenLoad) => Promise<T>,
): Promise<T> {
  const steps = stepsOf(workload, dialect) ?? [];
  await upstream.setChanging(isChanging);
  const load = await openLoad({ port: Number(new URL(program.url).port), connections, steps, isTokenShared });
  try {
    return await measure(load);
  } finally {
    load.close();
  }
}

const measureWindow = (row: Row, workload: WorkloadName, options: RoundOptions): Promise<Figures> =>
  withLoad(row, workload, options, async (load) => {
    const { program } = row;
    const { upstream } = options;
    await load.run(leadMs, ratesPerSecond[workload]);
    const before = machineReading();
    const steady = await withCpu(program, () => load.run(windowMs, ratesPerSecond[workload]));
    await upstream.takeCounts();
    const busy = await withCpu(program, () => load.run(windowMs));
    const others = othersPercent(before, machineReading());
    const calls = Object.values(await upstream.takeCounts()).reduce((sum, count) => sum + count, 0);
    return {
      cpuMicros: steady.cpuMicros,
      busyCpuMicros: busy.cpuMicros,
      perSecond: busy.window.perSecond,
      upstreamCalls: calls / busy.window.requests,
      p50Ms: steady.window.p50Ms,
      p99Ms: steady.window.p99Ms,
      othersPercent: others,
    };
  });

async function withCpu(program: Program, run: () => Promise<Window>) {
  const before = cpuReading(program.pid);
  const window = await run();
  return { window, cpuMicros: (cpuSecondsSince(program.pid, before) * 1e6) / window.requests };
}
