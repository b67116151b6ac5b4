import type { AbortSignalLike } from '../../runtime/abort.ts';
import { TransportError } from './transport.ts';

/** Keeps one API that answers slowly from taking everything: so many calls at once, so many waiting, no more. */
export type Bulkhead = {
  readonly inFlight: number;
  readonly waiting: number;
  /**
   * Makes the call when there is room.
   * @throws BulkheadFullError too many wait already; TransportError the caller left, or the deadline passed, before there was room
   */
  run<T>(call: () => Promise<T>, wait: Wait): Promise<T>;
  /** Takes a place for a call, if there is one at once; `leave` gives it back. */
  enter(): boolean;
  leave(): void;
  /** Turns away all that wait. */
  refuseWaiting(error: Error): void;
};

export type BulkheadOptions = {
  /** calls at once */
  readonly slots: number;
  /** calls that wait for a slot */
  readonly queue: number;
};

export type Wait = {
  /** on the clock of `performance.now()` */
  readonly deadlineAt: number;
  readonly signal?: AbortSignalLike | undefined;
};

export class BulkheadFullError extends Error {
  constructor() {
    super('too many calls wait');
    this.name = 'BulkheadFullError';
  }
}

type Waiting = { readonly enter: () => void; readonly refuse: (error: Error) => void };

export function createBulkhead({ slots, queue }: BulkheadOptions): Bulkhead {
  const waiting = new Set<Waiting>();
  let inFlight = 0;

  function admission({ deadlineAt, signal }: Wait): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        waiting.delete(entry);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const entry: Waiting = {
        enter() {
          settle();
          resolve();
        },
        refuse(error) {
          settle();
          reject(error);
        },
      };
      const abort = (): void => entry.refuse(new TransportError('ABORTED', false));
      const timer = setTimeout(
        () => entry.refuse(new TransportError('TIMEOUT', false)),
        Math.max(0, deadlineAt - performance.now()),
      );
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      waiting.add(entry);
    });
  }

  const enter = (): boolean => {
    if (inFlight >= slots) return false;
    inFlight += 1;
    return true;
  };
  const leave = (): void => {
    // the slot goes to who waits longest, without being free in between: nobody overtakes
    const [next] = waiting;
    if (next === undefined) inFlight -= 1;
    else next.enter();
  };

  return {
    enter,
    leave,
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return waiting.size;
    },
    async run(call, wait) {
      if (!enter()) {
        if (waiting.size >= queue) throw new BulkheadFullError();
        await admission(wait);
      }
      try {
        return await call();
      } finally {
        leave();
      }
    },
    refuseWaiting(error) {
      for (const entry of [...waiting]) entry.refuse(error);
    },
  };
}
