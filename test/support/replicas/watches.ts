import type { ItemCodec, WatchSource } from '../../../src/watch/watch-source.ts';
import { createWatches, type Watches } from '../../../src/watch/watches.ts';
import { createFakeClock, type FakeClock } from '../watch/fake-clock.ts';
import {
  createWatchUpstream,
  type Failure,
  type Reader,
  read,
  type Thing,
  type WatchUpstream,
} from '../watch/upstream.ts';
import { createReplicaHub, type HubReplica, joinHub, type ReplicaHub } from './hub.ts';

export type Replica = HubReplica & {
  readonly watches: Watches;
  /** polls made by this replica itself */
  readonly polls: number[];
  source(): WatchSource<Thing>;
  read(id?: string): Reader;
};

const isFailure = (error: unknown): error is Failure =>
  typeof error === 'object' && error !== null && 'failure' in error;

const isThing = (value: unknown): value is Thing =>
  typeof value === 'object' && value !== null && 'id' in value && 'status' in value;

/** `note` stands for a secret: it stays behind. */
export const thingCodec: ItemCodec<Thing> = {
  encode: ({ id, status }) => ({ id, status }),
  decode: (value) => (isThing(value) ? value : null),
  encodeError: (error) => error,
  decodeError: (value) => value,
};

export const retryAfterMs = (error: unknown): number | null => (isFailure(error) ? (error.retryAfterMs ?? null) : null);

/** Replicas over one clock, one upstream and one hub: 2 s in transition, 30 s settled; without jitter unless `random` is given. */
export function arrangeReplicas(
  count: number,
  options: { readonly random?: () => number; readonly sharedKey?: (key: string, replica: number) => string } = {},
): { clock: FakeClock; upstream: WatchUpstream; hub: ReplicaHub; replicas: Replica[] } {
  const clock = createFakeClock();
  const upstream = createWatchUpstream(clock);
  const hub = createReplicaHub(clock);
  const replicas = Array.from({ length: count }, (_, index): Replica => {
    const replica = hub.replica();
    const polls: number[] = [];
    const own = createWatches({
      clock,
      random: options.random ?? (() => 0.5),
      transitionalIntervalMs: 2000,
      settledIntervalMs: 30_000,
      isFatal: (error) => isFailure(error) && error.failure === 'fatal',
      retryAfterMs,
    });
    const watches = joinHub(own, replica, {
      clock,
      retryAfterMs,
      sharedKey: (key) => options.sharedKey?.(key, index) ?? key,
    });
    const source = (): WatchSource<Thing> => {
      const plain = upstream.source();
      return {
        ...plain,
        codec: thingCodec,
        poll(request) {
          polls.push(clock.now());
          return plain.poll(request);
        },
      };
    };
    return { ...replica, watches, polls, source, read: (id) => read(watches.listen('key', source, { id })) };
  });
  return { clock, upstream, hub, replicas };
}
