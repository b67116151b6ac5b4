import fc from 'fast-check';
import type { MovingListOptions, TimedChange } from './moving-list.ts';

type Total = (length: number) => number | null;

const allLimits = [[2], [3], [5], [3, 5, 8], [10, 20, 50], [200]] as const;

const trueTotal = fc.constant<Total>((length) => length);
const highTotal = fc.nat(100).map<Total>((more) => (length) => length + more);
const wrongTotal = fc.oneof(
  highTotal,
  fc.nat(100).map<Total>((less) => (length) => Math.max(0, length - less)),
  fc.constant<Total>(() => null),
);

/** Without changes. A silent cap goes with a total that is not too low: nothing else tells it from the end of the list. */
export const anyList: fc.Arbitrary<MovingListOptions & { readonly length: number }> = fc
  .tuple(
    fc.nat(60),
    fc.constantFrom(...allLimits),
    fc.constantFrom(0, 1, 3),
    fc.oneof(
      fc.record({ total: fc.oneof(trueTotal, wrongTotal) }),
      fc.record({ total: fc.oneof(trueTotal, highTotal), cap: fc.integer({ min: 2, max: 30 }) }),
    ),
  )
  .map(([length, limits, twiceEvery, page]) => ({ length, limits, twiceEvery, ...page }));

/** Up to 12 changes at any of the first calls; short runs mostly, whole pages at times. */
export const anyChanges = (maxCall: number): fc.Arbitrary<TimedChange[]> =>
  fc.array(
    fc.record({
      call: fc.nat(maxCall),
      kind: fc.constantFrom('delete' as const, 'insert' as const),
      position: fc.nat(80),
      count: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.integer({ min: 4, max: 15 })),
    }),
    { maxLength: 12 },
  );
