import type { GraphQLResolveInfo } from 'graphql';

export type Data = Record<string, unknown>;

/** An object or a list of the answer. */
export type Place = Record<string | number, unknown>;

/** Puts a value, completed as its type wants it, into its place in the answer. Throws to give the run up. */
export type Complete = (run: Run, value: unknown, place: Place, key: string | number) => void;

/** Thrown to leave an operation to graphql-js. */
export class LeftToGraphqlError extends Error {}

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** What is promised in a list that nobody completes any more may fail: a rejection without a handler ends the process. */
export function letGo(value: unknown): void {
  if (!Array.isArray(value)) return;
  for (const item of value) if (isPromise(item)) item.then(undefined, () => {});
}

/** One run of a plan. */
export class Run {
  readonly context: unknown;
  readonly variables: Data;
  data: Data = {};
  /** by the index of a field: made once for all objects that have it */
  readonly args: (Record<string, unknown> | undefined)[] = [];
  readonly infos: (GraphQLResolveInfo | undefined)[] = [];
  #isGivenUp = false;
  #waiting = 0;
  #settle: ((data: Data | null) => void) | null = null;

  readonly #onError: ((error: unknown) => void) | undefined;

  constructor(context: unknown, variables: Data, onError?: (error: unknown) => void) {
    this.context = context;
    this.variables = variables;
    this.#onError = onError;
  }

  /** Completes what is promised when it comes. */
  wait(promise: PromiseLike<unknown>, complete: Complete, place: Place, key: string | number): void {
    this.#waiting += 1;
    // keeps the order of the fields
    place[key] = undefined;
    promise.then(
      (value) => {
        if (this.#isGivenUp) {
          letGo(value);
          return;
        }
        try {
          complete(this, value, place, key);
        } catch (error) {
          this.giveUp(error);
          return;
        }
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#settle?.(this.data);
      },
      (error: unknown) => this.giveUp(error),
    );
  }

  giveUp(error: unknown): void {
    if (!this.#isGivenUp && !(error instanceof LeftToGraphqlError)) this.#onError?.(error);
    this.#isGivenUp = true;
    this.#settle?.(null);
  }

  /** @returns null: it was given up */
  end(): Data | null | Promise<Data | null> {
    if (this.#isGivenUp) return null;
    if (this.#waiting === 0) return this.data;
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }
}
