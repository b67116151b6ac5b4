import { LRUCache } from 'lru-cache';
import { errorOf } from '../../wire/error-body.ts';
import type { ErrorOrigin } from '../../wire/errors.ts';
import { type Bulkhead, BulkheadFullError, type BulkheadOptions, createBulkhead, type Wait } from './bulkhead.ts';
import type { Caller } from './callers.ts';
import { BreakerOpenError, createBreaker, type Outcome } from './circuit-breaker.ts';
import { GuardedCaller } from './guarded-caller.ts';

/**
 * What stands before each API: breakers that let nothing through while it fails, for one caller or for all, and a bulkhead
 * that bounds what waits for it and has callers take turns.
 */
export type Guards = {
  /**
   * Makes the call to the API, or refuses it at once.
   * @throws UpstreamUnavailableError the API fails at the moment; RateLimitedError too many calls of this caller wait already;
   * TransportError, as the call, or while waiting
   */
  pass<T extends Outcome>(api: string, call: () => Promise<T>, passing: Passing): Promise<T>;
  /** The caller is accepted now, its project known, or its token no longer taken: its share is another. */
  rejoin(caller: Caller<GuardedCaller>): void;
  stats(): readonly GuardStats[];
};

type Passing = Wait & { readonly origin: ErrorOrigin; readonly caller: Caller<GuardedCaller> };

/** How one API fares at the moment. */
export type GuardStats = {
  /** for example `notebooks` */
  readonly api: string;
  readonly breaker: 'closed' | 'open' | 'probing';
  readonly inFlight: number;
  readonly waiting: number;
  /** callers whose own calls failed too often within the last minute to be let through; 1000 are counted */
  readonly callersRefused: number;
};

/** Of one caller: two pages of 200 notebooks with details, and some. At 50 ms an answer the last waits 0.5 s. */
const placesOfOne = 512;
/** Calls that wait for one API at most, at 1 KiB and its body each. */
const places = 4096;
/** For an API to be left alone calls of four projects must fail: one that fails alone is left alone by itself. */
const counting = { mostOfOne: 3, leastMany: 4 };
/** ms, and callers, for the count of those that are refused */
const [refusedMs, maxRefused] = [60_000, 1000];

export type GuardsOptions = {
  /** calls to one API at the same time */
  readonly slots: number;
  /** false: failures are not counted, so that no API is left alone; default true */
  readonly haveBreakers?: boolean;
  /** a call to an API no longer waits for a slot; false: it is not made */
  readonly onWaited?: ((api: string, waitedMs: number, isBegun: boolean) => void) | undefined;
};

export function createGuards({ slots, haveBreakers = true, onWaited }: GuardsOptions): Guards {
  const guards = new Map<string, Guard>();
  const guardOf = (api: string): Guard => {
    const guard =
      guards.get(api) ??
      createGuard(slots, {
        index: guards.size,
        haveBreakers,
        onWaited: (waitedMs, isBegun) => onWaited?.(api, waitedMs, isBegun),
      });
    guards.set(api, guard);
    return guard;
  };

  async function passWhenPossible<T extends Outcome>(
    { breaker, bulkhead, guarded }: { readonly guarded: GuardedCaller } & Guard,
    call: () => Promise<T>,
    { origin, deadlineAt, signal }: Passing,
  ): Promise<T> {
    try {
      const refusalMs = breaker.refusalMs() ?? guarded.refusalMs();
      if (refusalMs !== null) throw new BreakerOpenError(refusalMs);
      return await bulkhead.run(guarded.member, () => guarded.run(call), { deadlineAt, signal });
    } catch (error) {
      if (error instanceof BreakerOpenError) {
        throw errorOf('UPSTREAM_UNAVAILABLE', {
          ...origin,
          message: 'ModelArts has been failing; it is not called until it answers again.',
          retryAfterSeconds: Math.max(1, Math.ceil(error.retryAfterMs / 1000)),
          cause: error,
        });
      }
      if (error instanceof BulkheadFullError) {
        const message = 'Too many calls of this caller to ModelArts are waiting in this gateway; ask for less at once.';
        throw errorOf('RATE_LIMITED', { ...origin, message, retryAfterSeconds: 1, cause: error });
      }
      throw error;
    }
  }

  return {
    pass(api, call, passing) {
      const guard = guardOf(api);
      const guarded = guard.of(passing.caller);
      if (guard.breaker.state !== 'closed' || !guarded.isClosed || !guard.bulkhead.enter(guarded.member)) {
        return passWhenPossible({ ...guard, guarded }, call, passing);
      }
      // nearly always: there is nothing to wait for
      const made = call();
      made.then(guarded.answered, guarded.failed);
      return made;
    },
    rejoin(caller) {
      for (const { index, bulkhead } of guards.values()) {
        const guarded = caller.places[index];
        if (guarded !== undefined) bulkhead.rejoin(guarded.member, caller);
      }
    },
    stats: () =>
      [...guards].map(([api, { breaker, bulkhead, refused }]) => {
        refused.purgeStale();
        return {
          api,
          breaker: breaker.state,
          inFlight: bulkhead.inFlight,
          waiting: bulkhead.waiting,
          callersRefused: refused.size,
        };
      }),
  };
}

/** Whether the error says that a failing API was not called. */
export const isOpenCircuit = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof BreakerOpenError;

type Guard = ReturnType<typeof createGuard>;

function createGuard(
  slots: number,
  {
    index,
    haveBreakers,
    onWaited,
  }: { readonly index: number; readonly haveBreakers: boolean; readonly onWaited: BulkheadOptions['onWaited'] },
) {
  const bulkhead: Bulkhead = createBulkhead({ slots, places, placesOfOne, onWaited });
  // who waits behind calls that hang would hang as long
  const breaker = createBreaker({
    counting,
    onOpen: () => bulkhead.refuseWaiting(new BreakerOpenError(1000)),
  });
  const refused = new LRUCache<GuardedCaller, true>({ max: maxRefused, ttl: refusedMs });
  const parts = { bulkhead, breaker: haveBreakers ? breaker : null, refused };
  return {
    index,
    bulkhead,
    breaker,
    refused,
    of(caller: Caller<GuardedCaller>): GuardedCaller {
      const known = caller.places[index];
      if (known !== undefined) return known;
      const guarded = new GuardedCaller(bulkhead.join(caller), parts);
      caller.places[index] = guarded;
      return guarded;
    },
  };
}
