import type { ListenOptions } from '../../../src/watch/watch.ts';
import type { WatchEvent } from '../../../src/watch/watch-event.ts';
import type { WatchSource } from '../../../src/watch/watch-source.ts';
import { createWatches, type Watches, type WatchesOptions } from '../../../src/watch/watches.ts';
import { createFakeClock, type FakeClock, settle } from './fake-clock.ts';

export type Thing = { readonly id: string; readonly status: string; readonly note?: string };

export type Failure = {
  readonly failure: 'passing' | 'fatal';
  readonly retryAfterMs?: number;
  readonly isUnasked?: boolean;
};

/** An upstream in memory that answers polls with what it held when they started. */
export type WatchUpstream = {
  readonly things: Map<string, Thing>;
  /** ms a poll takes; 0 = answered at once */
  latencyMs: number;
  /** what polls reject with */
  failure: Failure | null;
  /** leave out what nobody is interested in, as a source does that reads item by item */
  isFiltering: boolean;
  readonly polls: {
    readonly at: number;
    readonly interest: ReadonlySet<string> | null;
    readonly signal: AbortSignal;
  }[];
  put(...things: Thing[]): void;
  source(): WatchSource<Thing>;
};

export function createWatchUpstream(clock: FakeClock): WatchUpstream {
  const upstream: WatchUpstream = {
    things: new Map(),
    latencyMs: 0,
    failure: null,
    isFiltering: false,
    polls: [],
    put(...things) {
      for (const thing of things) upstream.things.set(thing.id, thing);
    },
    source: () => ({
      async poll({ signal, interest }) {
        upstream.polls.push({ at: clock.now(), interest, signal });
        const { failure } = upstream;
        const all = [...upstream.things.values()];
        const answer = upstream.isFiltering ? all.filter(({ id }) => interest === null || interest.has(id)) : all;
        if (upstream.latencyMs > 0) await delay(clock, upstream.latencyMs, signal);
        if (failure !== null) throw failure;
        return answer;
      },
      id: (thing) => thing.id,
      isEqual: (a, b) => a.status === b.status,
      isTransitional: (thing) => thing.status === 'STARTING',
    }),
  };
  return upstream;
}

function delay(clock: FakeClock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(resolve, delayMs);
    signal.addEventListener('abort', () => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Clock, upstream and watches: 2 s in transition, 30 s settled, no jitter. */
export function arrange(options: Partial<WatchesOptions> = {}) {
  const clock = createFakeClock();
  const upstream = createWatchUpstream(clock);
  const watches = createWatches({
    clock,
    random: () => 0.5,
    transitionalIntervalMs: 2000,
    settledIntervalMs: 30_000,
    graceMs: 300,
    isFatal: (error) => isFailure(error) && error.failure === 'fatal',
    retryAfterMs: (error) => (isFailure(error) ? (error.retryAfterMs ?? null) : null),
    isUnasked: (error) => isFailure(error) && error.isUnasked === true,
    ...options,
  });
  return { clock, upstream, watches, listen: listenOn(watches, upstream) };
}

const isFailure = (error: unknown): error is Failure =>
  typeof error === 'object' && error !== null && 'failure' in error;

const listenOn =
  (watches: Watches, upstream: WatchUpstream) =>
  (options: ListenOptions<Thing> = {}) =>
    watches.listen('key', upstream.source, options);

export type Reader = {
  readonly events: WatchEvent<Thing>[];
  /** 'open' until the iterator is done or has thrown */
  readonly end: 'open' | 'done' | { readonly error: unknown };
  leave(): Promise<void>;
};

/** Reads all there is, as it comes. */
export function read(iterator: AsyncIterableIterator<WatchEvent<Thing>>): Reader {
  const events: WatchEvent<Thing>[] = [];
  let end: Reader['end'] = 'open';
  const reading = (async () => {
    for (;;) {
      const result = await iterator.next();
      if (result.done) return;
      events.push(result.value);
    }
  })();
  reading.then(
    () => {
      end = 'done';
    },
    (error: unknown) => {
      end = { error };
    },
  );
  return {
    events,
    get end() {
      return end;
    },
    async leave() {
      await iterator.return?.();
      await settle();
    },
  };
}

/** `SNAPSHOT a=RUNNING b=STARTING`, `MODIFIED a=STOPPED`: what an event says, without when. */
export function say(event: WatchEvent<Thing>): string {
  const one = (thing: Thing) => `${thing.id}=${thing.status}`;
  if (event.kind === 'SNAPSHOT') {
    return [event.isReset ? 'RESET' : 'SNAPSHOT', ...event.items.map(one).sort()].join(' ');
  }
  if (event.kind === 'ADDED' || event.kind === 'MODIFIED') return `${event.kind} ${one(event.item)}`;
  return event.kind === 'REMOVED' ? `REMOVED ${event.previous.id}` : event.kind;
}

export const told = (reader: Reader): string[] => reader.events.map(say);
