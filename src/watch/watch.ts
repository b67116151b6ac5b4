import { Audience, type Listener } from './audience.ts';
import type { Clock, Timer } from './clock.ts';
import { KnownItems } from './known-items.ts';
import { ListenerIterator } from './listener-iterator.ts';
import { ListenerQueue } from './listener-queue.ts';
import { PollLoop } from './poll-loop.ts';
import { covers, isFirstState, type PollResult } from './poll-result.ts';
import { UpstreamHealth, type UpstreamHealthOptions } from './upstream-health.ts';
import type { Change, WatchEvent } from './watch-event.ts';
import type { WatchSource } from './watch-source.ts';

export type WatchSettings = Omit<UpstreamHealthOptions, 'startedAt'> & {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly queueLimit: number;
  readonly ringSize: number;
  isFatal(error: unknown): boolean;
  /** a poll starts; `listeners` share it */
  onPoll(listeners: number): void;
  /** a listener reads too slowly: so many events it will not read; `isLag`: it fell behind just now */
  onShortened(dropped: number, isLag: boolean): void;
};

export type ListenOptions<Item> = {
  /** listen to this item only */
  readonly id?: string | undefined;
  /**
   * The listener ends at this state of its item, undefined: it is not there. Its first state is such a one only when it was
   * read after it began to listen, however new another one is.
   */
  readonly endsAt?: ((item: Item | undefined) => boolean) | undefined;
  /** `sequence` of the last event read before: go on behind it */
  readonly since?: string | undefined;
  /** ends the listener */
  readonly signal?: AbortSignal | undefined;
};

/** Between polls that newcomers or changes by others ask for: a quarter of the interval of what is in transition, and this at most. */
const longestGapMs = 500;

/** One key: one loop of polls, any number of listeners. */
export class Watch<Item> {
  readonly #settings: WatchSettings;
  readonly #known: KnownItems<Item>;
  readonly #audience = new Audience<Item>();
  readonly #loop: PollLoop;
  readonly #health: UpstreamHealth;
  readonly #onStop: (ended: Promise<void>) => void;
  #source: WatchSource<Item>;
  #graceTimer: Timer | null = null;
  #isStopped = false;
  /** number of the newest poll started */
  #poll = 0;
  /** Unix ms when it started */
  #polledAt = Number.NEGATIVE_INFINITY;
  /** polls before this one know nothing of our own last write */
  #firstCurrentPoll = 0;
  /** items of our own writes during the poll in flight, which may have seen the upstream before them */
  readonly #written = new Set<string>();
  #result: PollResult | null = null;
  /** a listener went on behind its resume point, and no poll has started since */
  #isPollDue = false;
  #isTransitional = false;

