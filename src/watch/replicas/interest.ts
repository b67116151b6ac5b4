/** Ids somebody wants; null = all. */
export type Interest = ReadonlySet<string> | null;

export const isNobodys = (interest: Interest): boolean => interest?.size === 0;

/** Whether a poll for `polled` answers a question about `wanted`. */
export function covers(polled: Interest, wanted: Interest): boolean {
  if (polled === null) return true;
  if (wanted === null) return false;
  for (const id of wanted) if (!polled.has(id)) return false;
  return true;
}

export function union(a: Interest, b: Interest): Interest {
  if (a === null || b === null) return null;
  return b.size === 0 ? a : new Set([...a, ...b]);
}

/** What the other replicas want of one key. One that is silent for too long has died, or will ask again. */
export class OtherInterests {
  readonly #lifetimeMs: number;
  readonly #byReplica = new Map<string, { readonly interest: Interest; readonly heardAt: number }>();

  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
  }

  /** @param now Unix ms */
  hear(replica: string, interest: Interest, now: number): void {
    if (isNobodys(interest)) this.#byReplica.delete(replica);
    else this.#byReplica.set(replica, { interest, heardAt: now });
  }

  /** @param now Unix ms */
  all(now: number): Interest {
    let all: Interest = new Set();
    for (const [replica, { interest, heardAt }] of this.#byReplica) {
      if (now - heardAt > this.#lifetimeMs) this.#byReplica.delete(replica);
      else all = union(all, interest);
    }
    return all;
  }

  clear(): void {
    this.#byReplica.clear();
  }
}
