/**
 * How new an outcome must be to count. Every write of every replica has a number; an outcome bears that of the newest write
 * it is sure to show. Whoever judges outcomes waits for `numbered` first.
 */
export class WriteMark {
  #needed = 0;
  #numbered: Promise<void> = Promise.resolve();

  /** number of the newest write known here that no accepted outcome has shown yet; 0: none */
  get needed(): number {
    return this.#needed;
  }

  /** Resolves when every own write so far has its number, or will never get one. */
  get numbered(): Promise<void> {
    return this.#numbered;
  }

  hear(writes: number): void {
    this.#needed = Math.max(this.#needed, writes);
  }

  /** @param announced gives the number; a rejection means that no other replica will hear of the write */
  own(announced: Promise<number>): void {
    const numbered = announced.then(
      (writes) => this.hear(writes),
      () => {},
    );
    this.#numbered = Promise.all([this.#numbered, numbered]).then(() => {});
  }

  /** Whether an outcome with this number counts. */
  shows(writes: number): boolean {
    return writes >= this.#needed;
  }

  /** Such an outcome was accepted. Numbers start anew after a long time without writes: none is kept for longer than needed. */
  accept(writes: number): void {
    if (this.shows(writes)) this.#needed = 0;
  }

  reset(): void {
    this.#needed = 0;
  }
}
