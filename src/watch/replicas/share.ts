import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ItemCodec, WatchSource } from '../watch-source.ts';
import { covers, type Interest, isNobodys, OtherInterests, union } from './interest.ts';
import { KeyLease } from './key-lease.ts';
import { type Message, type Outcome, type Received, readMessage, readOutcome, writeMessage } from './message.ts';
import { pause } from './pause.ts';
import type { KeyLink, ReplicaLink } from './replica-link.ts';
import { WriteMark } from './write-mark.ts';

export type ShareOptions = {
  readonly link: ReplicaLink;
  readonly key: string;
  readonly clock: Clock;
  /** ms until the lease of a replica that died is free */
  readonly leaseMs: number;
  /** ms after which the interest of a silent replica is forgotten; longer than any time between two polls */
  readonly interestMs: number;
  /** ms the upstream asked to be left alone */
  retryAfterMs(error: unknown): number | null;
  /** there is something to poll for, or a poll by another replica to be picked up */
  onNews(): void;
};

type Request = Parameters<WatchSource<never>['poll']>[0];
export type SharableSource<Item> = WatchSource<Item> & { readonly codec: ItemCodec<Item> };
/** What the own poll under the lease came to; `isLost`: the lease was lost meanwhile, and the answer may be outdated */
type Led<Item> = { readonly items: readonly Item[] } | { readonly error: unknown } | { readonly isLost: true };

/**
 * One key on one replica. Whoever holds the key's lease polls, for what all replicas want, and tells them what it found;
 * a poll of the others waits for that. They ask for it when one is due by their own rhythm, so the most impatient sets the pace,
 * and the wait of all starts anew with each outcome. Without a link, a poll is just a poll.
 */
export class Share {
  readonly #options: ShareOptions;
  /** sender of messages: tells it from all other replicas, and from other watches here that have come to share a key */
  readonly #id = randomUUID();
  readonly #link: KeyLink;
  readonly #lease: KeyLease;
  readonly #others: OtherInterests;
  /** outcome of another replica that no poll has picked up yet; `ageMs`: it may be that old */
  #latest: { readonly outcome: Outcome; readonly ageMs: number } | null = null;
  readonly #writes = new WriteMark();
  /** nothing has been heard since the link came up */
  #isCold = true;
  #isPolling = false;
  #isResting = false;
  /** the last own poll failed, perhaps for a reason of its own: another replica may try first */
  #isYielding = false;
  /** the own poll in flight under the lease */
  #leading: { readonly interest: Interest; readonly writes: number } | null = null;
  /** whoever holds the lease is of another version, and tells what cannot be read here */
  #isHolderUnreadable = false;
  #isStirred = false;
  #stir: (() => void) | null = null;
  /** the others know that the poll in hand takes nothing that was read before it */
  #isNewAnnounced = false;
  #interest: Interest = new Set();
  #interestSentAt = 0;

