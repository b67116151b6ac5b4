/** Where the items of one key come from, and what a change of them is. */
export type WatchSource<Item> = {
  /**
   * One look at the upstream. It must settle soon after `signal` aborts, and brings its own deadline.
   * @param request.interest ids some listener wants, null = all. Other items may be left out, and are welcome when they cost nothing.
   * @returns the items found; an id of interest that is missing does not exist (any more)
   */
  poll(request: {
    readonly signal: AbortSignal;
    readonly interest: ReadonlySet<string> | null;
  }): Promise<readonly Item[]>;
  id(item: Item): string;
  /** Equal items make no event. */
  isEqual(a: Item, b: Item): boolean;
  /** The item will change by itself soon. */
  isTransitional(item: Item): boolean;
};
