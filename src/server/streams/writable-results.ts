import type { ExecutionResult, GraphQLError } from 'graphql';
import { isAbort } from '../../runtime/abort.ts';
import type { ResultText } from '../graphql/errors/failures.ts';

export type Writable = {
  readonly result: ExecutionResult;
  readonly isLast: boolean;
  /** characters of its JSON */
  readonly size: number;
};

/**
 * graphql-sse would end the stream, and all other operations on it, over a result that has no JSON.
 * @param written its JSON, or that of what is said in its place
 */
export function writable(result: ExecutionResult, { text, isFailure }: ResultText): Writable {
  if (isFailure) return { result: { data: null, ...JSON.parse(text) }, isLast: true, size: text.length };
  return { result: result.errors === undefined ? result : { data: null, ...result }, isLast: false, size: text.length };
}

type Reading = {
  readonly written: (result: ExecutionResult) => Writable;
  /** resolves when the next result may be asked for */
  readonly ready: () => Promise<void>;
  /** no more are asked for */
  readonly left: () => void;
};

/** The results of one operation on a stream. What ends it is its last result: thrown, it would end the stream as well. */
export class WritableResults implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #results: AsyncIterator<ExecutionResult>;
  readonly #written: (result: ExecutionResult) => Writable;
  readonly #ready: () => Promise<void>;
  readonly #left: () => void;
  #isOver = false;

  constructor(results: AsyncIterable<ExecutionResult>, { written, ready, left }: Reading) {
    this.#results = results[Symbol.asyncIterator]();
    this.#written = written;
    this.#ready = ready;
    this.#left = left;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    await this.#ready();
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
    this.#left();
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
