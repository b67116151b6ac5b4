import type { KeyLink, LinkListener, ReplicaLink } from '../../../src/watch/replicas/replica-link.ts';
import { shareWatches } from '../../../src/watch/replicas/shared-watches.ts';
import type { Watches } from '../../../src/watch/watches.ts';
import type { FakeClock } from '../watch/fake-clock.ts';

/** What Redis does for the replicas, in memory and on a fake clock. */
export type ReplicaHub = {
  /** everything sent, in order */
  readonly messages: string[];
  replica(): HubReplica;
  /** as if their holders had stood still for too long */
  expireLeases(): void;
};

export type HubReplica = {
  readonly link: ReplicaLink;
  /** no connection from now on */
  cut(): void;
  mend(): void;
  /** commands take this long from now on; messages still come at once */
  slowDown(durationMs: number): void;
  /** the process is gone: nothing it waits for comes, and nobody hears of it */
  kill(): void;
};

type HubKey = {
  lease: { readonly token: string; readonly until: number } | null;
  last: { readonly outcome: string; readonly until: number } | null;
  writes: number;
  readonly listeners: Map<LinkListener, HubState>;
};
type HubState = { isUp: boolean; isDead: boolean; commandMs: number };

export const leaseMs = 2000;

export function createReplicaHub(clock: FakeClock): ReplicaHub {
  const keys = new Map<string, HubKey>();
  const messages: string[] = [];

  function keyOf(name: string): HubKey {
    const key = keys.get(name) ?? { lease: null, last: null, writes: 0, listeners: new Map() };
    keys.set(name, key);
    if (key.lease !== null && key.lease.until <= clock.now()) key.lease = null;
    if (key.last !== null && key.last.until <= clock.now()) key.last = null;
    return key;
  }

  function tell(key: HubKey, text: string): void {
    messages.push(text);
    for (const [listener, state] of key.listeners) {
      queueMicrotask(() => state.isUp && !state.isDead && listener.onMessage(text));
    }
  }

  function announce(key: HubKey, from: string): number {
    key.writes += 1;
    tell(key, JSON.stringify({ type: 'write', from, writes: key.writes }));
    return key.writes;
  }

  function openKey(name: string, listener: LinkListener, state: HubState): KeyLink {
    const run = async <T>(command: (key: HubKey) => T): Promise<T> => {
      await (state.commandMs > 0 ? new Promise<void>((resolve) => clock.setTimeout(resolve, state.commandMs)) : null);
      if (state.isDead) return new Promise(() => {});
      if (!state.isUp) throw new Error('cut');
      return command(keyOf(name));
    };
    keyOf(name).listeners.set(listener, state);
    return {
      get isUp() {
        return state.isUp;
      },
      take: (token) =>
        run((key) => {
          if (key.lease !== null && key.lease.token !== token) return null;
          key.lease = { token, until: clock.now() + leaseMs };
          return key.writes;
        }),
      renew: (token) =>
        run((key) => {
          if (key.lease?.token !== token) return false;
          key.lease = { token, until: clock.now() + leaseMs };
          return true;
        }),
      publish: (token, outcome, { keepMs, isLast }) =>
        run((key) => {
          if (key.lease?.token !== token) return false;
          key.last = { outcome, until: clock.now() + keepMs };
          tell(key, outcome);
          if (isLast) key.lease = null;
          return true;
        }),
      send: (text) => run((key) => tell(key, text)),
      last: () => run((key) => ({ outcome: key.last?.outcome ?? null, writes: key.writes })),
      announceWrite: (from) => run((key) => announce(key, from)),
      release: (token) =>
        void run((key) => {
          if (key.lease?.token === token) key.lease = null;
        }).catch(() => {}),
      close: () => keyOf(name).listeners.delete(listener),
    };
  }

  return {
    messages,
    expireLeases() {
      for (const key of keys.values()) key.lease = null;
    },
    replica() {
      const state: HubState = { isUp: true, isDead: false, commandMs: 0 };
      const reset = () => {
        for (const key of keys.values()) {
          for (const [listener, owner] of key.listeners) if (owner === state) listener.onReset();
        }
      };
      return {
        link: {
          get state() {
            return state.isUp ? 'sharing' : 'alone';
          },
          open: (name, listener) => openKey(name, listener, state),
          announceWrite: (name) => {
            if (state.isUp && !state.isDead) announce(keyOf(name), 'elsewhere');
          },
          close: async () => {},
        },
        cut() {
          state.isUp = false;
          reset();
        },
        mend() {
          state.isUp = true;
          reset();
        },
        slowDown(durationMs) {
          state.commandMs = durationMs;
        },
        kill() {
          state.isDead = true;
        },
      };
    },
  };
}

/** The watches of one replica, shared through the hub. */
export const joinHub = (
  watches: Watches,
  { link }: HubReplica,
  options: {
    readonly clock: FakeClock;
    readonly sharedKey?: (key: string) => string;
    readonly retryAfterMs?: (error: unknown) => number | null;
  },
): Watches =>
  shareWatches(watches, {
    link,
    clock: options.clock,
    leaseMs,
    interestMs: 90_000,
    sharedKey: options.sharedKey ?? ((key) => key),
    retryAfterMs: options.retryAfterMs ?? (() => null),
  });
