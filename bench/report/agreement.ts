import { type Figure, type Results, ratioOf } from '../rounds/results.ts';
import { comparisonsOf } from '../rounds/rows.ts';
import { isWithin, type Spread } from '../rounds/spread.ts';
import { spreadText } from './markdown.ts';

/** Whether a run says what another one of the same systems said. */
export type Agreement = {
  /** file of the other run */
  readonly file: string;
  readonly compared: number;
  /** ratios whose median no round of the other run reached */
  readonly outside: readonly { readonly name: string; readonly here: Spread; readonly there: Spread }[];
};

const figures: readonly (readonly [Figure, string])[] = [
  ['cpuMicros', 'CPU at a steady rate'],
  ['busyCpuMicros', 'CPU at full load'],
];

/** Compares all ratios of CPU that both runs have. */
export function agreementOf(here: Results, there: Results, file: string): Agreement {
  const known = new Set(comparisonsOf(there.rows).map(({ row, over }) => `${row} / ${over}`));
  const ratios = comparisonsOf(here.rows)
    .filter(({ row, over }) => known.has(`${row} / ${over}`))
    .flatMap((pair) =>
      here.workloads.flatMap((workload) =>
        figures.flatMap(([figure, title]) => {
          const [own, other] = [here, there].map((run) => ratioOf(run, { ...pair, workload }, figure));
          const name = `${pair.row} / ${pair.over}, ${workload}, ${title}`;
          return own == null || other == null ? [] : [{ name, here: own, there: other }];
        }),
      ),
    );
  return {
    file,
    compared: ratios.length,
    outside: ratios.filter((ratio) => !isWithin(ratio.here, ratio.there)),
  };
}

export function agreementText({ file, compared, outside }: Agreement): string {
  const summary = `Beside ${file}: ${compared - outside.length} of ${compared} ratios of CPU lie within the spread of that run.`;
  const list = outside.map(
    ({ name, here, there }) => `- outside: ${name}: ${spreadText(here)}, there ${spreadText(there)}`,
  );
  return [summary, ...(list.length > 0 ? ['', ...list] : [])].join('\n');
}
