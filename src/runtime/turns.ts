/**
 * Work that would take long in one piece, done a piece at a time: between two pieces, whoever's, the event loop gets to all
 * else that waits. Those who have several pieces left take turns.
 */
class Turns {
  readonly #waiting = new Set<Turn>();
  #isDue = false;

  add(turn: Turn): void {
    this.#waiting.add(turn);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const [turn] = this.#waiting;
    this.#isDue = false;
    if (turn === undefined) return;
    this.#waiting.delete(turn);
    // behind the others, if there is more to do
    if (turn.take()) this.#waiting.add(turn);
    if (this.#waiting.size === 0) return;
    this.#isDue = true;
    setImmediate(this.#next);
  };
}

const turns = new Turns();

/** The pieces of one piece of work that wait, in their order. */
export class Turn {
  #pieces: (() => void)[] = [];

  /** Resolves when it is this work's turn again. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#pieces.push(resolve);
      if (this.#pieces.length === 1) turns.add(this);
    });
  }

  /** @returns whether more wait */
  take(): boolean {
    this.#pieces.shift()?.();
    return this.#pieces.length > 0;
  }
}
