/**
 * A generator over a source that stops at once when its reader leaves.
 * An async generator alone would first wait for the source's next item, which may be long in coming.
 */
export const stopWithReader = <T>(
  generator: AsyncGenerator<T>,
  source: AsyncIterator<unknown>,
): AsyncIterableIterator<T> => new StoppedWithReader(generator, source);

class StoppedWithReader<T> implements AsyncIterableIterator<T> {
  readonly #generator: AsyncGenerator<T>;
  readonly #source: AsyncIterator<unknown>;

  constructor(generator: AsyncGenerator<T>, source: AsyncIterator<unknown>) {
    this.#generator = generator;
    this.#source = source;
  }

  next(): Promise<IteratorResult<T>> {
    return this.#generator.next();
  }

  async return(): Promise<IteratorResult<T>> {
    await this.#source.return?.();
    return this.#generator.return(undefined);
  }

  async throw(error: unknown): Promise<IteratorResult<T>> {
    await this.#source.return?.();
    return this.#generator.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
