import type { Session } from '../../modelarts/client/client.ts';
import type { ListenOptions } from '../../watch/watch.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';
import type { WatchSource } from '../../watch/watch-source.ts';
import type { Access, Context } from '../core/context.ts';

/** Things of one kind that a caller can see, watched by one shared poll for all who hold the same token. */
export type CallerWatch<Item> = {
  /**
   * Starts to listen now: to one item when `id` is given, else to all of the caller's.
   * @throws UnauthenticatedError, BadUserInputError as `context.access()` does
   */
  listen(context: Context, options?: ListenOptions<Item>): Promise<AsyncIterableIterator<WatchEvent<Item>>>;
  /** Tells subscribers what ModelArts answered to a change, without waiting for a poll; then polls. */
  publish(context: Context, access: Access, item: Item): void;
  /** Tells subscribers that ModelArts has deleted an item; then polls. */
  publishGone(context: Context, access: Access, id: string): void;
  /** Polls at once, after a change whose answer does not show the item. */
  pollAgain(context: Context, access: Access): void;
};

/**
 * @param kind names the watch among those of the caller: one of `watchedKinds`, so that the changes it shows are known
 * @param sourceOf asked for when the first listener comes; `open` gives a session of the caller for one poll
 */
export function callerWatch<Item>(
  kind: string,
  sourceOf: (open: (signal: AbortSignal) => Session, projectId: string) => WatchSource<Item>,
): CallerWatch<Item> {
  const keyOf = ({ watching }: Context, access: Access): string => watching.key(kind, access);
  return {
    async listen(context, options) {
      const { watches, session } = context.watching;
      const access = await context.access();
      return watches.listen(keyOf(context, access), () => sourceOf(session, access.projectId), options);
    },
    publish(context, access, item) {
      const key = keyOf(context, access);
      context.watching.watches.observe(key, item);
      context.watching.watches.wake(key);
    },
    publishGone(context, access, id) {
      const key = keyOf(context, access);
      context.watching.watches.forget(key, id);
      context.watching.watches.wake(key);
    },
    pollAgain: (context, access) => context.watching.watches.wake(keyOf(context, access)),
  };
}
