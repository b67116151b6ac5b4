export type SharedRoomOptions = {
  /** of all callers together */
  readonly total: number;
  /** of one caller */
  readonly share: number;
};

/** Something that takes room, for its caller. */
export type Tenant = {
  /** Takes this much from now on; whoever has to give way for it has done so on return, and it may be this one. */
  resize(size: number): void;
  leave(): void;
};

type Entry = { size: number; readonly giveWay: () => void };

type Owner = { size: number; readonly entries: Set<Entry> };

/**
 * Room that callers share, in bytes or whatever is counted. Where there is none left, nobody new is turned away: the oldest
 * that is held for the caller who holds most gives way. Who comes and goes quickly is never among them.
 */
export class SharedRoom {
  readonly #options: SharedRoomOptions;
  readonly #owners = new Map<string, Owner>();
  #size = 0;

  constructor(options: SharedRoomOptions) {
    this.#options = options;
  }

  /** what is taken of it */
  get size(): number {
    return this.#size;
  }

  /**
   * @param caller whom it is taken for
   * @param giveWay ends what takes it; its room is free by then
   */
  enter(caller: string, giveWay: () => void): Tenant {
    const owner = this.#owners.get(caller) ?? { size: 0, entries: new Set() };
    this.#owners.set(caller, owner);
    const entry: Entry = { size: 0, giveWay };
    owner.entries.add(entry);
    return {
      resize: (size) => {
        if (!owner.entries.has(entry)) return;
        this.#add(owner, entry, size - entry.size);
        while (owner.size > this.#options.share) this.#evict(caller, owner);
        while (this.#size > this.#options.total) this.#evict(...this.#largest());
      },
      leave: () => this.#leave(caller, owner, entry),
    };
  }

  #add(owner: Owner, entry: Entry, size: number): void {
    entry.size += size;
    owner.size += size;
    this.#size += size;
  }

  #leave(caller: string, owner: Owner, entry: Entry): void {
    if (!owner.entries.delete(entry)) return;
    this.#add(owner, entry, -entry.size);
    if (owner.entries.size === 0) this.#owners.delete(caller);
  }

  #evict(caller: string, owner: Owner): void {
    for (const entry of owner.entries) {
      // an empty one would make no room
      if (entry.size === 0) continue;
      this.#leave(caller, owner, entry);
      entry.giveWay();
      return;
    }
  }

  /** of several that hold as much, the one that came first */
  #largest(): [string, Owner] {
    let largest: [string, Owner] = ['', { size: 0, entries: new Set() }];
    for (const entry of this.#owners) if (entry[1].size > largest[1].size) largest = entry;
    return largest;
  }
}
