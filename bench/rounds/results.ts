import type { WorkloadName } from '../load/workloads.ts';
import type { Comparison, RowFacts } from './rows.ts';
import { type Rounds, ratioSpread, type Spread, spreadOf } from './spread.ts';

export type Figures = {
  /** of a request, at the steady rate of its workload */
  readonly cpuMicros: number;
  /** of a request, as many as it can answer */
  readonly busyCpuMicros: number;
  readonly perSecond: number;
  readonly upstreamCalls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** of all cores, taken meanwhile by what is not the bench */
  readonly othersPercent: number;
};
export type Figure = keyof Figures;

export type Cell = {
  /** null: that round failed */
  readonly rounds: readonly (Figures | null)[];
  /** the last one */
  readonly failure: string | null;
};

/** What was measured; as JSON it can be kept and compared with another run. */
export type Results = {
  readonly rows: readonly RowFacts[];
  readonly workloads: readonly WorkloadName[];
  /** by row, then by workload */
  readonly cells: Readonly<Record<string, Readonly<Partial<Record<WorkloadName, Cell>>>>>;
};

const roundsOf = (cell: Cell | undefined, figure: Figure): Rounds =>
  cell?.rounds.map((figures) => figures?.[figure] ?? null) ?? [];

/** @returns null: it was not measured */
export function figureOf(
  { cells }: Results,
  { row, workload }: { readonly row: string; readonly workload: WorkloadName },
  figure: Figure,
): Spread | null {
  return spreadOf(roundsOf(cells[row]?.[workload], figure).filter((value) => value !== null));
}

/** What others took of the machine, over all windows; null: there is none. */
export const othersOf = ({ cells }: Results): Spread | null =>
  spreadOf(
    Object.values(cells)
      .flatMap((row) => Object.values(row))
      .flatMap(({ rounds }) => rounds.flatMap((figures) => (figures === null ? [] : [figures.othersPercent]))),
  );

/** The figure of one row over that of another; null: one of them was not measured. */
export function ratioOf(
  { cells }: Results,
  { row, over, workload }: Comparison & { readonly workload: WorkloadName },
  figure: Figure,
): Spread | null {
  return ratioSpread(roundsOf(cells[row]?.[workload], figure), roundsOf(cells[over]?.[workload], figure));
}
