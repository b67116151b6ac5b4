import { Cluster, type ClusterNode, Redis, type RedisOptions } from 'ioredis';

/** What is used of ioredis; one server, a replica set behind sentinels and a cluster have it alike. */
export type RedisClient = Pick<
  Redis,
  'get' | 'set' | 'del' | 'eval' | 'mget' | 'publish' | 'subscribe' | 'unsubscribe' | 'ping' | 'disconnect'
> & {
  readonly status: string;
  on(event: 'ready' | 'close' | 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'message', listener: (channel: string, text: string) => void): unknown;
  once(event: 'ready' | 'close' | 'end', listener: () => void): unknown;
  off(event: 'ready' | 'close' | 'end', listener: () => void): unknown;
};

/** with what ioredis reads in a query */
const oneServer = /^rediss?:\/\/[^/?#]/;
const form = /^redis(s?)\+(cluster|sentinel):\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^/?#]+)(?:\/([^/?#]*))?$/;
const host = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/;

/** One server as ioredis reads it, nodes of a cluster, or sentinels and the name of what they watch. */
type Place = {
  readonly kind: 'server' | 'cluster' | 'sentinel';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly name: string;
  readonly login: Pick<RedisOptions, 'username' | 'password' | 'tls'>;
};

/** @returns null: it is none of the forms docs/settings.md lists */
export function readRedisUrl(url: string): Place | null {
  if (oneServer.test(url)) return URL.canParse(url) ? { kind: 'server', nodes: [], name: '', login: {} } : null;
  const [, isSecure, kind, user, password, hosts = '', name = ''] = form.exec(url) ?? [];
  const isSentinel = kind === 'sentinel';
  const nodes = hosts.split(',').map((node) => {
    const [, found = '', port = isSentinel ? '26379' : '6379'] = host.exec(node) ?? [];
    return { host: found.replace(/^\[|\]$/g, ''), port: Number(port) };
  });
  if (nodes.some((node) => node.host === '' || node.port > 65535)) return null;
  if (isSentinel !== (name !== '')) return null;
  try {
    const login = {
      ...(user && { username: decodeURIComponent(user) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(isSecure && { tls: {} }),
    };
    return { kind: isSentinel ? 'sentinel' : 'cluster', nodes, name, login };
  } catch {
    return null;
  }
}

/**
 * Connects, and goes on trying; nothing is queued meanwhile.
 * @param options of each connection to a server
 */
export function connectRedis(url: string, options: RedisOptions): RedisClient {
  const place = readRedisUrl(url);
  if (place === null) throw new Error('REDIS_URL has no form that is known');
  const { kind, login, name } = place;
  const nodes = place.nodes.map((node) => ({ ...node }));
  if (kind === 'server') return new Redis(url, options);
  if (kind === 'sentinel') {
    const { retryStrategy } = options;
    return new Redis({
      ...options,
      ...login,
      ...(login.tls && { enableTLSForSentinelMode: true, sentinelTLS: login.tls }),
      sentinels: nodes,
      name,
      ...(retryStrategy && { sentinelRetryStrategy: retryStrategy }),
    });
  }
  const { retryStrategy, enableOfflineQueue, ...redisOptions } = options;
  const cluster: ClusterNode[] = nodes;
  return new Cluster(cluster, {
    redisOptions: { ...redisOptions, ...login },
    enableOfflineQueue: enableOfflineQueue ?? true,
    ...(retryStrategy && { clusterRetryStrategy: (times: number) => retryStrategy(times) ?? null }),
    slotsRefreshTimeout: 2000,
  });
}
