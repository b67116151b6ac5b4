import { type Profiler, Session } from 'node:inspector';

export type StepCounter<Name extends string> = {
  /** blocks of code that were run since it was asked last: function bodies, loop bodies, branches, each time they were */
  steps(): Readonly<Record<Name, number>>;
  close(): void;
};

/**
 * Counts what this process runs of some scripts, as the engine counts it for coverage: the same for the same input, however
 * busy or fast the machine is.
 * @param scripts which of them count, by their URLs, for each number
 */
export function countSteps<Name extends string>(scripts: Readonly<Record<Name, RegExp>>): StepCounter<Name> {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    steps() {
      let covered: readonly Profiler.ScriptCoverage[] = [];
      // a session in the thread it looks at answers at once
      session.post('Profiler.takePreciseCoverage', (error, taken) => {
        if (error !== null) throw error;
        covered = taken.result;
      });
      const stepsOf = (pattern: RegExp): number => {
        const ranges = covered
          .filter(({ url }) => pattern.test(url))
          .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
        return ranges.reduce((sum, { count }) => sum + count, 0);
      };
      // Object.entries forgets what keys an object has
      const entries = Object.entries(scripts) as [Name, RegExp][];
      return Object.fromEntries(entries.map(([name, pattern]) => [name, stepsOf(pattern)])) as Record<Name, number>;
    },
    close() {
      session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
