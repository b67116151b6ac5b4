import type { RedisOptions } from 'ioredis';
import { connectRedis, type RedisClient } from './redis-client.ts';
import { deleteScript, prolongScript, replaceScript, spendScript } from './redis-scripts.ts';
import { type StateStore, StateUnavailableError } from './state-store.ts';

/** Longest a command waits for a connection that is being made, and then for its answer, ms. */
const connectWaitMs = 1000;
const commandTimeoutMs = 1000;
/** How often it is looked whether both connections still carry: a dead one says nothing by itself. */
const heartbeatMs = 5000;

/** Records as they are, without seals or hashes. */
export type RedisStore = StateStore & {
  /** connections made so far: what was read over another one may be gone */
  readonly connections: number;
};

const options: RedisOptions = {
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: commandTimeoutMs,
  connectTimeout: connectWaitMs,
  disconnectTimeout: 250,
  disableClientInfo: true,
  retryStrategy: (times: number) => Math.min(100 * 2 ** Math.min(times, 10), 2000),
};

/** A store in Redis: one server, a replica set or a cluster. Every command has one key. */
export function openRedisStore({ url }: { readonly url: string }): RedisStore {
  const listeners = new Map<string, Set<(message: string) => void>>();
  const running = new Set<Promise<unknown>>();
  let connections = 0;
  let isClosed = false;
  let reason = 'it is being connected to';

  const connect = (): RedisClient => {
    const client = connectRedis(url, options);
    client.on('error', (error) => {
      reason = error.message;
    });
    return client;
  };
  const commands = connect();
  commands.on('ready', () => {
    connections += 1;
  });
  const subscriber = connect();
  subscriber.on('ready', () => {
    if (listeners.size > 0) subscriber.subscribe(...listeners.keys()).catch(() => subscriber.disconnect(true));
  });
  subscriber.on('message', (channel, message) => {
    for (const listener of listeners.get(channel) ?? []) listener(message);
  });

  const heartbeat = setInterval(() => {
    for (const client of [commands, subscriber]) {
      if (client.status === 'ready') client.ping().catch(() => !isClosed && client.disconnect(true));
    }
  }, heartbeatMs);
  heartbeat.unref();

  /** @throws StateUnavailableError whatever goes wrong */
  async function run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (isClosed) throw new StateUnavailableError('the gateway is shutting down');
    if (commands.status !== 'ready') await ready(commands);
    if (commands.status !== 'ready') throw new StateUnavailableError(reason);
    const asking = command(commands);
    running.add(asking);
    try {
      return await asking;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      // what came over it may be half of it
      if (reason.includes('timed out') && !isClosed && commands.status === 'ready') commands.disconnect(true);
      throw new StateUnavailableError(reason, { cause: error });
    } finally {
      running.delete(asking);
    }
  }

  return {
    isShared: true,
    stats: null,
    get connections() {
      return connections;
    },
    get: (key) => run((client) => client.get(key)),
    add: async (key, value, { ttlMs }) => (await run((client) => client.set(key, value, 'PX', ttlMs, 'NX'))) === 'OK',
    async set(key, value, { ttlMs }) {
      await run((client) => client.set(key, value, 'PX', ttlMs));
    },
    replace: async (key, { expected, value }, { ttlMs }) =>
      (await run((client) => client.eval(replaceScript, 1, key, expected, value, ttlMs))) === 1,
    delete: async (key, expected) =>
      (await run((client) =>
        expected === undefined ? client.del(key) : client.eval(deleteScript, 1, key, expected),
      )) === 1,
    prolong: async (key, expected, ttlMs) =>
      (await run((client) => client.eval(prolongScript, 1, key, expected, ttlMs))) === 1,
    spend: async (key, { cost, burst, perSecond }) =>
      Number(await run((client) => client.eval(spendScript, 1, key, 1_000_000 / perSecond, cost, burst))),
    async publish(channel, message) {
      await run((client) => client.publish(channel, message));
    },
    async subscribe(channel, listener) {
      const heard = listeners.get(channel) ?? new Set();
      listeners.set(channel, heard.add(listener));
      if (subscriber.status === 'connecting' || subscriber.status === 'connect') await ready(subscriber);
      // when it is not up, it is subscribed to once it is
      if (subscriber.status === 'ready') await subscriber.subscribe(channel).catch(() => subscriber.disconnect(true));
      return async () => {
        heard.delete(listener);
        if (heard.size > 0 || listeners.get(channel) !== heard) return;
        listeners.delete(channel);
        if (subscriber.status === 'ready') await subscriber.unsubscribe(channel).catch(() => {});
      };
    },
    async close() {
      isClosed = true;
      clearInterval(heartbeat);
      await Promise.allSettled(running);
      listeners.clear();
      await Promise.all([commands, subscriber].map(ended));
    },
  };
}

/** Resolves when it can be used, or has been waited for long enough. */
function ready(client: RedisClient): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(longest);
      client.off('ready', end);
      client.off('end', end);
      resolve();
    };
    const longest = setTimeout(end, connectWaitMs);
    client.once('ready', end);
    client.once('end', end);
  });
}

/** A Redis that has gone silent is not waited for. */
function ended(client: RedisClient): Promise<void> {
  return new Promise((resolve) => {
    const longest = setTimeout(resolve, client.status === 'ready' ? 500 : 0);
    client.once('end', () => {
      clearTimeout(longest);
      resolve();
    });
    client.disconnect();
  });
}
