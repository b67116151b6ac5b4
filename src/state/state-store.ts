import type { StoreStats } from '../runtime/bounded-store.ts';

/** Records with a life, kept by this process alone (memory) or by all replicas (Redis). */
export type StateStore = {
  /** whether other replicas see it too */
  readonly isShared: boolean;
  /** null: there is none */
  get(key: string): Promise<string | null>;
  /**
   * Writes a record where there is none. A value of its own tells its writer that it is theirs: where the answer of Redis was
   * lost and the command sent again, false may be said of their own.
   * @returns false: there is one
   */
  add(key: string, value: string, life: Life): Promise<boolean>;
  set(key: string, value: string, life: Life): Promise<void>;
  /**
   * Writes in place of a record that is still as it was read.
   * @returns false: it has changed, or is gone
   */
  replace(key: string, change: Change, life: Life): Promise<boolean>;
  /**
   * @param expected deletes it only while it is this
   * @returns false: there was none, or another
   */
  delete(key: string, expected?: string): Promise<boolean>;
  /**
   * Prolongs the life of a record that is still `expected`, as a lease.
   * @param ttlMs from now on
   * @returns false: it has changed, or is gone
   */
  prolong(key: string, expected: string, ttlMs: number): Promise<boolean>;
  /**
   * Spends from an allowance kept under the key (GCRA, by the store's own clock).
   * @returns ms to wait; 0: it was spent
   */
  spend(key: string, allowance: Allowance): Promise<number>;
  /** What others announce on a channel; best effort, nothing is said again. Channels are named by the code: they hold nothing secret. */
  publish(channel: string, message: string): Promise<void>;
  /**
   * Hears a channel from now on, over losses of the connection; own messages too. Redis may be away: then from when it is back.
   * @returns what ends it
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>;
  /** what memory holds; null where it is Redis */
  readonly stats: StoreStats | null;
  close(): Promise<void>;
};

export type Life = {
  /** counted by the store's own clock, never compared with a replica's */
  readonly ttlMs: number;
  /** whose share of the memory store it counts against; no token */
  readonly caller: string;
};

export type Change = { readonly expected: string; readonly value: string };

export type Allowance = {
  readonly cost: number;
  /** what can be spent at once; more than that never can */
  readonly burst: number;
  /** what comes back */
  readonly perSecond: number;
};

/** The store cannot be reached, or does not take it: nothing is known of what was asked, and a write may have been made. */
export class StateUnavailableError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`What replicas keep together cannot be reached: ${reason}`, options);
    this.name = 'StateUnavailableError';
  }
}
