import type { ExecutionResult, GraphQLError } from 'graphql';
import { isAbort } from '../graphql/enveloped.ts';
import { plainResult } from '../graphql/errors/plain.ts';

export type Writable = { readonly result: ExecutionResult; readonly isLast: boolean };

/** graphql-sse would end the stream, and all other operations on it, over a result that has no JSON. */
export function writable(result: ExecutionResult, failed: (error: unknown) => ExecutionResult): Writable {
  try {
    JSON.stringify(result);
    return { result: result.errors === undefined ? result : { data: null, ...result }, isLast: false };
  } catch (error) {
    return { result: { data: null, ...plainResult(failed(error)) }, isLast: true };
  }
}

/** The results of one operation on a stream. What ends it is its last result: thrown, it would end the stream as well. */
export class WritableResults implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #results: AsyncIterator<ExecutionResult>;
  readonly #written: (result: ExecutionResult) => Writable;
  #isOver = false;

  constructor(results: AsyncIterable<ExecutionResult>, written: (result: ExecutionResult) => Writable) {
    this.#results = results[Symbol.asyncIterator]();
    this.#written = written;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const { done, value } = await this.#results.next();
      if (done === true) return { done, value: undefined };
      const { result, isLast } = this.#written(value);
      if (isLast) await this.return();
      return { done: false, value: result };
    } catch (error) {
      this.#isOver = true;
      if (isAbort(error)) return { done: true, value: undefined };
      // whatever was thrown stands in the place of an error
      return { done: false, value: { data: null, errors: [error as GraphQLError] } };
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#isOver = true;
    await this.#results.return?.();
    return { done: true, value: undefined };
  }

  /** graphql-sse ends those alone that have it. */
  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
