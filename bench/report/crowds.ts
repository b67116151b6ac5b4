import { type Spread, spreadOf } from '../rounds/spread.ts';
import type { Quiet } from '../subscribers/crowd.ts';
import type { Slice } from '../subscribers/observe.ts';
import type { Users } from '../subscribers/users.ts';
import { spreadText, table } from './markdown.ts';

/** What is measured of one gateway without peers; null: not asked for. */
export type GatewayAlone = {
  readonly name: string;
  /** W5 */
  readonly quiet: Quiet | null;
  /** W7 */
  readonly users: Users | null;
  /** CPU seconds until it listens, of each start */
  readonly startUpSeconds: readonly number[] | null;
};

export const sliceSpread = (slices: readonly Slice[] | undefined, figure: keyof Slice): Spread | null =>
  spreadOf((slices ?? []).map((slice) => slice[figure]));

const text = (spread: Spread | null): string => (spread === null ? '' : spreadText(spread));

/** W5 and W7. */
export function crowdTable(gateways: readonly GatewayAlone[]): string {
  const rows = gateways.flatMap(({ name, quiet, users }) => {
    const costs = (slices: readonly Slice[]): string[] =>
      (['pollsPerMinute', 'cpuPercent', 'cpuMicrosPerPoll'] as const).map((figure) =>
        text(sliceSpread(slices, figure)),
      );
    return [
      ...(quiet === null
        ? []
        : [
            [
              `${name}: W5 1,000 subscribers of one notebook, one token`,
              ...costs(quiet.slices),
              '',
              `${text(spreadOf([quiet.kibPerSubscriber]))} a subscriber`,
            ],
          ]),
      ...(users === null
        ? []
        : [
            [
              `${name}: W7 1,000 users with a token and a subscription each`,
              ...costs(users.slices),
              `${text(spreadOf(users.heapKibPerToken))} a token`,
              `${text(spreadOf(users.residentKibPerToken))} a token`,
            ],
          ]),
    ];
  });
  return table(
    ['polled once a second', 'polls/min', 'CPU % of a core', 'CPU µs of a poll', 'live heap KiB', 'resident KiB'],
    rows,
  );
}
