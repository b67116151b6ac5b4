import { type AbortSignalLike, LazyAbortController } from '../../runtime/abort.ts';
import { TransportError } from './transport.ts';

/** Lets equal reads of one caller share one upstream call while it is on its way. Nothing is kept of it afterwards. */
export type SharedReads = {
  /**
   * The answer to a read: of one already on its way where there is an equal one, else of one started now.
   * @param read.key equal only for what one token reads; never derived from less
   * @throws TransportError `ABORTED` the caller left; else what `start` throws, the same error to all who share
   */
  read<T>(read: Read<T>): Promise<T>;
  /** No read asked for from now on joins one of this scope that was asked for before: a change of ours lies between them. */
  endSharing(scope: string): void;
  /** The same for all reads whose key begins so. */
  endSharingOf(prefix: string): void;
  readonly inFlight: number;
};

export type Read<T> = {
  readonly key: string;
  /** what a change ends the sharing of: a project */
  readonly scope: string;
  /** the caller leaves; the call is dropped when the last one does */
  readonly signal?: AbortSignalLike | undefined;
  /** joins nothing: must not see an answer older than the one it saw last. Later reads may join it. */
  readonly isFresh?: boolean;
  readonly start: (signal: AbortSignalLike) => Promise<T>;
  /** the error a failure is told as; default: itself */
  readonly failed?: ((error: unknown) => unknown) | undefined;
};

/** A read on its way is not joined after this: who asks now wants to know how things are now, and not to share the end of a time limit. */
const joinableMs = 1000;

const itself = (error: unknown): unknown => error;

export function createSharedReads(): SharedReads {
  /** the newest of each key: answers of one key are never handed out older than one before */
  const flights = new Map<string, Flight>();

  function detach(flight: Flight): void {
    if (flights.get(flight.key) === flight) flights.delete(flight.key);
  }

  function start<T>({ key, scope, start }: Read<T>): Flight {
    const flight = new Flight(key, scope, detach);
    flights.set(key, flight);
    start(flight.controller).then(
      (answer) => flight.land(answer),
      (error: unknown) => flight.fail(error),
    );
    return flight;
  }

  function joinable({ key, isFresh }: Read<unknown>): Flight | undefined {
    if (isFresh) return undefined;
    const flight = flights.get(key);
    return flight !== undefined && performance.now() - flight.startedAt > joinableMs ? undefined : flight;
  }

  return {
    read<T>(read: Read<T>) {
      const { signal, failed = itself } = read;
      if (signal?.aborted) return Promise.reject(failed(new TransportError('ABORTED', false)));
      const flight = joinable(read) ?? start(read);
      return new Promise<T>((resolve, reject) => {
        // equal reads have answers of one type, which a flight does not know
        flight.join(new Waiting(flight, { signal, failed, resolve: resolve as (answer: unknown) => void, reject }));
      });
    },
    endSharing(scope) {
      for (const [key, flight] of flights) if (flight.scope === scope) flights.delete(key);
    },
    endSharingOf(prefix) {
      for (const key of flights.keys()) if (key.startsWith(prefix)) flights.delete(key);
    },
    get inFlight() {
      return flights.size;
    },
  };
}

/** One call on its way, and who waits for it. */
class Flight {
  readonly key: string;
  readonly scope: string;
  readonly startedAt = performance.now();
  readonly controller = new LazyAbortController();
  readonly #detach: (flight: Flight) => void;
  /** let go of in the end: what was in a Map can outlive its removal until the next full collection, and answers are large */
  #waiting: Waiting[] = [];

  constructor(key: string, scope: string, detach: (flight: Flight) => void) {
    this.key = key;
    this.scope = scope;
    this.#detach = detach;
  }

  join(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  leave(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    if (this.#waiting.length > 0) return;
    this.#detach(this);
    this.controller.abort();
  }

  land(answer: unknown): void {
    for (const waiting of this.#end()) waiting.resolve(answer);
  }

  fail(error: unknown): void {
    for (const waiting of this.#end()) waiting.reject(error);
  }

  #end(): readonly Waiting[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#detach(this);
    return waiting;
  }
}

type Waiter = {
  readonly signal: AbortSignalLike | undefined;
  readonly failed: (error: unknown) => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/** One caller that waits for a flight, until it leaves. */
class Waiting {
  readonly #flight: Flight;
  readonly #waiter: Waiter;

  constructor(flight: Flight, waiter: Waiter) {
    this.#flight = flight;
    this.#waiter = waiter;
    waiter.signal?.addEventListener('abort', this, { once: true });
  }

  /** The caller leaves. */
  handleEvent(): void {
    this.#flight.leave(this);
    this.#waiter.reject(this.#waiter.failed(new TransportError('ABORTED', true)));
  }

  resolve(answer: unknown): void {
    this.#waiter.signal?.removeEventListener('abort', this);
    this.#waiter.resolve(answer);
  }

  reject(error: unknown): void {
    this.#waiter.signal?.removeEventListener('abort', this);
    this.#waiter.reject(this.#waiter.failed(error));
  }
}
