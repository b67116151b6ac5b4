import type { OperationDefinitionNode } from 'graphql';
import { createBoundedStore, type StoreStats } from '../../../runtime/bounded-store.ts';
import type { Caller } from '../../graphql/context.ts';
import { bytesOf } from '../../graphql/document-store.ts';
import { CpuBudget } from './cpu-budget.ts';
import type { Compile, PlannedQuery } from './plan.ts';

/**
 * Which operations have a plan. One is made for an operation that has shown that it comes again and again, as long as there is
 * time to make it: a document sent a few times would never pay back what its plan costs, and many of them would take all there is.
 */
export type Plans<Planned = unknown> = {
  /** @returns null: it has none, or not yet */
  of(operation: OperationDefinitionNode, caller: Caller, query: PlannedQuery): Planned | null;
  readonly stats: StoreStats;
};

export type PlansOptions<Planned> = {
  /** @returns null: it cannot be planned */
  readonly make: (query: PlannedQuery, compile: Compile) => Planned | null;
  /** whom a plan counts against that is made for this caller's operation */
  readonly ownerOf: (caller: Caller) => string;
  /** true: each operation at once, whatever it takes; for tests that compare answers. Default false */
  readonly isEachPlanned?: boolean;
  readonly maxBytes?: number;
  /** ms of a clock that does not go back */
  readonly now?: () => number;
};

/** Times an operation is asked for until it is planned. A plan takes 0.4 ms for 14 fields and 1.8 ms for 240, and more in code that V8 compiles. */
export const timesBefore = 16;

const defaultMaxBytes = 32 * 1024 * 1024;
const callerShare = 1 / 4;
/** A plan without its fields and its document, which it holds even when nobody else does. */
const planBytes = 2048;
/** A field of one type, compiled. Measured: 120 to 330 bytes before it is run; what V8 compiles of its code comes on top. */
const fieldBytes = 1600;

/** Of one core, for everybody, and for the operations of one caller. */
const cpuOfAll = { share: 0.02, savedMs: 500 } as const;
const cpuOfCaller = { share: 0.01, savedMs: 250 } as const;
/** A caller whose budget is pushed out has a new one: there are some five thousand. */
const callersBytes = 2 * 1024 * 1024;

/** What is known of an operation; gone with its document. */
type Sighting<Planned> = {
  times: number;
  planned: Planned | null;
  bytes: number;
  /** it cannot be planned, or its plan is larger than may be */
  isUnplanned: boolean;
};

export function createPlans<Planned extends object>({
  make,
  ownerOf,
  isEachPlanned = false,
  maxBytes = defaultMaxBytes,
  now = () => performance.now(),
}: PlansOptions<Planned>): Plans<Planned> {
  const sightings = new WeakMap<OperationDefinitionNode, Sighting<Planned>>();
  const kept = createBoundedStore<Sighting<Planned>, Planned>({
    maxBytes,
    callerShare,
    onLeft(_planned, sighting) {
      sighting.planned = null;
      sighting.times = 0;
    },
  });
  const all = new CpuBudget({ ...cpuOfAll, now });
  const callers = createBoundedStore<string, CpuBudget>({ maxBytes: callersBytes, callerShare: 1 });

  function budgetOf(owner: string): CpuBudget {
    const known = callers.get(owner);
    if (known !== undefined) return known;
    const budget = new CpuBudget({ ...cpuOfCaller, now });
    callers.set(owner, budget, { bytes: 128, caller: owner });
    return budget;
  }

  /** @returns null: there is no time for it now */
  function timed<T>(owner: string, run: () => T): T | null {
    if (isEachPlanned) return run();
    const budget = budgetOf(owner);
    if (!all.isLeft || !budget.isLeft) return null;
    const startedAt = now();
    try {
      return run();
    } finally {
      const durationMs = now() - startedAt;
      all.spend(durationMs);
      budget.spend(durationMs);
    }
  }

  function plan(sighting: Sighting<Planned>, owner: string, query: PlannedQuery): Planned | null {
    const keep = (planned: Planned, bytes: number): void => {
      sighting.bytes = bytes;
      if (kept.set(sighting, planned, { bytes, caller: owner })) return;
      sighting.planned = null;
      sighting.isUnplanned = true;
    };
    const compile: Compile = (compiled) => {
      const result = timed(owner, compiled);
      if (result !== null && sighting.planned !== null) {
        keep(sighting.planned, sighting.bytes + result.fieldCount * fieldBytes);
      }
      return result;
    };
    const made = timed(owner, () => ({ planned: make(query, compile) }));
    // asked for again when there is time
    if (made === null) return null;
    sighting.planned = made.planned;
    if (made.planned === null) sighting.isUnplanned = true;
    else keep(made.planned, planBytes + bytesOf(query.document));
    return sighting.planned;
  }

  return {
    of(operation, caller, query) {
      let sighting = sightings.get(operation);
      if (sighting === undefined) {
        sighting = { times: 0, planned: null, bytes: 0, isUnplanned: false };
        sightings.set(operation, sighting);
      }
      if (sighting.planned !== null) {
        kept.get(sighting);
        return sighting.planned;
      }
      if (sighting.isUnplanned) return null;
      sighting.times += 1;
      if (sighting.times <= timesBefore && !isEachPlanned) return null;
      return plan(sighting, ownerOf(caller), query);
    },
    get stats() {
      return kept.stats;
    },
  };
}
