import type { AbortSignalLike } from '../../../runtime/abort.ts';
import { TransportError } from '../transport.ts';

/** Callers that are counted together: those of one project, or one whose project is not known, or all strangers. */
export class Group {
  inFlight = 0;
  waiting = 0;
  /** callers with calls that wait, whose turn it is first */
  readonly turns = new Set<Member>();
}

/** One caller before one API: how many of its calls run, and which wait. A list of its own making: what was in a Map can outlive its removal. */
export class Member {
  inFlight = 0;
  waiting = 0;
  group: Group;
  first: WaitingCall | null = null;
  #last: WaitingCall | null = null;

  constructor(group: Group) {
    this.group = group;
  }

  begin(): void {
    this.inFlight += 1;
    this.group.inFlight += 1;
  }

  end(): void {
    this.inFlight -= 1;
    this.group.inFlight -= 1;
  }

  *calls(): Generator<WaitingCall> {
    let call = this.first;
    while (call !== null) {
      // it may be taken out meanwhile
      const { next } = call;
      yield call;
      call = next;
    }
  }

  append(call: WaitingCall): void {
    call.previous = this.#last;
    if (this.#last === null) this.first = call;
    else this.#last.next = call;
    this.#last = call;
    call.isQueued = true;
    this.waiting += 1;
    this.group.waiting += 1;
    this.group.turns.add(this);
  }

  /** @returns false: it does not wait here */
  remove(call: WaitingCall): boolean {
    if (!call.isQueued) return false;
    const { previous, next } = call;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    call.isQueued = false;
    this.waiting -= 1;
    this.group.waiting -= 1;
    if (this.waiting === 0) this.group.turns.delete(this);
    return true;
  }

  /** Is counted in another group from now on, with all it has running and waiting. */
  moveTo(group: Group): void {
    this.group.inFlight -= this.inFlight;
    this.group.waiting -= this.waiting;
    this.group.turns.delete(this);
    this.group = group;
    group.inFlight += this.inFlight;
    group.waiting += this.waiting;
    if (this.waiting > 0) group.turns.add(this);
  }
}

type Waiter = {
  readonly signal: AbortSignalLike | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** it waits no longer, whatever for */
  readonly left: (call: WaitingCall) => void;
};

/** A call that waits for a slot, until it has one, its caller leaves, or its time is up. */
export class WaitingCall {
  readonly member: Member;
  isQueued = false;
  previous: WaitingCall | null = null;
  next: WaitingCall | null = null;
  readonly #waiter: Waiter;
  #timer: NodeJS.Timeout | undefined;

  constructor(member: Member, waiter: Waiter) {
    this.member = member;
    this.#waiter = waiter;
    waiter.signal?.addEventListener('abort', this, { once: true });
  }

  expireAfter(durationMs: number): void {
    this.#timer = setTimeout(() => this.refuse(new TransportError('TIMEOUT', false)), durationMs);
  }

  /** The caller leaves. */
  handleEvent(): void {
    this.refuse(new TransportError('ABORTED', false));
  }

  enter(): void {
    this.#settle();
    this.#waiter.resolve();
  }

  refuse(error: Error): void {
    this.#settle();
    this.#waiter.reject(error);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#waiter.signal?.removeEventListener('abort', this);
    this.#waiter.left(this);
  }
}
