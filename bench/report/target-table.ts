import { othersOf, type Results, ratioOf } from '../rounds/results.ts';
import {
  othersPercentAtMost,
  type Spread,
  spreadOf,
  type Verdict,
  verdictAtLeast,
  verdictAtMost,
} from '../rounds/spread.ts';
import { ownNode } from '../systems/node.ts';
import { type GatewayAlone, sliceSpread } from './crowds.ts';
import { spreadText, table, verdictText } from './markdown.ts';
import {
  kibPerSubscriberAtMost,
  quietCpuPercentAtMost,
  ratioTargets,
  sharedAtLeast,
  startUpSecondsAtMost,
  targetRatio,
} from './targets.ts';

const loads = [
  ['busyCpuMicros', 'full load'],
  ['cpuMicros', 'steady rate'],
] as const;
const judged = (['default', 'no catalogue cache'] as const).flatMap((settings) =>
  loads.map(([figure, load]) => ({ settings, figure, load })),
);

/** Whether others took so much of the machine that nothing can be said of a target. */
export const isDisturbed = (results: Results): boolean => (othersOf(results)?.median ?? 0) > othersPercentAtMost;

/** Each target with its figure, and whether the figure is clear of it. */
export function targetTable(results: Results, alone: GatewayAlone | null): string {
  const rows = [...ratioRows(results), ...sharedRows(results), ...aloneRows(results, alone)];
  return table(['target', 'asked', ...judged.map(({ settings, load }) => `${settings}: ${load}`)], rows.map(filled));
}

type Judge = (spread: Spread, bound: number) => Verdict;

const judgedIn = (results: Results, judge: Judge): Judge => (isDisturbed(results) ? () => 'open' : judge);

/** Rows of one figure only, as wide as the others. */
const filled = (row: readonly string[]): string[] => [...row, '', '', '', ''].slice(0, judged.length + 2);

function ratioRows(results: Results): string[][] {
  const atMostVerdict = judgedIn(results, verdictAtMost);
  return ratioTargets.flatMap((target) => {
    const { peer, workload, bodies, atMost } = target;
    const found = judged.map((by) => targetRatio(results, target, by));
    if (found.every((spread) => spread === null)) return [];
    const verdicts = found.map((spread) => verdictText(spread, (known) => atMostVerdict(known, atMost)));
    return [[`CPU: ${workload} ${bodies} / ${peer}`, `<= ${atMost}`, ...verdicts]];
  });
}

function sharedRows(results: Results): string[][] {
  const atLeastVerdict = judgedIn(results, verdictAtLeast);
  return (['cold', 'replayed'] as const).flatMap((bodies) => {
    const named = (settings: string) =>
      results.rows.find(
        (row) =>
          row.system === 'gateway' && row.settings === settings && row.bodies === bodies && row.node === ownNode.major,
      )?.name;
    const [row, over] = [named('one token'), named('default')];
    if (row === undefined || over === undefined) return [];
    const more = ratioOf(results, { row, over, workload: 'W1' }, 'perSecond');
    if (more === null) return [];
    return [
      [
        `requests/s: W1 shared / W1, ${bodies}`,
        `>= ${sharedAtLeast}`,
        verdictText(more, (known) => atLeastVerdict(known, sharedAtLeast)),
      ],
    ];
  });
}

function aloneRows(results: Results, alone: GatewayAlone | null): string[][] {
  const atMostVerdict = judgedIn(results, verdictAtMost);
  const rows: string[][] = [];
  if (alone === null) return rows;
  const { quiet, startUpSeconds } = alone;
  if (quiet !== null) {
    const cpu = sliceSpread(quiet.slices, 'cpuPercent');
    rows.push([
      'W5: % of a core, 1,000 quiet subscribers',
      `<= ${quietCpuPercentAtMost}`,
      verdictText(cpu, (known) => atMostVerdict(known, quietCpuPercentAtMost)),
    ]);
    // measured once in a run: no spread, no verdict
    const memory = spreadOf([quiet.kibPerSubscriber]);
    rows.push([
      'W5: KiB a subscriber (one measurement)',
      `<= ${kibPerSubscriberAtMost}`,
      memory === null ? '' : spreadText(memory),
    ]);
  }
  if (startUpSeconds !== null)
    rows.push([
      'start-up: CPU seconds until it listens',
      `<= ${startUpSecondsAtMost}`,
      verdictText(spreadOf(startUpSeconds), (known) => atMostVerdict(known, startUpSecondsAtMost)),
    ]);
  return rows;
}
