/** sharing: the replicas hear of each other; alone: they do not, and each polls for itself. */
export type LinkState = 'sharing' | 'alone';

/** What connects the replicas of the gateway. Keys may hold secrets: they never leave the process as they are. */
export type ReplicaLink = {
  readonly state: LinkState;
  /** Joins the replicas that watch `key`; what they say arrives once the link is up. */
  open(key: string, listener: LinkListener): KeyLink;
  /** Tells all replicas that watch `key` of a change made upstream, also when this one does not watch it. Never rejects. */
  announceWrite(key: string): void;
  /** Lets what was sent last arrive, within its time limit. */
  close(): Promise<void>;
};

export type LinkListener = {
  /** messages of others and own ones, in an order that is the same for all */
  onMessage(text: string): void;
  /** The link has come up or gone down: leases are lost, messages may be. */
  onReset(): void;
};

/** One key as one replica sees it. All promises settle within a few hundred ms; a rejection means that the link is in trouble. */
export type KeyLink = {
  readonly isUp: boolean;
  /**
   * Takes the lease for a limited time, or prolongs it. `lease` is made up by the taker, a new one after each loss.
   * @returns number of the newest write, null while another lease is in force
   */
  take(lease: string): Promise<number | null>;
  /** @returns false: the lease ran out */
  renew(lease: string): Promise<boolean>;
  /**
   * Sends an outcome to all, and keeps it for those that come later, provided the lease is in force: what a replica read
   * before it lost the lease reaches nobody.
   * @param options.keepMs how long it is kept; `isLast` gives the lease back
   * @returns false: the lease ran out, nothing was sent
   */
  publish(lease: string, outcome: string, options: { keepMs: number; isLast: boolean }): Promise<boolean>;
  /** Sends to all, whoever holds the lease. */
  send(message: string): Promise<void>;
  /** The outcome published last, while it is kept, and the number of the newest write. */
  last(): Promise<{ readonly outcome: string | null; readonly writes: number }>;
  /**
   * Numbers a write and tells all of it, in one step.
   * @param from sender of the message
   */
  announceWrite(from: string): Promise<number>;
  /** Gives the lease back, if it is in force. Never rejects. */
  release(lease: string): void;
  /** Hears nothing from now on. */
  close(): void;
};
