import { isAsyncIterable, type Plugin } from 'graphql-yoga';

/** The context of a subscription whose events may have nobody to read them. */
type Abandonable = { events?: AsyncIterator<unknown> };

/** Ends what was subscribed to when the subscription came to nothing, for a hook behind it failed. Its place is behind all that subscribe. */
export const endAbandonedEvents = (): Plugin => ({
  onSubscribe({ subscribeFn, setSubscribeFn }) {
    setSubscribeFn(async (args) => {
      const events: unknown = await subscribeFn(args);
      // the context is an object that createContext made; the results are noted on it
      if (isAsyncIterable(events)) (args.contextValue as Abandonable).events = events[Symbol.asyncIterator]();
      return events;
    });
  },
  // HTTP only
  onExecutionResult: ({ context, result }) => (isAsyncIterable(result) ? undefined : abandon(context as Abandonable)),
});

/** @param context of a subscription that has no events to give */
export async function abandon({ events }: Abandonable): Promise<void> {
  await events?.return?.();
}
