import type { Decoder } from './operation.ts';
import { type Check, object, text, type Wire } from './read.ts';

/** How each field of an object is read from the upstream's. */
export type Fields<T> = { readonly [K in keyof T]-?: (wire: Wire) => T[K] };

/** Reads one upstream object as ours; null when it is not what it should be. Tells nothing of drift. */
export type Reader<T> = (body: unknown) => T | null;

/**
 * Objects over the upstream's that read a field when it is asked for, each time anew: of the 30 fields of a row a query
 * selects ten. They have getters and no properties of their own, so they can be neither spread nor written as JSON.
 */
export function lazy<T extends object>(fields: Fields<T>): (wire: Wire) => T {
  class Lazy {
    readonly #wire: Wire;

    constructor(wire: Wire) {
      this.#wire = wire;
    }

    static {
      for (const [name, read] of Object.entries<(wire: Wire) => unknown>(fields)) {
        Object.defineProperty(Lazy.prototype, name, {
          get(this: Lazy) {
            return read(this.#wire);
          },
          enumerable: true,
        });
      }
    }
  }
  return (wire) => new Lazy(wire) as unknown as T;
}

/** Reader of objects that are nothing without an id. */
export function withId<T extends object>(fields: Fields<T>): Reader<T> {
  const over = lazy(fields);
  return (body) => {
    const wire = object(body);
    const id = wire && text(wire.id);
    return wire === null || id === null || id === '' ? null : over(wire);
  };
}

/** A reader that tells at once of all the contract does not know, whether it is ever read or not. */
export const checked =
  <T>(read: Reader<T>, check: Check): Decoder<T> =>
  (body, drift) => {
    const item = read(body);
    if (item !== null) check(body, drift);
    return item;
  };
