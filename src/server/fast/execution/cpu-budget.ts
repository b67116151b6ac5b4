export type CpuBudgetOptions = {
  /** of the time that passes */
  readonly share: number;
  /** ms that can be saved up; there from the start */
  readonly savedMs: number;
  /** ms of a clock that does not go back */
  readonly now: () => number;
};

/** Time that may be spent on what only pays later. What is begun may take more than there is: then nothing is, until that is made up for. */
export class CpuBudget {
  readonly #options: CpuBudgetOptions;
  #leftMs: number;
  #countedAt: number;

  constructor(options: CpuBudgetOptions) {
    this.#options = options;
    this.#leftMs = options.savedMs;
    this.#countedAt = options.now();
  }

  get isLeft(): boolean {
    const { share, savedMs, now } = this.#options;
    const at = now();
    this.#leftMs = Math.min(savedMs, this.#leftMs + share * (at - this.#countedAt));
    this.#countedAt = at;
    return this.#leftMs > 0;
  }

  spend(durationMs: number): void {
    this.#leftMs -= durationMs;
  }
}
