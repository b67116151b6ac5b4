import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { builtInAccounts } from '../../src/simulator/iam/accounts.ts';
import { startTestBed, type TestBed, type TestBedOptions } from './gateway.ts';

/** The first project of the simulator's demo user: what every operation is about that names none. */
export const projectId: string = builtInAccounts[0]?.projects[0]?.id ?? '';

/**
 * Tests with one bed for all of them: opened before the first, without faults at the beginning of each, closed after the
 * last. Hooks of the tests' own find it open.
 */
export function describeBed(title: string, options: TestBedOptions, define: (bed: TestBed) => void): void {
  describe(title, () => define(sharedBed(options)));
}

/** The same for all tests of the file, or of the `describe` it is called in. */
export function sharedBed(options: TestBedOptions = {}): TestBed {
  const current = createStandIn();
  beforeAll(async () => {
    await current.open(options);
  });
  afterEach(() => current.bed.clearFaults());
  afterAll(() => current.close());
  return current.bed;
}

/** A bed of its own for each test of the file, or of the `describe` it is called in. */
export function freshBed(options: TestBedOptions = {}): TestBed {
  const current = createStandIn();
  beforeEach(async () => {
    await current.open(options);
  });
  afterEach(() => current.close());
  return current.bed;
}

/** A test with a bed of its own, for tests that run side by side. */
export const withBed =
  <Args extends unknown[]>(test: (bed: TestBed, ...args: Args) => Promise<void>, options: TestBedOptions = {}) =>
  async (...args: Args): Promise<void> => {
    const bed = await startTestBed(ofDemo(options));
    try {
      await test(bed, ...args);
    } catch (error) {
      // the test failed, whatever closing finds then
      await bed.close().catch(() => {});
      throw error;
    }
    await bed.close();
  };

const ofDemo = ({ gateway, ...others }: TestBedOptions): TestBedOptions => ({
  ...others,
  gateway: { projectId, ...gateway },
});

/** A bed to be held before there is one. */
function createStandIn() {
  let opened: TestBed | null = null;
  let hasFaults = false;
  const now = (): TestBed => {
    if (opened === null) throw new Error('the bed is open within tests and hooks only');
    return opened;
  };
  const bed: TestBed = {
    get gateway() {
      return now().gateway;
    },
    get simulator() {
      return now().simulator;
    },
    get exchanges() {
      return now().exchanges;
    },
    get logLines() {
      return now().logLines;
    },
    violations: () => now().violations(),
    ask: (...asked) => now().ask(...asked),
    signIn: (...who) => now().signIn(...who),
    fault(fault) {
      hasFaults = true;
      return now().fault(fault);
    },
    async clearFaults() {
      if (hasFaults) await now().clearFaults();
      hasFaults = false;
    },
    revoke: (token) => now().revoke(token),
    advance: (durationMs) => now().advance(durationMs),
    force: (notebookId, state) => now().force(notebookId, state),
    close: () => now().close(),
  };
  return {
    bed,
    async open(options: TestBedOptions): Promise<void> {
      opened = await startTestBed(ofDemo(options));
      hasFaults = false;
    },
    async close(): Promise<void> {
      await opened?.close();
      opened = null;
    },
  };
}
