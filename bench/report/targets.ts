import type { WorkloadName } from '../load/workloads.ts';
import { type Figure, type Results, ratioOf } from '../rounds/results.ts';
import type { Bodies, RowFacts, Settings } from '../rounds/rows.ts';
import type { Spread } from '../rounds/spread.ts';
import { ownNode } from '../systems/node.ts';

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
export const quietCpuPercentAtMost = 5;
export const kibPerSubscriberAtMost = 40;
/** Requests per second with one token on all connections, over those with a token each. */
export const sharedAtLeast = 2;
/** CPU until the gateway listens. */
export const startUpSecondsAtMost = 1;

/** What a target is judged by: this gateway over the peer, on the peer's own Node; null: one of them was not measured. */
export function targetRatio(
  results: Results,
  { peer, workload, bodies }: RatioTarget,
  { settings, figure }: { readonly settings: Settings; readonly figure: Figure },
): Spread | null {
  const over = results.rows.find(({ system }) => system === peer);
  if (over === undefined) return null;
  const isMeant = (row: RowFacts): boolean =>
    row.system === 'gateway' &&
    row.settings === settings &&
    row.bodies === bodies &&
    row.node === (over.node ?? ownNode.major);
  const row = results.rows.find(isMeant);
  return row === undefined ? null : ratioOf(results, { row: row.name, over: over.name, workload }, figure);
}
