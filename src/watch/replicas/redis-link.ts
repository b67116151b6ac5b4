import { createHmac } from 'node:crypto';
import { RedisConnection, type RedisConnectionOptions, type RedisLike } from './redis-connection.ts';
import { publishScript, releaseScript, renewScript, takeScript, writeScript } from './redis-scripts.ts';
import type { KeyLink, LinkListener, LinkState, ReplicaLink } from './replica-link.ts';

/** Everything in Redis is below this; the number goes up when replicas would misread each other. */
const prefix = 'modelarts-gateway:1:';

/** Numbers of writes outlive every outcome that carries one. */
const writesLifetimeMs = 24 * 60 * 60 * 1000;

export type RedisLinkOptions = {
  /** opens a connection, with these options for it */
  readonly connect: RedisConnectionOptions['connect'];
  /** what the replicas and nobody else make names with; asked for at each new connection */
  readonly keySecret: () => Promise<string>;
  /** replicas with another scope (another upstream) have other keys */
  readonly scope: string;
  readonly leaseMs: number;
  /** The state has changed. The first one is announced, too. `reason`: what is wrong with Redis. */
  onState(state: LinkState, reason: string | null): void;
};

/** Connects the replicas through Redis: leases and numbers as keys, messages by publish and subscribe. Names are HMACs of the keys. */
export function openRedisLink(options: RedisLinkOptions): ReplicaLink {
  const { leaseMs } = options;
  /** by channel, while the link is up; names depend on the secret, which a restarted Redis may have lost */
  const byChannel = new Map<string, Set<OpenKey>>();
  const open = new Set<OpenKey>();
  let announced: LinkState | null = null;
  let secret = '';

  const announce = (state: LinkState, reason: string | null): void => {
    if (announced === state) return;
    announced = state;
    options.onState(state, reason);
  };

  /** in braces: a cluster keeps all of a watch in one slot */
  const nameOf = (key: string): string =>
    `${prefix}{${createHmac('sha256', secret).update(`${options.scope} ${key}`).digest('base64url')}}`;

  const connection = new RedisConnection({
    connect: options.connect,
    async join(commands, subscriber) {
      await assertWritable(commands);
      secret = await options.keySecret();
      byChannel.clear();
      for (const key of open) {
        addTo(nameOf(key.key), key);
        key.listening = Promise.resolve();
      }
      if (byChannel.size > 0) await subscriber.subscribe(...byChannel.keys());
    },
    onUp() {
      // keys opened while the others were subscribed to
      for (const key of open) if (!byChannel.get(nameOf(key.key))?.has(key)) listen(key);
      for (const key of open) key.listener.onReset();
      announce('sharing', null);
    },
    onDown(reason) {
      if (announced === 'sharing') for (const key of open) key.listener.onReset();
      announce('alone', reason);
    },
    onMessage(channel, text) {
      for (const key of byChannel.get(channel) ?? []) key.listener.onMessage(text);
    },
  });

  function addTo(channel: string, key: OpenKey): void {
    byChannel.set(channel, (byChannel.get(channel) ?? new Set()).add(key));
  }

  function listen(key: OpenKey): void {
    const channel = nameOf(key.key);
    addTo(channel, key);
    key.listening = connection.subscribe(channel);
    key.listening.catch(() => {});
  }

  function script(key: string, text: string, keys: readonly string[], ...args: (string | number)[]): Promise<unknown> {
    const names = keys.map((part) => `${nameOf(key)}:${part}`);
    return connection.run((commands) => commands.eval(text, names.length, ...names, ...args));
  }

  const announceWrite = async (key: string, from: string): Promise<number> =>
    Number(await script(key, writeScript, ['writes'], nameOf(key), from, writesLifetimeMs));

  return {
    get state() {
      return connection.isUp ? 'sharing' : 'alone';
    },
    open(key, listener): KeyLink {
      const own: OpenKey = { key, listener, listening: Promise.resolve() };
      open.add(own);
      if (connection.isUp) listen(own);
      return {
        get isUp() {
          return connection.isUp;
        },
        async take(lease) {
          await own.listening;
          const writes = await script(key, takeScript, ['lease', 'writes'], lease, leaseMs);
          return writes === null ? null : Number(writes);
        },
        renew: async (lease) => (await script(key, renewScript, ['lease'], lease, leaseMs)) === 1,
        async publish(lease, outcome, { keepMs, isLast }) {
          const args = [lease, nameOf(key), outcome, keepMs, isLast ? '1' : '0'];
          return (await script(key, publishScript, ['lease', 'last'], ...args)) === 1;
        },
        async send(message) {
          await own.listening;
          await connection.run((commands) => commands.publish(nameOf(key), message));
        },
        async last() {
          await own.listening;
          const names = [`${nameOf(key)}:last`, `${nameOf(key)}:writes`];
          const [outcome, writes] = await connection.run((commands) => commands.mget(names));
          return { outcome: outcome ?? null, writes: Number(writes ?? 0) };
        },
        announceWrite: (from) => announceWrite(key, from),
        release: (lease) => void script(key, releaseScript, ['lease'], lease).catch(() => {}),
        close() {
          open.delete(own);
          const channel = nameOf(key);
          const others = byChannel.get(channel);
          if (!others?.delete(own) || others.size > 0) return;
          byChannel.delete(channel);
          connection.unsubscribe(channel).catch(() => {});
        },
      };
    },
    announceWrite: (key) => void announceWrite(key, 'elsewhere').catch(() => {}),
    close: () => connection.close(),
  };
}

type OpenKey = { readonly key: string; readonly listener: LinkListener; listening: Promise<unknown> };

/** @throws Error Redis does not let itself be written to */
async function assertWritable(commands: RedisLike): Promise<void> {
  await commands.set(`${prefix}joined`, '1', 'PX', 1000);
}
