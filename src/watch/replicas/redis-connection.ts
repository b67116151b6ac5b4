import type { Redis, RedisOptions } from 'ioredis';

/** Longest a command may take; a Redis that is slower is no help. */
const commandTimeoutMs = 250;
const connectTimeoutMs = 1000;
const leastRetryMs = 100;
const mostRetryMs = 2000;
/** How often it is looked whether both connections still carry: a dead one says nothing by itself. */
const heartbeatMs = 2000;

/** What is used of ioredis; a cluster has it too. */
export type RedisLike = Pick<
  Redis,
  'get' | 'set' | 'eval' | 'mget' | 'publish' | 'subscribe' | 'unsubscribe' | 'ping' | 'disconnect'
> & {
  readonly status: string;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'message', listener: (channel: string, text: string) => void): unknown;
  once(event: 'end', listener: () => void): unknown;
};

export type RedisConnectionOptions = {
  connect(options: RedisOptions): RedisLike;
  /** Makes a new connection ready for use; a rejection gives it up. */
  join(commands: RedisLike, subscriber: RedisLike): Promise<void>;
  onUp(): void;
  /** also when it could not be made in the first place, each time it is tried */
  onDown(reason: string): void;
  onMessage(channel: string, text: string): void;
};

/**
 * A connection for commands and one for messages, in use only while both are: any trouble with one takes both down, and they
 * are made anew, sooner at first and later every 2 s. Nothing is queued meanwhile: commands fail at once.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #commands: RedisLike;
  readonly #subscriber: RedisLike;
  readonly #pending = new Set<Promise<unknown>>();
  #isUp = false;
  #isJoining = false;
  #isClosed = false;
  /** since it was up last */
  #failures = 0;
  /** connections lost, ever */
  #losses = 0;
  #reason = 'the connection was closed';
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#commands = this.#connect();
    this.#subscriber = this.#connect();
    this.#subscriber.on('message', (channel: string, text: string) => options.onMessage(channel, text));
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** @throws Error the connection is down, or goes down by this command's failure */
  run<T>(command: (commands: RedisLike) => Promise<T>): Promise<T> {
    return this.#guard(() => command(this.#commands));
  }

  subscribe(channel: string): Promise<unknown> {
    return this.#guard(() => this.#subscriber.subscribe(channel));
  }

  unsubscribe(channel: string): Promise<unknown> {
    return this.#guard(() => this.#subscriber.unsubscribe(channel));
  }

  /** Waits for the commands in flight, as long as they may take. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#pending);
    this.#stopHeartbeat();
    await Promise.all([this.#commands, this.#subscriber].map(ended));
  }

  #connect(): RedisLike {
    const redis = this.#options.connect({
      enableOfflineQueue: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: commandTimeoutMs,
      connectTimeout: connectTimeoutMs,
      disconnectTimeout: commandTimeoutMs,
      disableClientInfo: true,
      retryStrategy: () => Math.min(leastRetryMs * 2 ** Math.min(this.#failures, 10), mostRetryMs),
    });
    redis.on('error', (error: Error) => {
      this.#reason = error.message;
    });
    redis.on('ready', () => void this.#join());
    redis.on('close', () => {
      this.#failures += 1;
      this.#losses += 1;
      this.#goDown(this.#reason);
    });
    return redis;
  }

  async #join(): Promise<void> {
    if (this.#isJoining || this.#commands.status !== 'ready' || this.#subscriber.status !== 'ready') return;
    this.#isJoining = true;
    const losses = this.#losses;
    try {
      await this.#options.join(this.#commands, this.#subscriber);
      if (losses !== this.#losses) throw new Error('the connection was closed');
      this.#isUp = !this.#isClosed;
    } catch (error) {
      this.#drop(error);
    } finally {
      this.#isJoining = false;
    }
    if (!this.#isUp) return;
    this.#failures = 0;
    this.#beatLater();
    this.#options.onUp();
  }

  async #guard<T>(command: () => Promise<T>): Promise<T> {
    if (!this.#isUp || this.#isClosed) throw new Error('The connection to Redis is down.');
    const running = command();
    this.#pending.add(running);
    try {
      return await running;
    } catch (error) {
      this.#drop(error);
      throw error;
    } finally {
      this.#pending.delete(running);
    }
  }

  /** Starts anew with both connections: what the other end has heard, and what it has not, is not known. */
  #drop(error: unknown): void {
    this.#reason = error instanceof Error ? error.message : String(error);
    this.#goDown(this.#reason);
    if (this.#isClosed) return;
    for (const redis of [this.#commands, this.#subscriber]) if (redis.status === 'ready') redis.disconnect(true);
  }

  #goDown(reason: string): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#stopHeartbeat();
    if (this.#isClosed) return;
    this.#options.onDown(reason);
    if (!wasUp) return;
    for (const redis of [this.#commands, this.#subscriber]) if (redis.status === 'ready') redis.disconnect(true);
  }

  #beatLater(): void {
    this.#heartbeat = setTimeout(() => {
      const beats = [this.#guard(() => this.#commands.ping()), this.#guard(() => this.#subscriber.ping())];
      Promise.all(beats).then(
        () => this.#isUp && this.#beatLater(),
        () => {},
      );
    }, heartbeatMs);
  }

  #stopHeartbeat(): void {
    if (this.#heartbeat !== null) clearTimeout(this.#heartbeat);
    this.#heartbeat = null;
  }
}

/** A Redis that has gone silent is not waited for. */
function ended(redis: RedisLike): Promise<void> {
  return new Promise((resolve) => {
    const isOpen = ['connect', 'ready'].includes(redis.status);
    const longest = setTimeout(resolve, isOpen ? 2 * commandTimeoutMs : 0);
    redis.once('end', () => {
      clearTimeout(longest);
      resolve();
    });
    redis.disconnect();
  });
}
