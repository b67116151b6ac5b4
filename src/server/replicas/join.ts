import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Change } from '../../schema/events/watched-kinds.ts';
import { connectRedis } from '../../state/redis-client.ts';
import type { SealedStore } from '../../state/sealed-store.ts';
import { openRedisLink } from '../../watch/replicas/redis-link.ts';
import type { LinkState } from '../../watch/replicas/replica-link.ts';
import { type SharedWatchesOptions, shareWatches } from '../../watch/replicas/shared-watches.ts';
import type { Watches } from '../../watch/watches.ts';
import { isShownIn, readChange, writeChange } from '../graphql/changes.ts';
import { readRevoked, writeRevoked } from './revocation.ts';

export type ReplicasOptions = Pick<SharedWatchesOptions, 'sharedKey' | 'isRefused' | 'retryAfterMs'> & {
  readonly redis: { readonly url: string };
  /** what all replicas keep together, through the same Redis */
  readonly state: Pick<SealedStore, 'secretFor'>;
  /** base URL of the upstream: replicas with another one have nothing to share */
  readonly upstream: string;
  readonly pollIntervalMs: number;
  readonly pollIdleIntervalMs: number;
  /** Another replica saw a token refused. @param digest `tokenDigest` of it */
  onRevoked(digest: string): void;
  readonly log: Logger;
};

/** What other processes of this gateway are to this one. */
export type Replicas = {
  readonly state: LinkState;
  /** watches whose polls are shared by all replicas, as long as Redis can be reached */
  readonly watches: Watches;
  /** Has the watches of other replicas look at what was changed here. */
  announce(change: Change): void;
  /** Tells the other replicas of a token that was refused here. @param digest `tokenDigest` of it */
  revoke(digest: string): void;
  /** resolves when no connection to Redis is left; close the watches first */
  close(): Promise<void>;
};

/** A lease must outlast a hiccup of its holder, and not keep the others waiting for longer than a poll would. */
const leaseBoundsMs = { least: 500, most: 5000 };

/** Failures stretch the wait between two polls to this, if it is not longer anyway. */
const backoffLimitMs = 30_000;

/** A token that goes on being used after it was refused is not told of at each refusal. */
const sayAgainMs = 1000;

/** Joins the other replicas through Redis; until that works out, and whenever it does not, this one polls for itself. */
export function joinReplicas(own: Watches, options: ReplicasOptions): Replicas {
  const { redis, state, log, pollIntervalMs, pollIdleIntervalMs } = options;
  const leaseMs = Math.min(leaseBoundsMs.most, Math.max(leaseBoundsMs.least, pollIntervalMs));
  const link = openRedisLink({
    connect: (connection) => connectRedis(redis.url, connection),
    keySecret: () => state.secretFor('watches'),
    scope: options.upstream,
    leaseMs,
    onState(link, reason) {
      if (link === 'sharing') log.info({ replicas: link }, 'Redis can be reached: watches are shared between replicas');
      else log.warn({ replicas: link, reason }, 'Redis cannot be used: this replica polls for itself until it can');
    },
  });
  const watches = shareWatches(own, {
    link,
    leaseMs,
    interestMs: 3 * Math.max(pollIdleIntervalMs, backoffLimitMs),
    sharedKey: options.sharedKey,
    isRefused: options.isRefused,
    retryAfterMs: options.retryAfterMs,
  });
  const id = randomUUID();
  const revoked = new LRUCache<string, true>({ max: 10_000, ttl: sayAgainMs });
  const changes = link.open('changes', {
    onMessage(text) {
      const revocation = readRevoked(text);
      if (revocation !== null && revocation.from !== id) options.onRevoked(revocation.token);
      const change = readChange(text);
      if (change !== null && change.from !== id) own.pollSoon((key) => isShownIn(key, change));
    },
    onReset() {},
  });
  return {
    get state() {
      return link.state;
    },
    watches,
    // whoever does not hear of it sees it at the next poll
    announce: (change) => void (changes.isUp && changes.send(writeChange(change, id)).catch(() => {})),
    revoke(digest) {
      if (!changes.isUp || revoked.has(digest)) return;
      revoked.set(digest, true);
      // whoever does not hear of it is refused by ModelArts, once what it keeps is too old
      changes.send(writeRevoked(digest, id)).catch(() => revoked.delete(digest));
    },
    close: () => link.close(),
  };
}
