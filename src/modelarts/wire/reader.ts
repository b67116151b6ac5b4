import type { Decoder } from './operation.ts';
import { type Check, object, text, type Wire } from './read.ts';

/** Reads one upstream object as ours; null when it is not what it should be. Tells nothing of drift. */
export type Reader<T> = (body: unknown) => T | null;

/**
 * Reader of objects that are nothing without an id.
 * @param read makes a plain object: what is spread, compared or written as JSON holds every field
 */
export const withId =
  <T>(read: (wire: Wire, id: string) => T): Reader<T> =>
  (body) => {
    const wire = object(body);
    const id = wire && text(wire.id);
    return wire === null || id === null || id === '' ? null : read(wire, id);
  };

/** A reader that tells at once of all the contract does not know, whether it is ever read or not. */
export const decoderOf =
  <T>(read: Reader<T>, check: Check): Decoder<T> =>
  (body, drift) => {
    const item = read(body);
    if (item !== null) check(body, drift);
    return item;
  };
