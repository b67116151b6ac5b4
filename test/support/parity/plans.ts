import { type ExecutionArgs, type ExecutionResult, print } from 'graphql';

/** Compares what a plan answers with what graphql-js does, for every query a gateway under test is asked. */
export type PlanParity = {
  readonly onParity: (args: ExecutionArgs, planned: ExecutionResult, ordinary: ExecutionResult) => void;
  /** queries compared so far */
  readonly count: number;
  /** @throws Error the answer to some query differed, names and order of fields included */
  assertEqual(): void;
};

/** Counts down while the two are made. */
const clock = /"remainingSeconds":\d+/g;

export function createPlanParity(): PlanParity {
  const differences: string[] = [];
  let count = 0;
  return {
    onParity({ document, variableValues }, planned, ordinary) {
      count += 1;
      const [ours, theirs] = [planned, ordinary].map((result) => JSON.stringify(result).replace(clock, ''));
      if (ours === theirs) return;
      differences.push([print(document), JSON.stringify(variableValues), ours, theirs].join('\n'));
    },
    get count() {
      return count;
    },
    assertEqual() {
      if (differences.length > 0) throw new Error(`a plan answers otherwise than graphql-js:\n${differences[0]}`);
    },
  };
}