  constructor(options: ShareOptions) {
    this.#options = options;
    this.#others = new OtherInterests(options.interestMs);
    this.#link = options.link.open(options.key, {
      onMessage: (text) => this.#receive(readMessage(text)),
      onReset: () => this.#reset(),
    });
    this.#lease = new KeyLease({ link: this.#link, clock: options.clock, durationMs: options.leaseMs });
  }

  async poll<Item>(source: SharableSource<Item>, request: Request): Promise<readonly Item[]> {
    this.#isPolling = true;
    if (this.#isResting) {
      // what came while nobody listened may be old by now
      this.#latest = null;
      this.#isCold = true;
      this.#isResting = false;
    }
    this.#interest = request.interest;
    this.#isNewAnnounced = false;
    try {
      return await this.#pollOrFollow(source, request);
    } finally {
      this.#isPolling = false;
      if (this.#isResting) this.#lease.release();
    }
  }

  /** Something was changed upstream by this replica. */
  announceWrite(): void {
    if (this.#link.isUp) this.#writes.own(this.#link.announceWrite(this.#id));
  }

  /** Nobody listens here at the moment: another replica may poll. */
  rest(): void {
    this.#isResting = true;
    // what a poll in flight finds is still of use to the others
    if (!this.#isPolling) this.#lease.release();
    this.#publish({ type: 'interest', from: this.#id, interest: new Set() });
  }

  close(): void {
    this.rest();
    this.#link.close();
  }

  async #pollOrFollow<Item>(source: SharableSource<Item>, request: Request): Promise<readonly Item[]> {
    for (;;) {
      request.signal.throwIfAborted();
      this.#isStirred = false;
      const turn = await this.#turn(request).catch(() => null);
      if (turn === null) return this.#pollAlone(source, request);
      if (turn.kind === 'heard') return this.#pickUp(source, request, turn);
      if (turn.kind === 'lead') {
        const led = await this.#lead(source, request, turn);
        if ('error' in led) throw led.error;
        if ('items' in led) return led.items;
      } else if (!this.#isStirred) {
        await this.#pause(request.signal);
      }
    }
  }

  /** What to do now; null: to poll alone, for there is no link, or the other end cannot be understood. */
  async #turn({ interest, isNew }: Request) {
    if (!this.#link.isUp) return null;
    await this.#writes.numbered;
    if (this.#isCold) {
      const { outcome, writes } = await this.#link.last();
      this.#isCold = false;
      this.#writes.hear(writes);
      const last = outcome === null ? null : readOutcome(outcome);
      if (last === 'unreadable') this.#isHolderUnreadable = true;
      else if (last !== null) this.#latest ??= { outcome: last, ageMs: this.#options.leaseMs };
    }
    const isPast = isNew === true && !this.#isNewAnnounced && this.#latest?.outcome.type === 'items';
    if (this.#latest !== null && !isPast && this.#answers(this.#latest.outcome, interest)) {
      return { kind: 'heard', ...this.#latest } as const;
    }
    if (this.#isYielding) {
      this.#isYielding = false;
      if (!isNobodys(this.#others.all(this.#options.clock.now()))) return { kind: 'wait' } as const;
    }
    const taken = await this.#lease.take();
    if (taken !== null) {
      this.#isHolderUnreadable = false;
      return { kind: 'lead', ...taken } as const;
    }
    if (this.#isHolderUnreadable) return null;
    if (isNew === true && !this.#isNewAnnounced) {
      // as after a write: whoever polls begins anew, and its outcome is told from those before by its number
      this.#writes.hear(await this.#link.announceWrite(this.#id));
      this.#isNewAnnounced = true;
    }
    await this.#send({ type: 'ask', from: this.#id, writes: this.#writes.needed, interest });
    return { kind: 'wait' } as const;
  }

  async #pickUp<Item>(
    source: SharableSource<Item>,
    request: Request,
    { outcome, ageMs }: { readonly outcome: Outcome; readonly ageMs: number },
  ): Promise<readonly Item[]> {
    this.#latest = null;
    if (outcome.type === 'failure') throw source.codec.decodeError(outcome.error);
    this.#writes.accept(outcome.writes);
    if (!this.#isNewAnnounced) request.onHeard?.(ageMs);
    const items = outcome.items.map((item) => source.codec.decode(item)).filter((item) => item !== null);
    // an item left out would count as gone
    return items.length === outcome.items.length ? items : this.#pollAlone(source, request);
  }

  async #pollAlone<Item>(source: SharableSource<Item>, request: Request): Promise<readonly Item[]> {
    const items = await source.poll(request);
    // it may be older than the answer
    this.#latest = null;
    return items;
  }

  async #lead<Item>(
    source: SharableSource<Item>,
    { signal, interest: own }: Request,
    { token, writes }: { readonly token: string; readonly writes: number },
  ): Promise<Led<Item>> {
    const { clock, leaseMs, retryAfterMs } = this.#options;
    const interest = union(own, this.#others.all(clock.now()));
    // a write heard of by now is older than the poll that starts now
    const leading = { interest, writes: Math.max(writes, this.#writes.needed) };
    this.#leading = leading;
    try {
      const led = await settled(source.poll({ signal, interest }));
      if (signal.aborted) return { error: signal.reason };
      const isFailure = 'error' in led;
      const outcome: Outcome = isFailure
        ? { type: 'failure', from: this.#id, error: source.codec.encodeError(led.error) }
        : { type: 'items', from: this.#id, ...leading, items: led.items.map((item) => source.codec.encode(item)) };
      const keepMs = Math.max(leaseMs, (isFailure && retryAfterMs(led.error)) || 0);
      const isPublished = await this.#link
        .publish(token, writeMessage(outcome), { keepMs, isLast: isFailure })
        .catch(() => null);
      if (isFailure || isPublished === false) this.#lease.forget();
      this.#isYielding = isFailure;
      if (isPublished === false) return { isLost: true };
      this.#latest = null;
      if (!isFailure) this.#writes.accept(leading.writes);
      return led;
    } finally {
      this.#leading = null;
    }
  }

  #receive(message: Received): void {
    if (message === 'unreadable') {
      this.#isHolderUnreadable = true;
      this.#wakePoll();
    }
    if (message === null || message === 'unreadable' || message.from === this.#id) return;
    const { onNews, clock } = this.#options;
    switch (message.type) {
      case 'interest':
        this.#others.hear(message.from, message.interest, clock.now());
        if (isNobodys(message.interest)) this.#wakePoll();
        return;
      case 'ask':
        this.#others.hear(message.from, message.interest, clock.now());
        if (this.#leading === null ? !this.#isPolling && this.#lease.isHeld : !this.#leadsFor(message)) onNews();
        return;
      case 'write':
        this.#writes.hear(message.writes);
        if (this.#leading !== null && !this.#leadsFor({ ...message, interest: new Set() })) onNews();
        else if (this.#isPolling) this.#wakePoll();
        else onNews();
        return;
      default:
        this.#isHolderUnreadable = false;
        if (message.type === 'items' && !this.#writes.shows(message.writes)) return;
        // only a message that was long on its way comes now: it is older than what was polled here
        if (this.#lease.isHeld && this.#leading === null) return;
        this.#latest = { outcome: message, ageMs: 0 };
        this.#keepInterest();
        if (!this.#isPolling) onNews();
        else if (this.#answers(message, this.#interest)) this.#wakePoll();
    }
  }

  #leadsFor({ interest, writes }: { readonly interest: Interest; readonly writes: number }): boolean {
    return this.#leading !== null && this.#leading.writes >= writes && covers(this.#leading.interest, interest);
  }

  /** A failure answers everything: it says when to ask again. */
  #answers(outcome: Outcome, interest: Interest): boolean {
    return outcome.type === 'failure' || (covers(outcome.interest, interest) && this.#writes.shows(outcome.writes));
  }

  /** Who only ever listens would be forgotten otherwise. */
  #keepInterest(): void {
    const { clock, interestMs } = this.#options;
    if (clock.now() - this.#interestSentAt < interestMs / 3 || this.#isResting) return;
    this.#publish({ type: 'interest', from: this.#id, interest: this.#interest });
  }

  #publish(message: Message): void {
    if (this.#link.isUp) this.#send(message).catch(() => {});
  }

  #send(message: Message): Promise<void> {
    this.#interestSentAt = this.#options.clock.now();
    return this.#link.send(writeMessage(message));
  }

  #wakePoll(): void {
    this.#isStirred = true;
    this.#stir?.();
  }

  /** Until there is something new, at most as long as it takes for a dead holder's lease to be worth a try. */
  async #pause(signal: AbortSignal): Promise<void> {
    const pausing = pause(this.#options.clock, this.#options.leaseMs / 3, signal);
    this.#stir = pausing.end;
    await pausing.ended;
    this.#stir = null;
  }

  #reset(): void {
    this.#lease.forget();
    this.#others.clear();
    this.#latest = null;
    this.#writes.reset();
    this.#isNewAnnounced = false;
    this.#isCold = true;
    this.#isHolderUnreadable = false;
    this.#wakePoll();
  }
}

async function settled<Item>(
  poll: Promise<readonly Item[]>,
): Promise<{ readonly items: readonly Item[] } | { readonly error: unknown }> {
  try {
    return { items: await poll };
  } catch (error) {
    return { error };
  }
}
