import type { Bulkhead } from './bulkhead.ts';
import { type Breaker, BreakerOpenError, createBreaker, isFailed, isFailure, type Outcome } from './circuit-breaker.ts';
import type { Member } from './waiting-line.ts';

/** What a guard has for all its callers. */
export type GuardParts = {
  readonly bulkhead: Bulkhead;
  /** of the API; null: failures are not counted */
  readonly breaker: Breaker | null;
  /** callers that are refused, or were lately */
  readonly refused: { set(caller: GuardedCaller, isRefused: true): unknown; delete(caller: GuardedCaller): unknown };
};

/**
 * One caller before one API: its place, and a breaker of its own, so that what fails for one is not refused to all. Made once
 * for all its calls, the functions that count them included.
 */
export class GuardedCaller {
  readonly member: Member;
  readonly answered: (answer: Outcome) => void;
  readonly failed: (error: unknown) => void;
  readonly #parts: GuardParts;
  /** null: none of its calls has failed yet */
  #breaker: Breaker | null = null;

  constructor(member: Member, parts: GuardParts) {
    this.member = member;
    this.#parts = parts;
    this.answered = (answer) => {
      this.#count(answer);
      parts.breaker?.answered(answer, member.group);
      parts.bulkhead.leave(member);
    };
    this.failed = (error) => {
      this.#countFailure(error);
      parts.breaker?.failed(error, member.group);
      parts.bulkhead.leave(member);
    };
  }

  get isClosed(): boolean {
    return this.#breaker === null || this.#breaker.state === 'closed';
  }

  /** ms until one of its calls may pass; null: one may now */
  refusalMs(): number | null {
    return this.#breaker === null ? null : this.#breaker.refusalMs();
  }

  /**
   * Makes the call, which holds its slot already, and counts how it ended.
   * @throws BreakerOpenError it was not made; else what the call throws
   */
  run<T extends Outcome>(call: () => Promise<T>): Promise<T> {
    const { breaker } = this.#parts;
    if (breaker === null) return call();
    const through = (): Promise<T> => breaker.run(call, this.member.group);
    if (this.#breaker !== null) return this.#breaker.run(through);
    const made = through();
    made.then(
      (answer) => this.#count(answer),
      (error: unknown) => this.#countFailure(error),
    );
    return made;
  }

  #count(answer: Outcome): void {
    if (isFailed(answer)) this.#ownBreaker()?.answered(answer);
    else this.#breaker?.answered(answer);
  }

  #countFailure(error: unknown): void {
    if (isFailure(error)) this.#ownBreaker()?.failed(error);
  }

  #ownBreaker(): Breaker | null {
    const { breaker, bulkhead, refused } = this.#parts;
    if (breaker === null) return null;
    this.#breaker ??= createBreaker({
      onOpen: () => {
        refused.set(this, true);
        bulkhead.refuseWaiting(new BreakerOpenError(1000), this.member);
      },
      onClose: () => refused.delete(this),
    });
    return this.#breaker;
  }
}
