/** Counts what callers have open at the same time. */
export type OpenCounts = {
  /** @returns null: there are too many */
  open(whose: Whose): Opened | null;
  close(opened: Opened): void;
  /** open at this moment, of all callers */
  readonly size: number;
};

export type Whose = {
  /** null: there is no token */
  readonly key: string | null;
  readonly address: string;
};

/** Something open, under whom it is counted. */
export type Opened = Whose & { isStranger: boolean };

export type OpenCountsOptions = {
  /** of one caller whose token was accepted; 0: no limit */
  readonly perCaller: number;
  /** of all others of an address; 0: no limit */
  readonly perAddress: number;
  readonly isAccepted: (key: string) => boolean;
};

/**
 * What is opened with a token that nobody has seen good is counted for its address. It goes over to its caller once the token
 * was accepted, which is looked at when an address has no room left.
 */
export function createOpenCounts({ perCaller, perAddress, isAccepted }: OpenCountsOptions): OpenCounts {
  const callers = new Map<string, number>();
  const strangers = new Map<string, Set<Opened>>();
  let size = 0;

  const add = (key: string, by: number): void => {
    const count = (callers.get(key) ?? 0) + by;
    if (count > 0) callers.set(key, count);
    else callers.delete(key);
  };

  function goOver(opened: Set<Opened>): void {
    for (const one of opened) {
      if (one.key === null || !isAccepted(one.key)) continue;
      opened.delete(one);
      one.isStranger = false;
      add(one.key, 1);
    }
  }

  function openForCaller(key: string, address: string): Opened | null {
    if (perCaller > 0 && (callers.get(key) ?? 0) >= perCaller) return null;
    add(key, 1);
    return { key, address, isStranger: false };
  }

  function openForAddress(key: string | null, address: string): Opened | null {
    const others = strangers.get(address) ?? new Set();
    if (perAddress > 0 && others.size >= perAddress) goOver(others);
    if (perAddress > 0 && others.size >= perAddress) return null;
    const opened = { key, address, isStranger: true };
    strangers.set(address, others.add(opened));
    return opened;
  }

  return {
    open({ key, address }) {
      const opened = key !== null && isAccepted(key) ? openForCaller(key, address) : openForAddress(key, address);
      if (opened !== null) size += 1;
      return opened;
    },
    close(opened) {
      size -= 1;
      const { key, address, isStranger } = opened;
      if (!isStranger && key !== null) return add(key, -1);
      const others = strangers.get(address);
      others?.delete(opened);
      if (others?.size === 0) strangers.delete(address);
    },
    get size() {
      return size;
    },
  };
}
