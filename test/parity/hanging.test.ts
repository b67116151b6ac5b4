import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startPair } from '../support/parity/paired-gateways.ts';
import { reportOf } from '../support/parity/report.ts';
import { compare, DifferenceError, type Pair, type Trial } from '../support/parity/trial.ts';
import { trials } from '../support/parity/trials.ts';
import { slowFaults } from '../support/parity/worlds.ts';

const seed = Number(process.env.PARITY_SEED ?? Date.now() % 2 ** 31);
/** Each is waited for five times, until the time limit. */
const documents = 8;
/** Far longer than a call takes that does not hang. */
const upstreamTimeoutMs = 500;

console.log(`parity while calls hang: PARITY_SEED=${seed}`);

/** @returns false: the machine was so busy that a call took until the limit by itself, which says nothing */
async function isAlikeWithoutFault(trial: Trial, pair: Pair): Promise<boolean> {
  try {
    await compare(trial, pair);
    return true;
  } catch (error) {
    if (error instanceof DifferenceError && error.message.includes('UPSTREAM_TIMEOUT')) return false;
    throw error;
  }
}

it('a gateway whose calls hang answers alike with everything on and with everything off', async () => {
  const { pair, close } = await startPair({ catalogTtlMs: 0, upstreamTimeoutMs });
  let asked = 0;
  try {
    for (const one of fc.sample(trials, { seed, numRuns: 500 })) {
      if (asked === documents) break;
      const fault = slowFaults[asked % slowFaults.length] ?? null;
      const trial = { ...one, token: 'own' as const, world: { fault, turn: null } };
      pair.called.length = 0;
      try {
        if (!(await isAlikeWithoutFault({ ...trial, world: { fault: null, turn: null } }, pair))) continue;
        if (pair.called.length === 0) continue;
        asked += 1;
        await compare(trial, pair);
      } catch (error) {
        throw new Error(reportOf(trial, error, `PARITY_SEED=${seed}, document ${asked}`));
      }
    }
  } finally {
    await close();
  }
  expect(asked).toBe(documents);
}, 120_000);
