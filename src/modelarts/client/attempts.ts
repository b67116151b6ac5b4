import type { AbortSignalLike } from '../../runtime/abort.ts';
import type { ErrorOrigin } from '../wire/errors.ts';
import { type Call, targetOf } from './call.ts';
import type { Caller } from './guard/callers.ts';
import type { GuardedCaller } from './guard/guarded-caller.ts';
import { type Guards, isOpenCircuit } from './guard/upstream-guard.ts';
import { pause } from './pause.ts';
import { isPassingStatus, maxAttempts, retryDelayMs } from './retry.ts';
import { askedWaitMs } from './throttling.ts';
import { type Transport, TransportError, type TransportRequest, type TransportResponse } from './transport.ts';

/** What all attempts go through. */
export type AttemptPolicies = {
  readonly transport: Transport;
  readonly guards: Guards;
};

export type AttemptedCall = {
  readonly call: Call;
  /** whose it is */
  readonly caller: Caller<GuardedCaller>;
  readonly base: { readonly origin: string; readonly prefix: string };
  /** name of the API called */
  readonly api: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
  readonly signal: AbortSignalLike | undefined;
  readonly origin: ErrorOrigin;
  /** ms for all attempts together */
  readonly timeoutMs: number;
};

/** An attempt with less time than this would only turn a known failure into a timeout. */
const leastAttemptMs = 100;

/** The attempts of one call, for as long as there is time and an attempt may be repeated. */
export class Attempts {
  readonly deadlineAt: number;
  readonly signal: AbortSignalLike | undefined;
  readonly origin: ErrorOrigin;
  readonly caller: Caller<GuardedCaller>;
  count = 0;
  readonly #through: AttemptPolicies;
  readonly #isRead: boolean;
  readonly #request: TransportRequest & { timeoutMs: number };
  readonly #send: () => Promise<TransportResponse>;

  constructor(through: AttemptPolicies, attempted: AttemptedCall) {
    const { call, caller, base, api, headers, body, signal, origin, timeoutMs } = attempted;
    this.deadlineAt = performance.now() + timeoutMs;
    this.signal = signal;
    this.origin = origin;
    this.caller = caller;
    this.#through = through;
    this.#isRead = call.method === 'GET';
    this.#request = {
      origin: base.origin,
      api,
      method: call.method,
      path: base.prefix + targetOf(call),
      headers,
      body,
      signal,
      timeoutMs,
    };
    this.#send = () => {
      this.count += 1;
      this.#request.timeoutMs = this.deadlineAt - performance.now();
      return through.transport.send(this.#request);
    };
    if (this.#isRead) caller.budget.earn();
  }

  /**
   * The answer to the last attempt.
   * @throws TransportError; UpstreamUnavailableError or RateLimitedError it was not made
   */
  async answer(): Promise<TransportResponse> {
    /** what the attempt before came to: it says more than that another one was held back */
    let earlier: { readonly response: TransportResponse } | { readonly error: unknown } | null = null;
    for (;;) {
      let delayMs: number | null;
      try {
        const response = await this.#through.guards.pass(this.#request.api, this.#send, this);
        delayMs = this.#delayAfterAnswer(response);
        if (delayMs === null) return response;
        earlier = { response };
      } catch (error) {
        if (earlier !== null && isOpenCircuit(error)) {
          if ('response' in earlier) return earlier.response;
          throw earlier.error;
        }
        delayMs = this.#delayAfterError(error);
        if (delayMs === null) throw error;
        earlier = { error };
      }
      await pause(delayMs, this.signal);
    }
  }

  /** ms to wait before the next attempt; null: this answer is the last */
  #delayAfterAnswer(response: TransportResponse): number | null {
    if (!this.#isRead || !isPassingStatus(response.status)) return null;
    const askedMs = askedWaitMs(response, Date.now());
    // one more call would only count against the limit
    return askedMs === 'unknown' ? null : this.#delay(askedMs);
  }

  /** ms to wait before the next attempt; null: this error is the last */
  #delayAfterError(error: unknown): number | null {
    const isPassing = error instanceof TransportError && (error.failure === 'UNREACHABLE' || error.failure === 'CUT');
    return isPassing ? this.#delay(null) : null;
  }

  #delay(askedMs: number | null): number | null {
    if (!this.#isRead || this.count >= maxAttempts) return null;
    const delayMs = retryDelayMs(this.count, askedMs, Math.random);
    const isInTime = performance.now() + delayMs + leastAttemptMs < this.deadlineAt;
    return isInTime && this.caller.budget.spend() ? delayMs : null;
  }
}
