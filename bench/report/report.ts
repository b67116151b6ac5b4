import { cpus } from 'node:os';
import { titles, type WorkloadName } from '../load/workloads.ts';
import { isPinning } from '../processes/program.ts';
import { type Figure, figureOf, othersOf, type Results, ratioOf } from '../rounds/results.ts';
import { comparisonsOf, type RowFacts } from '../rounds/rows.ts';
import { othersPercentAtMost } from '../rounds/spread.ts';
import { type Agreement, agreementText } from './agreement.ts';
import { crowdTable, type GatewayAlone } from './crowds.ts';
import { oneLine, short, spreadText, table } from './markdown.ts';
import { isDisturbed, targetTable } from './target-table.ts';

export type Findings = {
  readonly results: Results;
  /** peers that could not be had, and why */
  readonly absent: ReadonlyMap<string, string>;
  /** what is measured of a gateway alone, of this one first */
  readonly alone: readonly GatewayAlone[];
  /** with another run, if one was given */
  readonly agreement: Agreement | null;
  readonly command: string;
  readonly rounds: number;
  /** runnable processes on average over a minute, before and after */
  readonly load: readonly [before: number, after: number];
};

/** Everything as Markdown, ready for RESULTS.md. */
export function report(findings: Findings): string {
  const { results, absent, alone, agreement } = findings;
  const isAnyAsked = results.workloads.length > 0;
  const parts = [
    heading(findings),
    isAnyAsked ? requestTable(results) : '',
    absent.size === 0 ? '' : [...absent].map(([name, reason]) => `- ${name} is missing: ${oneLine(reason)}`).join('\n'),
    isAnyAsked ? ratioTable(results) : '',
    isAnyAsked ? latencyTable(results) : '',
    crowdTable(alone),
    targetTable(results, alone[0] ?? null),
    isDisturbed(results) ? noVerdicts : '',
    agreement === null ? '' : agreementText(agreement),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const noVerdicts = `Every target is open: others took more than ${othersPercentAtMost} % of the machine. A system that gets fewer requests than it could answer serves fewer at each wake-up, which costs a fast one more than a slow one, so that ratios move and do not only spread.`;

function heading({ results, command, rounds, load }: Findings): string {
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores${isPinning ? ', the system under test pinned to one' : ''}`;
  const others = othersOf(results);
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${machine}, Node ${process.versions.node}; \`${command}\` in ${rounds} rounds; load average ${load.map(short).join(' before, ')} after${others === null ? '' : `, others took ${short(others.median)} % of the cores (${short(others.least)}..${short(others.most)})`}. Figures are medians of the rounds, ratios of one round each; in parentheses the least and the most of any round.`;
}

const title = (workload: WorkloadName): string => `${workload} ${titles[workload]}`;

const rowTitle = ({ name, system, node, versions }: RowFacts): string => {
  if (system === 'gateway' || system === 'other') return `gateway: ${name}`;
  return `${name} (${versions}${node === null ? '' : `, Node ${node}`})`;
};

function requestTable(results: Results): string {
  const { rows, workloads, cells } = results;
  const columns = [
    'CPU of a request at a steady rate · CPU at full load · requests/s at full load · upstream calls of a request',
  ];
  const cellText = (row: string, workload: WorkloadName): string => {
    const cell = cells[row]?.[workload];
    if (cell === undefined) return '';
    const median = (figure: Figure): number | undefined => figureOf(results, { row, workload }, figure)?.median;
    const [cpu, busy] = [median('cpuMicros'), median('busyCpuMicros')];
    const [perSecond, calls] = [median('perSecond'), median('upstreamCalls')];
    if (cpu === undefined || busy === undefined || perSecond === undefined || calls === undefined)
      return cell.failure === null ? '' : `failed: ${oneLine(cell.failure)}`;
    return `**${short(cpu)} µs** · ${short(busy)} µs · ${short(perSecond)}/s · ${short(calls)} ${calls === 1 ? 'call' : 'calls'}`;
  };
  return table(
    [...columns, ...workloads.map(title)],
    rows.map((row) => [rowTitle(row), ...workloads.map((workload) => cellText(row.name, workload))]),
  );
}

function ratioTable(results: Results): string {
  const { rows, workloads } = results;
  const figures = ['cpuMicros', 'busyCpuMicros', 'perSecond'] as const;
  return table(
    ['gateway / other system: CPU at a steady rate · CPU at full load · requests/s at full load', ...workloads],
    comparisonsOf(rows).map((pair) => [
      `${pair.row} / ${pair.over}`,
      ...workloads.map((workload) =>
        figures
          .map((figure) => ratioOf(results, { ...pair, workload }, figure))
          .filter((ratio) => ratio !== null)
          .map(spreadText)
          .join(' · '),
      ),
    ]),
  );
}

function latencyTable(results: Results): string {
  const { rows, workloads } = results;
  const median = (row: string, workload: WorkloadName, figure: Figure): string[] => {
    const spread = figureOf(results, { row, workload }, figure);
    return spread === null ? [] : [short(spread.median)];
  };
  return table(
    ['latency ms at a steady rate: p50 · p99', ...workloads],
    rows.map(({ name }) => [
      name,
      ...workloads.map((workload) =>
        [...median(name, workload, 'p50Ms'), ...median(name, workload, 'p99Ms')].join(' · '),
      ),
    ]),
  );
}
