import { cpus } from 'node:os';
import { titles, type WorkloadName } from '../load/workloads.ts';
import { isPinning } from '../processes/program.ts';
import type { Cell, Results } from '../rounds/rounds.ts';
import type { Quiet } from '../subscribers/crowd.ts';
import {
  figuresOf,
  kibPerSubscriberBelow,
  quietCpuPercentBelow,
  ratio,
  ratioTargets,
  sharedAtLeast,
} from './targets.ts';

export type Findings = {
  readonly results: Results;
  readonly workloads: readonly WorkloadName[];
  /** peers that could not be had, and why */
  readonly absent: ReadonlyMap<string, string>;
  /** of the peers that were started */
  readonly versions: ReadonlyMap<string, string>;
  /** 1,000 subscribers; null: not asked for */
  readonly quiet: Quiet | null;
  /** CPU seconds until the gateway listens; null: not asked for */
  readonly startUpSeconds: number | null;
  readonly command: string;
};

/** By settings, and by whether upstream bodies change. */
export const gatewayRows = ['default', 'no catalogue cache'].flatMap((settings) => [
  `${settings}, cold`,
  `${settings}, replayed`,
]);

/** Everything as Markdown, ready for RESULTS.md. */
export function report(findings: Findings): string {
  const { absent, command } = findings;
  const parts = [
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores${isPinning ? ', the system under test pinned to one' : ''}, Node ${process.versions.node}; \`${command}\`.`,
    requestTable(findings),
    absent.size === 0 ? '' : [...absent].map(([name, reason]) => `- ${name} is missing: ${oneLine(reason)}`).join('\n'),
    ratioTable(findings),
    latencyTable(findings),
    targetTable(findings),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Two significant digits, or all before the point. */
const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(value >= 10 ? 3 : 2)));

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '/').slice(0, 200);

const heading = (workload: WorkloadName): string => `${workload} ${titles[workload]}`;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if ('failure' in cell) return `failed: ${oneLine(cell.failure)}`;
  const calls = `${short(cell.upstreamCalls)} ${cell.upstreamCalls === 1 ? 'call' : 'calls'}`;
  return `**${short(cell.cpuMicros)} µs** · ${short(cell.busyCpuMicros)} µs · ${short(cell.perSecond)}/s · ${calls}`;
}

function requestTable({ results, workloads, versions }: Findings): string {
  const measured = [...results].filter(([, cells]) => cells.size > 0);
  const rows = measured.map(([row, cells]) => [
    versions.has(row) ? `${row} (${versions.get(row)})` : `gateway: ${row}`,
    ...workloads.map((workload) => cellText(cells.get(workload) ?? null)),
  ]);
  return table(
    [
      'CPU of a request at a steady rate · CPU at full load · requests/s at full load · upstream calls of a request',
      ...workloads.map(heading),
    ],
    rows,
  );
}

function ratioTable({ results, workloads, versions }: Findings): string {
  const rows = gatewayRows
    .filter((row) => results.has(row))
    .flatMap((row) =>
      [...versions.keys()].map((over) => [
        `${row} / ${over}`,
        ...workloads.map((workload) => {
          const cpu = ratio(results, { row, over, workload });
          const perSecond = ratio(results, { row, over, workload }, 'perSecond');
          const busy = ratio(results, { row, over, workload }, 'busyCpuMicros');
          if (cpu === null || busy === null || perSecond === null) return '';
          return `${short(cpu)} · ${short(busy)} · ${short(perSecond)}`;
        }),
      ]),
    );
  return table(
    ['gateway / peer: CPU at a steady rate · CPU at full load · requests/s at full load', ...workloads],
    rows,
  );
}

function latencyTable({ results, workloads }: Findings): string {
  const measured = [...results].filter(([, cells]) => cells.size > 0);
  const rows = measured.map(([row]) => [
    row,
    ...workloads.map((workload) => {
      const figures = figuresOf(results, row, workload);
      return figures === null ? '' : `${short(figures.p50Ms)} · ${short(figures.p99Ms)}`;
    }),
  ]);
  return table(['latency ms at a steady rate: p50 · p99', ...workloads], rows);
}

const verdict = (value: number | null, isReached: boolean): string =>
  value === null ? 'not measured' : `${short(value)} ${isReached ? 'reached' : '**not reached**'}`;

function targetTable({ results, workloads, quiet, startUpSeconds }: Findings): string {
  const rows: string[][] = [];
  for (const { peer, workload, bodies, atMost } of ratioTargets) {
    const found = ['default', 'no catalogue cache'].flatMap((settings) =>
      (['busyCpuMicros', 'cpuMicros'] as const).map((figure) =>
        ratio(results, { row: `${settings}, ${bodies}`, over: peer, workload }, figure),
      ),
    );
    if (found.every((value) => value === null)) continue;
    rows.push([
      `CPU: ${workload} ${bodies} / ${peer}`,
      `<= ${atMost}`,
      ...found.map((value) => verdict(value, value !== null && value <= atMost)),
    ]);
  }
  for (const bodies of workloads.includes('W1') ? (['cold', 'replayed'] as const) : []) {
    const pair = { row: `one token, ${bodies}`, over: `default, ${bodies}`, workload: 'W1' } as const;
    const more = ratio(results, pair, 'perSecond');
    if (more === null) continue;
    const isReached = more >= sharedAtLeast;
    rows.push([`requests/s: W1 shared / W1, ${bodies}`, `>= ${sharedAtLeast}`, verdict(more, isReached), '', '', '']);
  }
  if (quiet !== null) {
    const { cpuPercent, kibPerSubscriber } = quiet;
    const cpu = verdict(cpuPercent, cpuPercent < quietCpuPercentBelow);
    const memory = verdict(kibPerSubscriber, kibPerSubscriber < kibPerSubscriberBelow);
    rows.push([`W5: % of a core, 1,000 quiet subscribers`, `< ${quietCpuPercentBelow}`, cpu, '', '', '']);
    rows.push([`W5: KiB a subscriber`, `< ${kibPerSubscriberBelow}`, memory, '', '', '']);
  }
  if (startUpSeconds !== null)
    rows.push([
      'start-up: CPU seconds until it listens',
      '< 1',
      verdict(startUpSeconds, startUpSeconds < 1),
      '',
      '',
      '',
    ]);
  const loads = ['full load', 'steady rate'];
  const columns = ['default', 'no catalogue cache'].flatMap((settings) => loads.map((load) => `${settings}: ${load}`));
  return table(['target', 'asked', ...columns], rows);
}
