import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with a count once it has not grown for so many ms: what was on its way then has come, on a busy machine as well. */
export async function whenStill(count: () => number, stillMs: number): Promise<number> {
  for (let seen = count(), since = performance.now(); ; ) {
    await sleep(stillMs / 10);
    const now = count();
    if (now !== seen) [seen, since] = [now, performance.now()];
    else if (performance.now() - since >= stillMs) return seen;
  }
}
