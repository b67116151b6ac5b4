import DataLoader from 'dataloader';
import type { Access, Context } from '../core/context.ts';
import { perOperation } from './operation-scope.ts';

/** Objects of one type by their ids; one that cannot be read is told as its error each time. */
export type Loader<T> = {
  load(id: string): Promise<T>;
  loadMany(ids: readonly string[]): Promise<readonly (T | Error)[]>;
  /** reads the object anew when it is asked for again */
  clear(id: string): unknown;
  clearAll(): unknown;
};

/** The loader of an operation. */
export type LoaderOf<T> = (context: Context) => Loader<T>;

/**
 * What Relay's `node` finds objects with: one that cannot be read is a promise that fails. Not the error as a value: Pothos
 * marks what is found with its type for good, and one error can be the reason for objects of several types.
 */
export const nodesOf =
  <T>(loaderOf: LoaderOf<T>) =>
  async (ids: string[], context: Context): Promise<readonly (T | Promise<never>)[]> => {
    const found = await loaderOf(context).loadMany(ids);
    return found.map((node) => (node instanceof Error ? failed(node) : node));
  };

/** Nobody may look at it before objects of other types are read, until when Node would take it for unhandled. */
function failed(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

/** Reads objects that one call can give several of: what is asked for at once is read at once. */
export const readTogether = <T>(
  read: (ids: readonly string[], access: Access) => Promise<readonly (T | Error)[]>,
): LoaderOf<T> =>
  perOperation((context) => new DataLoader<string, T>(async (ids) => read(ids, await context.access())));

/** Reads objects that take a call each: there is nothing to wait for others for. */
export const readEach = <T>(read: (id: string, access: Access) => Promise<T>): LoaderOf<T> =>
  perOperation((context) => new EachLoader(read, context));

class EachLoader<T> implements Loader<T> {
  readonly #read: (id: string, access: Access) => Promise<T>;
  readonly #context: Context;
  readonly #loaded = new Map<string, Promise<T>>();

  constructor(read: (id: string, access: Access) => Promise<T>, context: Context) {
    this.#read = read;
    this.#context = context;
  }

  load(id: string): Promise<T> {
    const known = this.#loaded.get(id);
    if (known !== undefined) return known;
    const access = this.#context.access();
    const loaded =
      access instanceof Promise ? access.then((granted) => this.#read(id, granted)) : this.#read(id, access);
    this.#loaded.set(id, loaded);
    return loaded;
  }

  loadMany(ids: readonly string[]): Promise<readonly (T | Error)[]> {
    return Promise.all(ids.map((id) => this.load(id).catch((error: Error) => error)));
  }

  clear(id: string): void {
    this.#loaded.delete(id);
  }

  clearAll(): void {
    this.#loaded.clear();
  }
}
