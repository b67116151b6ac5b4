/** Where the items of one key come from, and what a change of them is. */
export type WatchSource<Item> = {
  /**
   * One poll of the upstream. It must settle soon after `signal` aborts, and brings its own deadline.
   * @param request.interest ids some listener wants, null = all. Other items may be left out, and are welcome when they cost nothing.
   * @param request.isNew what was read before this request will not do, wherever it was read
   * @param request.onHeard called when the items are not read for this request but by somebody else, at most so many ms ago
   * @returns the items found; an id of interest that is missing does not exist (any more)
   */
  poll(request: {
    readonly signal: AbortSignal;
    readonly interest: ReadonlySet<string> | null;
    readonly isNew?: boolean;
    readonly onHeard?: (ageMs: number) => void;
  }): Promise<readonly Item[]>;
  id(item: Item): string;
  /** Equal items make no event. */
  isEqual(a: Item, b: Item): boolean;
  /** The item will change by itself soon. */
  isTransitional(item: Item): boolean;
  /** How items cross from one replica of the gateway to another; left out: each replica polls for itself. */
  readonly codec?: ItemCodec<Item> | undefined;
  /** Nobody listens any more. Somebody may come back within the grace time; a poll in flight goes on. */
  rest?(): void;
  /** The watch is over: no other poll follows. */
  close?(): void;
};

/** What the replicas of the gateway tell each other: JSON without credentials or anything else that others must not read. */
export type ItemCodec<Item> = {
  encode(item: Item): unknown;
  /** @returns null when it was written by a version that encodes otherwise */
  decode(value: unknown): Item | null;
  encodeError(error: unknown): unknown;
  /** An error the watch treats like the one encoded: as fatal, or with the same Retry-After. */
  decodeError(value: unknown): unknown;
};
