import { LRUCache } from 'lru-cache';

/** Tokens kept at most, some 150 bytes each: those that were used last. */
const maxTokens = 20_000;
/** The longest a token of IAM lives, ms. */
const lifetimeMs = 24 * 60 * 60 * 1000;

/**
 * Which tokens ModelArts or IAM has taken at least once, and not refused since. Anybody can make up a token, so what is given
 * to a token before it was accepted is given to whoever asks. By key (`Client.keyOf`): the tokens themselves are not kept.
 */
export type AcceptedTokens = {
  isAccepted(key: string): boolean;
  /** An upstream call that carried the token succeeded, or IAM has just issued it. */
  accept(key: string): void;
  /** The upstream answered 401. */
  refuse(key: string): void;
};

export function createAcceptedTokens(): AcceptedTokens {
  const accepted = new LRUCache<string, true>({ max: maxTokens, ttl: lifetimeMs, ttlResolution: 1000 });
  return {
    isAccepted: (key) => accepted.get(key) === true,
    accept: (key) => {
      // nearly every call finds it there, and leaves it as it is
      if (!accepted.has(key)) accepted.set(key, true);
    },
    refuse: (key) => {
      accepted.delete(key);
    },
  };
}
