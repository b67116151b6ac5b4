import type { SharedRoom, Tenant } from '../http/shared-room.ts';

/** With more characters of results waiting on a stream than this, nothing more is begun on it. */
const enoughWaiting = 1024 * 1024;
/** Results of at most this many characters are kept, whatever waits already. */
const alwaysKept = 64 * 1024;
/** what surrounds a result in memory, in characters */
const overhead = 256;

export type UnreadEventsOptions = {
  /** of all streams together, by caller */
  readonly room: SharedRoom;
  readonly caller: string;
  /** characters of results that may wait */
  readonly maximum: number;
};

/** Results on an event stream that its client has not read yet: graphql-sse keeps them in a list without an end. */
export class UnreadEvents {
  readonly #maximum: number;
  readonly #tenant: Tenant;
  readonly #sizes: number[] = [];
  #size = 0;
  #waiting: (() => void)[] = [];
  #isOver = false;
  #wasCut = false;
  /** ends the stream */
  stop: () => void = () => {};

  constructor({ room, caller, maximum }: UnreadEventsOptions) {
    this.#maximum = maximum;
    this.#tenant = room.enter(caller, () => {
      this.#wasCut = true;
      this.end();
      this.stop();
    });
  }

  /** it ended because too much waited for it */
  get wasCut(): boolean {
    return this.#wasCut;
  }

  /** nothing more is to be begun */
  get isFull(): boolean {
    return this.#size > enoughWaiting;
  }

  /** Whether a result of this many characters may be kept as well. */
  hasRoomFor(size: number): boolean {
    return size <= alwaysKept || this.#size + size <= this.#maximum;
  }

  add(size: number): void {
    if (this.#isOver) return;
    this.#sizes.push(size + overhead);
    this.#resize(size + overhead);
  }

  /** @param event as it leaves graphql-sse's list: a result, the end of an operation, or a comment */
  taken(event: string): void {
    const size = event.startsWith('event: next') ? this.#sizes.shift() : undefined;
    if (size !== undefined) this.#resize(-size);
  }

  /** Resolves when something more may be asked for. */
  async ready(): Promise<void> {
    while (this.isFull && !this.#isOver) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The stream is over. */
  end(): void {
    this.#isOver = true;
    this.#tenant.leave();
    this.#wake();
  }

  #resize(by: number): void {
    this.#size += by;
    if (!this.isFull) this.#wake();
    this.#tenant.resize(this.#size);
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }
}
