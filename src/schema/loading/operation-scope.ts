import type { Context } from '../core/context.ts';

let count = 0;

/**
 * Something each operation has one of, made when it is asked for first. It is kept on the operation's context: a WeakMap by
 * contexts keeps what refers to its own context until the next full collection, and with it all the operation has read.
 */
export function perOperation<T>(make: (context: Context) => T): (context: Context) => T {
  const place = count++;
  return (context) => {
    context.own[place] ??= make(context);
    // nobody else has this place, and what was put in it is what `make` gave
    return context.own[place] as T;
  };
}
