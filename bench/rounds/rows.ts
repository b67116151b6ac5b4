import type { Dialect, WorkloadName } from '../load/workloads.ts';
import type { Program } from '../processes/program.ts';
import { ownNode } from '../systems/node.ts';

/** Whether upstream bodies change from call to call (`cold`) or stay the same (`replayed`). */
export type Bodies = 'cold' | 'replayed';
export type Settings = 'default' | 'no catalogue cache' | 'one token';

/** What the report knows of a row. */
export type RowFacts = {
  readonly name: string;
  /** `gateway`, `other` (the gateway of another checkout) or the name of a peer */
  readonly system: string;
  /** of a gateway */
  readonly settings?: Settings;
  readonly bodies?: Bodies;
  /** major version of the Node it runs on; null: none */
  readonly node: string | null;
  /** of a peer's packages */
  readonly versions: string;
};

/** A system, asked in one way. */
export type Row = RowFacts & {
  readonly dialect: Dialect;
  readonly program: Program;
  /** whether upstream bodies differ from one call to the next */
  readonly isChanging: boolean;
  readonly isTokenShared: boolean;
  /** left out: all */
  readonly workloads?: readonly WorkloadName[];
};

/** A gateway with default settings, and one that keeps no catalogue. */
export type Gateways = { readonly cached: Program; readonly uncached: Program };

type GatewayKind = { readonly system: 'gateway' | 'other'; readonly node: string };

/** Every way a gateway is asked. */
export function gatewayRows({ cached, uncached }: Gateways, { system, node }: GatewayKind): Row[] {
  const suffix = `${node === ownNode.major ? '' : `, Node ${node}`}${system === 'other' ? ', other' : ''}`;
  const row = (settings: Settings, bodies: Bodies): Row => ({
    name: `${settings}, ${bodies}${suffix}`,
    system,
    settings,
    bodies,
    node,
    versions: '',
    dialect: 'gateway',
    program: settings === 'no catalogue cache' ? uncached : cached,
    isChanging: bodies === 'cold',
    isTokenShared: settings === 'one token',
    ...(settings === 'one token' && { workloads: ['W1'] }),
  });
  const all = (['default', 'no catalogue cache', 'one token'] as const).flatMap((settings) => [
    row(settings, 'cold'),
    row(settings, 'replayed'),
  ]);
  return node === ownNode.major ? all : all.filter(({ settings }) => settings !== 'one token');
}

export type Comparison = { readonly row: string; readonly over: string };

/** What is compared: this gateway with each peer on the peer's own Node, and with its like of another checkout. */
export function comparisonsOf(rows: readonly RowFacts[]): Comparison[] {
  const own = rows.filter(({ system }) => system === 'gateway');
  const beside = (over: RowFacts): RowFacts[] =>
    over.system === 'other'
      ? own.filter((row) => row.settings === over.settings && row.bodies === over.bodies && row.node === over.node)
      : own.filter(({ settings, node }) => settings !== 'one token' && node === (over.node ?? ownNode.major));
  return rows
    .filter(({ system }) => system !== 'gateway')
    .flatMap((over) => beside(over).map((row) => ({ row: row.name, over: over.name })));
}
