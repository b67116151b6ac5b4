import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { IssuedToken } from '../modelarts/tokens.ts';
import type { KnownToken } from '../schema/context.ts';

/** What the gateway remembers of tokens, under a keyed hash of each; the tokens themselves are not kept. */
export type TokenMemory = {
  /** stands for the token in keys; of no use outside this process */
  hash(token: string): string;
  remember(issued: IssuedToken): void;
  known(token: string): KnownToken | null;
  projectOf(token: string): string | null;
  rememberProject(token: string, projectId: string): void;
};

const capacity = 10_000;
const lifetimeMs = 24 * 60 * 60 * 1000;

export function createTokenMemory(): TokenMemory {
  const secret = randomBytes(32);
  const issuedTokens = new LRUCache<string, KnownToken>({ max: capacity, ttl: lifetimeMs });
  const projects = new LRUCache<string, string>({ max: capacity, ttl: lifetimeMs });
  const hash = (token: string): string => createHmac('sha256', secret).update(token).digest('base64url');
  return {
    hash,
    remember({ token, ...known }) {
      issuedTokens.set(hash(token), known);
    },
    known: (token) => issuedTokens.get(hash(token)) ?? null,
    projectOf(token) {
      const key = hash(token);
      return issuedTokens.get(key)?.project?.id ?? projects.get(key) ?? null;
    },
    rememberProject(token, projectId) {
      projects.set(hash(token), projectId);
    },
  };
}
