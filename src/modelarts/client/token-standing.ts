import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Tokens that are remembered; of each a key and a time. One that was forgotten has to be taken once more. */
const capacity = 20_000;

/** Stands for a token wherever replicas speak of it. Tokens cannot be guessed, so nobody finds them out by it. */
export const tokenDigest = (token: string): string => hash('sha256', token, 'base64url');

/**
 * When the upstream last took the token of each caller, and when it last refused it: what is kept of a caller is worth as much
 * as that. Callers are keys of tokens; times are those of `performance.now()`.
 */
export class TokenStandings {
  readonly #trustMs: number;
  readonly #accepted = new LRUCache<string, { at: number }>({ max: capacity });
  /** apart from the others: anybody can have any number of made-up tokens refused */
  readonly #refused = new LRUCache<string, number>({ max: capacity });

  /** @param trustMs how long a token counts as good after a call that was made with it */
  constructor(trustMs: number) {
    this.#trustMs = trustMs;
  }

  /** @param sentAt when the call was made: before a refusal, it says nothing of the time after it */
  accept(caller: string, sentAt: number): void {
    const known = this.#accepted.get(caller);
    if (known !== undefined) known.at = Math.max(known.at, sentAt);
    else if (!this.isRefusedSince(caller, sentAt)) this.#accepted.set(caller, { at: sentAt });
  }

  /** @returns false: nothing can be kept for the caller, whose token was not taken before */
  refuse(caller: string): boolean {
    this.#refused.set(caller, performance.now());
    return this.#accepted.delete(caller);
  }

  /**
   * Whether an upstream has taken the caller's token, however long ago, and not refused it since. Anybody can make up a token, so
   * what is given to one before that is given to whoever asks.
   */
  isAccepted(caller: string): boolean {
    return this.#accepted.get(caller) !== undefined;
  }

  /** Whether what is kept for the caller may be given without a call. */
  isTrusted(caller: string): boolean {
    const known = this.#accepted.get(caller);
    return known !== undefined && performance.now() - known.at < this.#trustMs;
  }

  isRefusedSince(caller: string, at: number): boolean {
    const refusedAt = this.#refused.get(caller);
    return refusedAt !== undefined && refusedAt >= at;
  }
}
