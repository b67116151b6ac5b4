import { SharedRoom, type Tenant } from '../http/shared-room.ts';

/** Reserved at the same time at most, by anybody: reserving takes no credentials. */
const total = 1000;
/** Reserved at the same time by one caller. A client opens what it reserves with its next request. */
const share = 100;

/** Event streams that were reserved and are not open yet, by their token. */
export type StreamReservations = {
  /**
   * Where there is no room left, the oldest of the caller who has most is dropped.
   * @param caller who reserves it
   */
  add(token: string, caller: string): void;
  /** The stream was opened, and now lives as long as its connection. */
  open(token: string): void;
  /** Forgets all of them, and when they were to be dropped. */
  clear(): void;
};

type Reservation = { readonly timer: NodeJS.Timeout; readonly place: Tenant };

/**
 * @param lifetimeMs time a client has to open what it reserved
 * @param drop has whoever keeps the stream forget it
 */
export function createStreamReservations(lifetimeMs: number, drop: (token: string) => void): StreamReservations {
  const room = new SharedRoom({ total, share });
  const reservations = new Map<string, Reservation>();

  function open(token: string): void {
    const reservation = reservations.get(token);
    if (reservation === undefined) return;
    reservations.delete(token);
    clearTimeout(reservation.timer);
    reservation.place.leave();
  }

  return {
    add(token, caller) {
      const expire = (): void => {
        open(token);
        drop(token);
      };
      const place = room.enter(caller, expire);
      reservations.set(token, { timer: setTimeout(expire, lifetimeMs), place });
      place.resize(1);
    },
    open,
    clear() {
      for (const token of [...reservations.keys()]) open(token);
    },
  };
}
