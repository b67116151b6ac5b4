import { CircuitState, circuitBreaker, handleWhen } from 'cockatiel';
import { TransportError } from '../transport.ts';
import { type Counting, RecentOutcomes } from './recent-outcomes.ts';

/** Stops calling an API that fails, and finds out when it is back. */
export type Breaker = {
  /** open: nothing passes; probing: one call is on its way to see whether the API is back */
  readonly state: 'closed' | 'open' | 'probing';
  /** ms until a call may pass; null: one may now */
  refusalMs(): number | null;
  /**
   * Makes the call and counts how it ended.
   * @param of whose call it is
   * @throws BreakerOpenError the call was not made; else what the call throws
   */
  run<T extends Outcome>(call: () => Promise<T>, of?: object): Promise<T>;
  /** Counts the answer to a call made while it was closed, past `run`. */
  answered(answer: Outcome, of?: object): void;
  /** Counts the failure of such a call. */
  failed(error: unknown, of?: object): void;
};

export type BreakerOptions = {
  /** ms it stays open before one call may probe; default 1000, so that an API that is back is used again within seconds */
  readonly openMs?: number;
  /** ms after which a probe without an answer no longer keeps the next one waiting; default 2000. The probe itself goes on. */
  readonly probePatienceMs?: number;
  /** whose failures count how much; default: all of them, whosever */
  readonly counting?: Counting;
  /** calls back when it opens */
  readonly onOpen?: () => void;
  readonly onClose?: () => void;
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

/** The API failed, rather than refused (4xx, 401, 429), sent nonsense, or was left by the caller. */
export const isFailure = (error: unknown): boolean =>
  error instanceof TransportError &&
  (error.failure === 'TIMEOUT' || error.failure === 'UNREACHABLE' || error.failure === 'CUT');

// cockatiel leaves open what the calls it runs give; here they are outcomes
export const isFailed = (result: unknown): boolean => (result as Outcome).status >= 500;

const countAll: Counting = { mostOfOne: Number.POSITIVE_INFINITY, leastMany: 1 };

/** Opens when more than half of the last calls failed, as `RecentOutcomes` counts them. */
export function createBreaker(options: BreakerOptions = {}): Breaker {
  const { openMs = 1000, probePatienceMs = 2000, counting = countAll, onOpen, onClose } = options;
  const recent = new RecentOutcomes(counting);
  const policy = circuitBreaker(handleWhen(isFailure).orWhenResult(isFailed), {
    breaker: recent,
    halfOpenAfter: openMs,
  });
  let openedAt = 0;
  /** a probe got its answer after it was given up: the API is there, only slow */
  let isAnswering = false;
  policy.onBreak(() => {
    openedAt = Date.now();
    onOpen?.();
  });
  if (onClose !== undefined) policy.onReset(onClose);

  const refusalMs = (): number | null => {
    if (policy.state === CircuitState.Closed) return null;
    if (policy.state !== CircuitState.Open) return openMs;
    const leftMs = openedAt + openMs - Date.now();
    return leftMs > 0 ? leftMs : null;
  };

  // only failures go through the policy, which is slow and asks no more than whether it is to open
  const fail = (outcome: () => Promise<Outcome>, of: object | undefined): void => {
    if (policy.state === CircuitState.Closed && recent.failed(of)) policy.execute(outcome).catch(() => {});
  };
  const answered = (answer: Outcome, of?: object): void => {
    if (isFailed(answer)) fail(async () => answer, of);
    else if (policy.state === CircuitState.Closed) recent.succeeded();
  };
  const failed = (error: unknown, of?: object): void => {
    if (isFailure(error)) fail(() => Promise.reject(error), of);
  };

  /** Counts a call of a closed circuit. */
  function counted<T extends Outcome>(made: Promise<T>, of: object | undefined): Promise<T> {
    made.then(
      (answer) => answered(answer, of),
      (error: unknown) => failed(error, of),
    );
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
    run(call, of) {
      if (policy.state === CircuitState.Closed) return counted(call(), of);
      const leftMs = refusalMs();
      if (leftMs !== null) return Promise.reject(new BreakerOpenError(leftMs));
      if (!isAnswering) return probe(call);
      isAnswering = false;
      return policy.execute(async () => ({ status: 200 })).then(() => counted(call(), of));
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
