import type { WorkloadName } from '../load/workloads.ts';
import type { Cell, Figures, Results } from '../rounds/rounds.ts';

/** Whether upstream bodies change from call to call (`cold`) or stay the same (`replayed`). */
export type Bodies = 'cold' | 'replayed';

/** CPU of a request to the gateway over that of the same request to a peer. */
export type RatioTarget = {
  readonly peer: string;
  readonly workload: WorkloadName;
  readonly bodies: Bodies;
  readonly atMost: number;
};

const reads = ['W1', 'W2', 'W3'] as const;
const both = ['cold', 'replayed'] as const;

const split = (peer: string, workload: WorkloadName, cold: number, replayed: number): RatioTarget[] => [
  { peer, workload, bodies: 'cold', atMost: cold },
  { peer, workload, bodies: 'replayed', atMost: replayed },
];

const all = (peer: string, workloads: readonly WorkloadName[], atMost: (workload: WorkloadName) => number) =>
  workloads.flatMap((workload) => both.map((bodies) => ({ peer, workload, bodies, atMost: atMost(workload) })));

export const ratioTargets: readonly RatioTarget[] = [
  ...split('raw-proxy', 'W1', 1.6, 1.1),
  ...split('raw-proxy', 'W2', 0.7, 0.2),
  ...split('raw-proxy', 'W3', 2.6, 1.2),
  ...split('tailcall', 'W1', 1.4, 1.0),
  ...split('tailcall', 'W2', 0.2, 0.2),
  ...split('tailcall', 'W3', 0.8, 0.4),
  ...all('mercurius', [...reads, 'W4'], () => 0.9),
  ...all('apollo', reads, () => 0.25),
  ...all('hive', reads, () => 0.12),
  ...all('yoga-pothos', reads, (workload) => (workload === 'W2' ? 0.1 : 0.2)),
];

/** One core while nothing changes, in percent. */
export const quietCpuPercentBelow = 5;
export const kibPerSubscriberBelow = 40;
/** Requests per second with one token on all connections, over those with a token each. */
export const sharedAtLeast = 2;

export const figuresOf = (results: Results, row: string, workload: WorkloadName): Figures | null => {
  const cell: Cell = results.get(row)?.get(workload) ?? null;
  return cell === null || 'failure' in cell ? null : cell;
};

/** The figure of one row over that of another; null: one of them was not measured. */
export function ratio(
  results: Results,
  { row, over, workload }: { readonly row: string; readonly over: string; readonly workload: WorkloadName },
  figure: keyof Figures = 'cpuMicros',
): number | null {
  const own = figuresOf(results, row, workload);
  const other = figuresOf(results, over, workload);
  return own === null || other === null ? null : own[figure] / other[figure];
}
