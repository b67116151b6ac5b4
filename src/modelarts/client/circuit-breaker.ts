import { CircuitState, CountBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { TransportError } from './transport.ts';

/** Stops calling an API that fails, and finds out when it is back. */
export type Breaker = {
  /** open: nothing passes; probing: one call is on its way to see whether the API is back */
  readonly state: 'closed' | 'open' | 'probing';
  /** ms until a call may pass; null: one may now */
  refusalMs(): number | null;
  /**
   * Makes the call and counts how it ended.
   * @throws BreakerOpenError the call was not made; else what the call throws
   */
  run<T extends Outcome>(call: () => Promise<T>): Promise<T>;
  /** Counts the answer to a call made while it was closed, past `run`. */
  answered(answer: Outcome): void;
  /** Counts the failure of such a call. */
  failed(error: unknown): void;
};

export type BreakerOptions = {
  /** ms it stays open before one call may probe; default 1000, so that an API that is back is used again within seconds */
  readonly openMs?: number;
  /** ms after which a probe without an answer no longer keeps the next one waiting; default 2000. The probe itself goes on. */
  readonly probePatienceMs?: number;
  /** calls back when it opens */
  readonly onOpen?: () => void;
};

/** The part of an answer that is counted. */
export type Outcome = { readonly status: number };

export class BreakerOpenError extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('circuit open');
    this.name = 'BreakerOpenError';
    this.retryAfterMs = retryAfterMs;
  }
}

/** Opens when more than half of the last 20 calls failed, ten at least: a few bad answers are what retries are for. */
const window = { threshold: 0.5, size: 20, minimumNumberOfCalls: 10 };

/** The API failed, rather than refused (4xx, 401, 429), sent nonsense, or was left by the caller. */
const isFailure = (error: unknown): boolean =>
  error instanceof TransportError &&
  (error.failure === 'TIMEOUT' || error.failure === 'UNREACHABLE' || error.failure === 'CUT');

// cockatiel leaves open what the calls it runs give; here they are outcomes
const isFailed = (result: unknown): boolean => (result as Outcome).status >= 500;

export function createBreaker({ openMs = 1000, probePatienceMs = 2000, onOpen }: BreakerOptions = {}): Breaker {
  const counter = new CountBreaker(window);
  const policy = circuitBreaker(handleWhen(isFailure).orWhenResult(isFailed), {
    breaker: counter,
    halfOpenAfter: openMs,
  });
  let openedAt = 0;
  /** a probe got its answer after it was given up: the API is there, only slow */
  let isAnswering = false;
  policy.onBreak(() => {
    openedAt = Date.now();
    onOpen?.();
  });

  const refusalMs = (): number | null => {
    if (policy.state === CircuitState.Closed) return null;
    if (policy.state !== CircuitState.Open) return openMs;
    const leftMs = openedAt + openMs - Date.now();
    return leftMs > 0 ? leftMs : null;
  };

  // only failures go through the policy, which is slow and does no more than count either
  const fail = (outcome: () => Promise<Outcome>): void => {
    if (policy.state === CircuitState.Closed) policy.execute(outcome).catch(() => {});
  };
  const answered = (answer: Outcome): void => {
    if (isFailed(answer)) fail(async () => answer);
    else if (policy.state === CircuitState.Closed) counter.success(CircuitState.Closed);
  };
  const failed = (error: unknown): void => {
    if (isFailure(error)) fail(() => Promise.reject(error));
  };

  /** Counts a call of a closed circuit. */
  function counted<T extends Outcome>(made: Promise<T>): Promise<T> {
    made.then(answered, failed);
    return made;
  }

  function probe<T extends Outcome>(call: () => Promise<T>): Promise<T> {
    const made = call();
    // only the verdict goes through the policy: there, a hanging probe would hold the next one off until its deadline
    policy.execute(() => verdictOf(made, probePatienceMs)).catch(() => {});
    made.then(
      (answer) => {
        isAnswering = policy.state !== CircuitState.Closed && !isFailed(answer);
      },
      () => {},
    );
    return made;
  }

  return {
    get state() {
      if (policy.state === CircuitState.Closed) return 'closed';
      return policy.state === CircuitState.Open ? 'open' : 'probing';
    },
    refusalMs,
    answered,
    failed,
    run(call) {
      if (policy.state === CircuitState.Closed) return counted(call());
      const leftMs = refusalMs();
      if (leftMs !== null) return Promise.reject(new BreakerOpenError(leftMs));
      if (!isAnswering) return probe(call);
      isAnswering = false;
      return policy.execute(async () => ({ status: 200 })).then(() => counted(call()));
    },
  };
}

/** How a probe went, as far as is known after a while. One that was left by its caller told nothing: it counts as failed. */
async function verdictOf(made: Promise<Outcome>, patienceMs: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TransportError('TIMEOUT', true)), patienceMs);
  });
  try {
    return await Promise.race([made, patience]);
  } catch (error) {
    const isLeft = error instanceof TransportError && error.failure === 'ABORTED';
    throw isLeft ? new TransportError('TIMEOUT', true) : error;
  } finally {
    clearTimeout(timer);
  }
}
