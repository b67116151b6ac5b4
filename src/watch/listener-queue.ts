import { collapse } from './collapse.ts';
import type { Snapshot, WatchEvent } from './watch-event.ts';

export type ListenerQueueOptions<Item> = {
  /** unread events at which collapsing starts */
  readonly limit: number;
  readonly rules: { id(item: Item): string; isEqual(a: Item, b: Item): boolean };
  /** it fell behind, or fell behind again; so many events it will not read */
  onShortened(dropped: number, isLag: boolean): void;
  /** the state now, flagged `isReset`; asked for when the listener reads, not when it falls behind */
  snapshot(): Snapshot<Item>;
};

type Result<Item> = IteratorResult<WatchEvent<Item>, undefined>;
type Reader<Item> = { resolve(result: Result<Item>): void; reject(error: unknown): void };

const over = { done: true, value: undefined } as const;

/** Events between a watch and one listener. Pushing never waits; what a slow listener missed is replaced by the newest state. */
export class ListenerQueue<Item> {
  readonly #options: ListenerQueueOptions<Item>;
  #events: WatchEvent<Item>[] = [];
  #readers: Reader<Item>[] = [];
  #isResetDue = false;
  #isOver = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: ListenerQueueOptions<Item>) {
    this.#options = options;
  }

  push(event: WatchEvent<Item>): void {
    if (this.#isOver) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: event });
      return;
    }
    const isAboutItems = event.kind !== 'UNREACHABLE' && event.kind !== 'REACHABLE';
    if (this.#isResetDue && isAboutItems) {
      this.#options.onShortened(1, false);
      return;
    }
    this.#events.push(event);
    if (this.#events.length > this.#options.limit || this.#isResetDue) this.#shorten();
  }

  next(): Promise<Result<Item>> {
    const event = this.#take();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#failure !== null) {
      const { error } = this.#failure;
      this.#failure = null;
      return Promise.reject(error);
    }
    if (this.#isOver) return Promise.resolve(over);
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** Ends now: what is unread is dropped, pending reads are done. */
  end(): void {
    this.#isOver = true;
    this.#events = [];
    this.#isResetDue = false;
    this.#failure = null;
    for (const reader of this.#readers.splice(0)) reader.resolve(over);
  }

  /** Ends behind what is unread: the read after that is rejected, once. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#failure = { error };
    else reader.reject(error);
    for (const later of this.#readers.splice(0)) later.resolve(over);
  }

  #take(): WatchEvent<Item> | undefined {
    const event = this.#events.shift();
    if (event !== undefined || !this.#isResetDue) return event;
    this.#isResetDue = false;
    return this.#options.snapshot();
  }

  #shorten(): void {
    const { length } = this.#events;
    const isLag = !this.#isResetDue;
    this.#events = collapse(this.#events, this.#options.rules);
    if (this.#events.length > this.#options.limit) {
      this.#isResetDue = true;
      this.#events = this.#events.filter((event) => event.kind === 'UNREACHABLE' || event.kind === 'REACHABLE');
    }
    this.#options.onShortened(length - this.#events.length, isLag);
  }
}
