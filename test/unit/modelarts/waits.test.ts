import { expect, it } from 'vitest';
import { createBulkhead } from '../../../src/modelarts/client/guard/bulkhead.ts';

const standing = { isAccepted: true, projectId: 'project' };
const soon = () => ({ deadlineAt: performance.now() + 60_000 });

it('a call that waited is reported with how long, and whether it was made; one that did not wait is not', async () => {
  const waits: [number, boolean][] = [];
  const bulkhead = createBulkhead({
    slots: 1,
    places: 8,
    placesOfOne: 8,
    onWaited: (waitedMs, isBegun) => waits.push([waitedMs, isBegun]),
  });
  const member = bulkhead.join(standing);
  let release: () => void = () => {};
  const first = bulkhead.run(
    member,
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
    soon(),
  );
  const second = bulkhead.run(member, () => Promise.resolve('made'), soon());
  const late = bulkhead.run(member, () => Promise.resolve('never'), { deadlineAt: performance.now() });
  await expect(late).rejects.toThrow();
  expect(waits.map(([, isBegun]) => isBegun)).toEqual([false]);
  release();
  await first;
  expect(await second).toBe('made');
  expect(waits.map(([, isBegun]) => isBegun)).toEqual([false, true]);
  expect(waits.every(([waitedMs]) => waitedMs >= 0)).toBe(true);
});
