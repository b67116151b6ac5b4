import { errorOf } from '../wire/error-body.ts';
import type { ErrorOrigin } from '../wire/errors.ts';
import { BulkheadFullError, createBulkhead, type Wait } from './bulkhead.ts';
import { BreakerOpenError, createBreaker, type Outcome } from './circuit-breaker.ts';

/** What stands before each API: a breaker that lets nothing through while it fails, a bulkhead that bounds what waits for it. */
export type Guards = {
  /**
   * Makes the call to the API, or refuses it at once.
   * @throws UpstreamUnavailableError the API fails at the moment; RateLimitedError too many calls to it wait already;
   * TransportError, as the call, or while waiting
   */
  pass<T extends Outcome>(api: string, call: () => Promise<T>, passing: Passing): Promise<T>;
  stats(): readonly GuardStats[];
};

type Passing = Wait & { readonly origin: ErrorOrigin };

/** How one API fares at the moment. */
export type GuardStats = {
  /** for example `notebooks` */
  readonly api: string;
  readonly breaker: 'closed' | 'open' | 'probing';
  readonly inFlight: number;
  readonly waiting: number;
};

/** Calls waiting for one API at most: two pages of 200 notebooks with details, and some. At 50 ms an answer the last waits 0.4 s. */
const queue = 512;

export type GuardsOptions = {
  /** calls to one API at the same time */
  readonly slots: number;
  /** false: failures are not counted, so that no API is left alone; default true */
  readonly haveBreakers?: boolean;
};

export function createGuards({ slots, haveBreakers = true }: GuardsOptions): Guards {
  const guards = new Map<string, Guard>();
  const guardOf = (api: string): Guard => {
    const guard = guards.get(api) ?? createGuard(slots, haveBreakers);
    guards.set(api, guard);
    return guard;
  };

  async function passWhenPossible<T extends Outcome>(
    { breaker, bulkhead }: Guard,
    call: () => Promise<T>,
    { origin, ...wait }: Passing,
  ): Promise<T> {
    try {
      const refusalMs = breaker.refusalMs();
      if (refusalMs !== null) throw new BreakerOpenError(refusalMs);
      return await bulkhead.run(() => breaker.run(call), wait);
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
        const message = 'Too many calls to ModelArts are waiting in this gateway.';
        throw errorOf('RATE_LIMITED', { ...origin, message, retryAfterSeconds: 1, cause: error });
      }
      throw error;
    }
  }

  return {
    pass(api, call, passing) {
      const guard = guardOf(api);
      const { breaker, bulkhead } = guard;
      if (breaker.state !== 'closed' || !bulkhead.enter()) return passWhenPossible(guard, call, passing);
      // nearly always: there is nothing to wait for
      const made = call();
      made.then(guard.answered, guard.failed);
      return made;
    },
    stats: () =>
      [...guards].map(([api, { breaker, bulkhead }]) => ({
        api,
        breaker: breaker.state,
        inFlight: bulkhead.inFlight,
        waiting: bulkhead.waiting,
      })),
  };
}

/** Whether the error says that a failing API was not called. */
export const isOpenCircuit = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof BreakerOpenError;

type Guard = ReturnType<typeof createGuard>;

function createGuard(slots: number, hasBreaker: boolean) {
  const bulkhead = createBulkhead({ slots, queue });
  // who waits behind calls that hang would hang as long
  const breaker = createBreaker({ onOpen: () => bulkhead.refuseWaiting(new BreakerOpenError(1000)) });
  return {
    breaker,
    bulkhead,
    answered(answer: Outcome): void {
      if (hasBreaker) breaker.answered(answer);
      bulkhead.leave();
    },
    failed(error: unknown): void {
      if (hasBreaker) breaker.failed(error);
      bulkhead.leave();
    },
  };
}
