/**
 * A generator over a source that stops at once when its reader leaves.
 * An async generator alone would first wait for the source's next item, which may be long in coming.
 */
export function stopWithReader<T>(
  generator: AsyncGenerator<T>,
  source: AsyncIterator<unknown>,
): AsyncIterableIterator<T> {
  return {
    next: () => generator.next(),
    async return() {
      await source.return?.();
      return generator.return(undefined);
    },
    async throw(error: unknown) {
      await source.return?.();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
