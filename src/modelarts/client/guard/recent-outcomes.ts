import { CircuitState, type IBreaker } from 'cockatiel';

/** Calls that are looked back on, and how many there must be: a few bad answers are what retries are for. */
const [size, least] = [20, 10];

/** `mostOfOne`: failures of one that are counted; `leastMany`: of how many there must be some. */
export type Counting = { readonly mostOfOne: number; readonly leastMany: number };

/**
 * How the last calls ended: too many failed when it was more than half of the last 20, of ten at least, and failures of so
 * many. Of one no more than so many failures are counted, so that few alone cannot make the half.
 */
export class RecentOutcomes implements IBreaker {
  /** nothing is written down and read again */
  state: unknown = null;
  readonly #counting: Counting;
  /** whose the failures were; null: a success */
  #outcomes: (object | null)[] = [];
  #oldest = 0;
  #failures = 0;

  constructor(counting: Counting) {
    this.#counting = counting;
  }

  /** A call succeeded while the circuit was closed. */
  succeeded(): void {
    this.#put(null);
  }

  /** @returns false: it does not count, there are enough of this one */
  failed(of: object = this): boolean {
    const { mostOfOne } = this.#counting;
    if (mostOfOne < size && this.#countOf(of) >= mostOfOne) return false;
    this.#put(of);
    return true;
  }

  /** For cockatiel, which has seen a call succeed: the circuit closes. */
  success(state: CircuitState): void {
    if (state !== CircuitState.HalfOpen) return;
    this.#outcomes = [];
    this.#oldest = 0;
    this.#failures = 0;
  }

  /** For cockatiel, which has seen the failure of a call that was put here already. */
  failure(state: CircuitState): boolean {
    if (state !== CircuitState.Closed) return true;
    const { length } = this.#outcomes;
    return length >= least && this.#failures > length / 2 && this.#isOfEnough();
  }

  #isOfEnough(): boolean {
    const { leastMany } = this.#counting;
    return leastMany <= 1 || new Set(this.#outcomes.filter((of) => of !== null)).size >= leastMany;
  }

  #countOf(of: object): number {
    let count = 0;
    for (const outcome of this.#outcomes) if (outcome === of) count += 1;
    return count;
  }

  #put(outcome: object | null): void {
    if (outcome !== null) this.#failures += 1;
    if (this.#outcomes.length < size) {
      this.#outcomes.push(outcome);
      return;
    }
    if (this.#outcomes[this.#oldest] !== null) this.#failures -= 1;
    this.#outcomes[this.#oldest] = outcome;
    this.#oldest = (this.#oldest + 1) % size;
  }
}
