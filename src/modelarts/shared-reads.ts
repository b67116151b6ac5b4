import { Departure, type Leaving } from './departure.ts';
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
  readonly inFlight: number;
};

export type Read<T> = {
  readonly key: string;
  /** what a change ends the sharing of: a project */
  readonly scope: string;
  /** the caller leaves; the call is dropped when the last one does */
  readonly signal?: Leaving | undefined;
  /** joins nothing: must not see an answer older than the one it saw last. Later reads may join it. */
  readonly isFresh?: boolean;
  readonly start: (signal: Leaving) => Promise<T>;
  /** the error a failure is told as; default: itself */
  readonly failed?: ((error: unknown) => unknown) | undefined;
};

/** A read on its way is not joined after this: who asks now wants to know how things are now, and not to share the end of a time limit. */
const joinableMs = 1000;

type Flight = {
  readonly scope: string;
  readonly answer: Promise<unknown>;
  readonly startedAt: number;
  readonly leaving: Departure;
  callers: number;
};

const itself = (error: unknown): unknown => error;

export function createSharedReads(): SharedReads {
  /** the newest of each key: answers of one key are never handed out older than one before */
  const flights = new Map<string, Flight>();

  function detach(key: string, flight: Flight): void {
    if (flights.get(key) === flight) flights.delete(key);
  }

  function start<T>({ key, scope, start }: Read<T>): Flight {
    const leaving = new Departure();
    const answer = start(leaving);
    const flight: Flight = { scope, answer, startedAt: performance.now(), leaving, callers: 0 };
    flights.set(key, flight);
    const land = (): void => detach(key, flight);
    answer.then(land, land);
    return flight;
  }

  function joinable({ key, isFresh }: Read<unknown>): Flight | undefined {
    const flight = flights.get(key);
    const isTooOld = flight !== undefined && performance.now() - flight.startedAt > joinableMs;
    return isFresh || isTooOld ? undefined : flight;
  }

  return {
    read<T>(read: Read<T>) {
      const { key, signal, failed = itself } = read;
      return new Promise<T>((resolve, reject) => {
        if (signal?.aborted) throw failed(new TransportError('ABORTED', false));
        const flight = joinable(read) ?? start(read);
        flight.callers += 1;
        const leave = (): void => {
          flight.callers -= 1;
          if (flight.callers === 0) {
            detach(key, flight);
            flight.leaving.abort();
          }
          reject(failed(new TransportError('ABORTED', true)));
        };
        signal?.addEventListener('abort', leave, { once: true });
        const settle = (): void => signal?.removeEventListener('abort', leave);
        flight.answer.then(
          (answer) => {
            settle();
            resolve(answer as T);
          },
          (error: unknown) => {
            settle();
            reject(failed(error));
          },
        );
      });
    },
    endSharing(scope) {
      for (const [key, flight] of flights) if (flight.scope === scope) flights.delete(key);
    },
    get inFlight() {
      return flights.size;
    },
  };
}
