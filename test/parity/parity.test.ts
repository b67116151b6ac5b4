import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultNames } from '../../src/simulator/control/faults.ts';
import { noneCounted, note, queryFields } from '../support/parity/counters.ts';
import { startPair } from '../support/parity/paired-gateways.ts';
import { reportOf } from '../support/parity/report.ts';
import { countersOf, transportNames } from '../support/parity/side.ts';
import { compare, elsewhere } from '../support/parity/trial.ts';
import { trials } from '../support/parity/trials.ts';
import { slowFaults } from '../support/parity/worlds.ts';
import { onceFailed } from './once-failed.ts';

const seed = Number(process.env.PARITY_SEED ?? Date.now() % 2 ** 31);
const documents = Number(process.env.PARITY_DOCUMENTS ?? 3000);

const beds = [
  ['that keeps catalogues', { catalogTtlMs: 60_000 }, seed],
  ['that keeps no catalogues', { catalogTtlMs: 0 }, seed + 1],
  [
    'in production, with no project of its own, for front ends elsewhere',
    {
      catalogTtlMs: 0,
      projectId: null,
      isIntrospectionOn: false,
      areSuggestionsOn: false,
      isGraphiqlOn: false,
      corsOrigins: [elsewhere],
    },
    seed + 2,
  ],
] as const;
const perBed = Math.ceil(documents / beds.length);

/** Time for all documents of a bed, and for making the one that fails smaller. */
const limitMs = 240_000;

console.log(`parity: PARITY_SEED=${seed} PARITY_DOCUMENTS=${documents}`);

/** Whatever is asked, four times with everything on and once with everything off, over every transport. */
describe.each(beds)('a gateway %s', (bedName, settings, bedSeed) => {
  let started: Awaited<ReturnType<typeof startPair>>;
  const counters = noneCounted();

  beforeAll(async () => {
    started = await startPair(settings);
  });
  afterAll(() => started.close());

  it.each(Object.entries(onceFailed))('answers alike, though %s', async (_, trial) => {
    await compare(trial, started.pair);
  });

  it(
    'answers alike with everything on and with everything off',
    async () => {
      const property = fc.asyncProperty(trials, async (trial) => {
        note(counters, trial, await compare(trial, started.pair));
      });
      const { failed, counterexample, errorInstance, numRuns, numShrinks } = await fc.check(property, {
        seed: bedSeed,
        numRuns: perBed,
        interruptAfterTimeLimit: limitMs,
      });
      if (!failed || counterexample === null) return;
      const origin = `PARITY_SEED=${seed}, bed ${bedName}, document ${numRuns}, made smaller ${numShrinks} times`;
      throw new Error(reportOf(counterexample[0], errorInstance, origin));
    },
    limitMs + 30_000,
  );

  it('has ended every operation, and counted each as the log shows it', async () => {
    for (const side of [started.pair.on, started.pair.off]) {
      const { running, ended } = await countersOf(side.url);
      expect(running).toBe(0);
      expect(Object.fromEntries(ended)).toEqual(Object.fromEntries(side.ended));
    }
  });

  /** Shares that would mean that hardly anything is compared; for a run of a few documents they say nothing. */
  it.skipIf(perBed < 1000)(
    'was asked everything, and answered most of it from plans and revalidated responses',
    async () => {
      expect(counters.valid / counters.documents).toBeGreaterThan(0.85);
      expect(counters.answered / counters.documents).toBeGreaterThan(0.3);
      expect([...counters.transports.keys()].sort()).toEqual([...transportNames].sort());
      expect([...counters.fields].sort()).toEqual(queryFields.map(([name]) => name).sort());
      const slow = new Set(slowFaults.map(({ name }) => name));
      const quick = Object.keys(faultNames).filter((name) => !slow.has(name) && name !== 'oversize');
      expect([...counters.faults.keys()].sort()).toEqual(quick.sort());
      const { replays } = await countersOf(started.pair.on.url);
      expect(replays / counters.documents).toBeGreaterThan(0.2);
    },
  );
});