  /** @param onStop the watch is over; `ended` resolves when no poll is left */
  constructor(source: WatchSource<Item>, settings: WatchSettings, onStop: (ended: Promise<void>) => void) {
    this.#source = source;
    this.#settings = settings;
    this.#onStop = onStop;
    this.#known = new KnownItems(settings.ringSize);
    this.#health = new UpstreamHealth({ ...settings, startedAt: settings.clock.now() });
    this.#loop = new PollLoop({
      clock: settings.clock,
      poll: (signal) => this.#pollOnce(signal),
      delayMs: () => this.#delayMs(),
      leastDelayMs: () => this.#health.leastDelayMs,
    });
  }

  get listeners(): number {
    return this.#audience.size;
  }

  /** Unix ms; the watch's start counts as one */
  get lastGoodAt(): number {
    return this.#health.lastGoodAt;
  }

  listen({ id, since, endsAt, signal }: ListenOptions<Item>): AsyncIterableIterator<WatchEvent<Item>> {
    const leave = () => {
      signal?.removeEventListener('abort', leave);
      listener.queue.end();
      this.#leave(listener);
    };
    const listener = this.#join({ id, since, endsAt, leave });
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted) leave();
    return new ListenerIterator(listener.queue, leave);
  }

  wake(): void {
    this.#firstCurrentPoll = this.#poll + 1;
    this.#loop.request();
  }

  /**
   * Polls in a while: something was changed by others.
   * @param delayMs asked for only when that takes a poll
   */
  pollSoon(delayMs: () => number): void {
    this.#firstCurrentPoll = this.#poll + 1;
    if (this.#audience.size === 0 || this.#loop.isRequested || this.#health.isFailing) return;
    this.#loop.request(Math.max(delayMs(), this.#gapLeftMs()));
  }

  observe(item: Item): void {
    const id = this.#source.id(item);
    this.#written.add(id);
    this.#publish(id, this.#known.set(id, item, this.#seenNow()));
    if (this.#audience.wants(id) && this.#source.isTransitional(item)) this.#isTransitional = true;
    this.#loop.plan();
  }

  forget(id: string): void {
    this.#written.add(id);
    this.#publish(id, this.#known.remove(id, this.#settings.clock.now()));
  }

  replaceSource(source: WatchSource<Item>): void {
    this.#source = source;
    if (this.#health.isFailing) this.#loop.request();
  }

  /** Ends all listeners: at once, or with an error behind what they have not read yet. */
  stop(failure?: { readonly error: unknown }): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#endGrace();
    for (const listener of this.#audience.everyone) {
      if (failure === undefined) {
        listener.leave();
      } else {
        listener.queue.fail(failure.error);
        this.#audience.leave(listener);
      }
    }
    const ended = this.#loop.stop();
    this.#source.close?.();
    this.#onStop(ended);
  }

  #join({
    id,
    since,
    endsAt,
    leave,
  }: Omit<ListenOptions<Item>, 'signal'> & Pick<Listener<Item>, 'leave'>): Listener<Item> {
    this.#endGrace();
    const isResumable = since !== undefined && this.#known.replay(since, id) !== null;
    // what is remembered is given to those only whose credentials the upstream took since the last poll was due
    const isReplayed = isResumable && this.#isUpToDate();
    const isFresh = this.#isFresh(id) && (isResumable || endsAt === undefined || !this.#mayEndEarly(id, endsAt));
    const listener: Listener<Item> = {
      id,
      leave,
      queue: this.#openQueue(id),
      since: isResumable ? since : undefined,
      isReset: since !== undefined && !isResumable,
      awaitedPoll: isReplayed || isFresh ? null : this.#nextCurrentPoll(),
      ownPoll: this.#poll + 1,
      endsAt: endsAt ?? (() => false),
    };
    this.#audience.join(listener);
    if (listener.awaitedPoll === null) this.#greet(listener);
    if (this.#health.fault !== null) listener.queue.push(this.#health.fault);
    if (!this.#isTransitional) this.#isTransitional = this.#hasTransitional(id);
    if (!isFresh && isReplayed) this.#isPollDue = true;
    // during failures a newcomer waits for the retry that is due: a crowd of them must not undo the backoff
    if (!isFresh && !this.#health.isFailing && !this.#loop.isPolling) this.#loop.request(this.#gapFor(id));
    this.#loop.resume();
    return listener;
  }

  #leave(listener: Listener<Item>): void {
    if (!this.#audience.leave(listener) || this.#audience.size > 0 || this.#isStopped) return;
    this.#loop.pause();
    this.#source.rest?.();
    // a watch started anew would not know of a Retry-After
    const graceMs = Math.max(this.#settings.graceMs, this.#health.leastDelayMs);
    this.#graceTimer = this.#settings.clock.setTimeout(() => this.stop(), graceMs);
  }

  #endGrace(): void {
    if (this.#graceTimer !== null) this.#settings.clock.clearTimeout(this.#graceTimer);
    this.#graceTimer = null;
  }

  #openQueue(id: string | undefined): ListenerQueue<Item> {
    return new ListenerQueue<Item>({
      limit: this.#settings.queueLimit,
      onShortened: this.#settings.onShortened,
      rules: { id: (item) => this.#source.id(item), isEqual: (a, b) => this.#source.isEqual(a, b) },
      snapshot: () => this.#known.snapshot(id, { observedAt: this.#health.lastGoodAt, isReset: true }),
    });
  }

  async #pollOnce(signal: AbortSignal): Promise<void> {
    this.#poll += 1;
    this.#polledAt = this.#settings.clock.now();
    this.#isPollDue = false;
    this.#written.clear();
    this.#settings.onPoll(this.#audience.size);
    const source = this.#source;
    const interest = this.#audience.interest();
    const isNew = this.#isEndInDoubt();
    let heardAgeMs: number | null = null;
    const onHeard = (ageMs: number): void => {
      heardAgeMs = ageMs;
    };
    let items: readonly Item[];
    try {
      items = await source.poll({ signal, interest, isNew, onHeard });
    } catch (error) {
      if (signal.aborted) return;
      // an outdated source proves nothing about the one in its place
      if (source === this.#source) this.#fail(error);
      else this.#loop.request();
      return;
    }
    try {
      this.#take(items, { interest, heardAgeMs });
    } catch (error) {
      // a source that cannot compare its own items will not learn it by the next poll
      this.stop({ error });
    }
  }

  #take(
    items: readonly Item[],
    { interest, heardAgeMs }: Pick<PollResult, 'interest'> & { heardAgeMs: number | null },
  ): void {
    const seen = this.#seenNow();
    const found = new Map(items.map((item) => [this.#source.id(item), item]));
    const recovery = this.#health.succeed(seen.observedAt);
    if (recovery !== null) this.#audience.announce(recovery);
    // one after the other, so that what is known is at all times the state behind the newest event
    for (const [id, item] of found) if (!this.#written.has(id)) this.#publish(id, this.#known.set(id, item, seen));
    for (const id of this.#known.ids) {
      const isMissing = !found.has(id) && (interest === null || interest.has(id));
      if (isMissing && !this.#written.has(id)) this.#publish(id, this.#known.remove(id, seen.observedAt));
    }
    const answeredAt = seen.observedAt - (heardAgeMs ?? 0);
    const result = { poll: this.#poll, isHeard: heardAgeMs !== null, answeredAt, interest, found };
    this.#result = result;
    for (const listener of this.#audience.waiting) {
      if (isFirstState(result, listener, this.#stateOf(listener.id))) this.#greet(listener);
    }
    if (this.#isPollDue) this.#loop.request(this.#gapLeftMs());
    for (const { id } of this.#audience.waiting) this.#loop.request(this.#gapFor(id));
    this.#isTransitional = this.#anyTransitional();
  }

  #fail(error: unknown): void {
    if (this.#settings.isFatal(error)) {
      this.stop({ error });
      return;
    }
    const fault = this.#health.fail(error, this.#settings.clock.now());
    if (fault !== null) this.#audience.announce(fault);
  }

  #publish(id: string, change: Change<Item> | null): void {
    if (change !== null) this.#audience.publish(id, change);
  }

  #greet(listener: Listener<Item>): void {
    const { id, since, queue } = listener;
    const replay = since === undefined ? null : this.#known.replay(since, id);
    const isReset = listener.isReset || (since !== undefined && replay === null);
    if (replay !== null) for (const change of replay) queue.push(change);
    else queue.push(this.#known.snapshot(id, { observedAt: this.#health.lastGoodAt, isReset }));
    this.#audience.settle(listener);
  }

  #seenNow() {
    return { observedAt: this.#settings.clock.now(), isEqual: (a: Item, b: Item) => this.#source.isEqual(a, b) };
  }

  #delayMs(): number {
    return this.#health.delayMs(this.#isTransitional || this.#audience.waiting.size > 0);
  }

  /** A listener that comes now would end at what is known, or at what a poll under way may have seen before. */
  #mayEndEarly(id: string | undefined, endsAt: Listener<Item>['endsAt']): boolean {
    return this.#loop.isPolling || endsAt(this.#stateOf(id));
  }

  /** Somebody waits for a state, and would end at the one that is known: that has to be read anew. */
  #isEndInDoubt(): boolean {
    for (const { id, endsAt } of this.#audience.waiting) {
      if (this.#result !== null && covers(this.#result, id) && endsAt(this.#stateOf(id))) return true;
    }
    return false;
  }

  #stateOf(id: string | undefined): Item | undefined {
    return id === undefined ? undefined : this.#known.get(id);
  }

  /** Ms until what was just polled is polled again for the sake of newcomers, who may come in any number. */
  #gapFor(id: string | undefined): number {
    return this.#result !== null && covers(this.#result, id) ? this.#gapLeftMs() : 0;
  }

  #gapLeftMs(): number {
    const gapMs = Math.min(longestGapMs, this.#settings.transitionalIntervalMs / 4);
    return Math.min(gapMs, Math.max(0, this.#polledAt + gapMs - this.#settings.clock.now()));
  }

  /** The newest poll says what `id` is now: it is no older than what changes by itself may get, nor than our own last write. */
  #isFresh(id: string | undefined): boolean {
    const result = this.#result;
    if (result === null || result.poll < this.#firstCurrentPoll || this.#health.isFailing || !covers(result, id))
      return false;
    const ageMs = this.#settings.clock.now() - result.answeredAt;
    return ageMs >= 0 && ageMs < Math.min(this.#settings.transitionalIntervalMs, this.#delayMs());
  }

  /** No poll is due that has not been made. */
  #isUpToDate(): boolean {
    if (this.#result === null) return false;
    const { transitionalIntervalMs, settledIntervalMs, clock } = this.#settings;
    const ageMs = clock.now() - this.#result.answeredAt;
    return ageMs >= 0 && ageMs <= (this.#isTransitional ? transitionalIntervalMs : settledIntervalMs);
  }

  #nextCurrentPoll(): number {
    return Math.max(this.#firstCurrentPoll, this.#loop.isPolling ? this.#poll : this.#poll + 1);
  }

  #hasTransitional(id: string | undefined): boolean {
    if (id === undefined) return this.#known.some((item) => this.#source.isTransitional(item));
    const item = this.#known.get(id);
    return item !== undefined && this.#source.isTransitional(item);
  }

  #anyTransitional(): boolean {
    const interest = this.#audience.interest();
    if (interest === null) return this.#hasTransitional(undefined);
    for (const id of interest) if (this.#hasTransitional(id)) return true;
    return false;
  }
}
