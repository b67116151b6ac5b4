import type { Context } from '../core/context.ts';
import type { LoaderOf } from './loader.ts';
import { perOperation } from './operation-scope.ts';

/** For queries only: in an operation that lasts, a subscription, what was found would grow old. */
const found = perOperation(() => new Map<LoaderOf<unknown>, Map<string, unknown>>());

/**
 * Loads the objects of a page before its rows are resolved: these have them at once then, where they would otherwise wait,
 * each with promises of its own. An object that cannot be loaded fails the rows that ask for it, not the page.
 */
export async function readAhead<T>(loaderOf: LoaderOf<T>, ids: ReadonlySet<string>, context: Context): Promise<void> {
  if (ids.size === 0) return;
  const keys = [...ids];
  const loaded = await loaderOf(context).loadMany(keys);
  const byId = found(context).get(loaderOf) ?? new Map<string, unknown>();
  for (const [index, id] of keys.entries()) byId.set(id, loaded[index]);
  found(context).set(loaderOf, byId);
}

/**
 * An object read ahead; undefined when it was not.
 * @throws the error it could not be loaded for
 */
export function foundAhead<T>(loaderOf: LoaderOf<T>, id: string, context: Context): T | undefined {
  const object = found(context).get(loaderOf)?.get(id);
  if (object instanceof Error) throw object;
  // put there by `readAhead` under the same loader
  return object as T | undefined;
}
