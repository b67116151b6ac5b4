/** Reserved at the same time at most, by anybody: reserving takes no credentials. */
const maxReservations = 1000;

/** Event streams that were reserved and are not open yet, by their token. */
export type StreamReservations = {
  readonly isFull: boolean;
  add(token: string): void;
  /** The stream was opened, and now lives as long as its connection. */
  open(token: string): void;
  /** Forgets all of them, and when they were to be dropped. */
  clear(): void;
};

/**
 * @param lifetimeMs time a client has to open what it reserved
 * @param drop has whoever keeps the stream forget it
 */
export function createStreamReservations(lifetimeMs: number, drop: (token: string) => void): StreamReservations {
  const timers = new Map<string, NodeJS.Timeout>();
  return {
    get isFull() {
      return timers.size >= maxReservations;
    },
    add(token) {
      const expire = (): void => {
        timers.delete(token);
        drop(token);
      };
      timers.set(token, setTimeout(expire, lifetimeMs));
    },
    open(token) {
      clearTimeout(timers.get(token));
      timers.delete(token);
    },
    clear() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
