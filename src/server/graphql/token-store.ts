import { createHash, createHmac, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { LRUCache } from 'lru-cache';
import type { IssuedToken } from '../../modelarts/tokens.ts';
import type { KnownToken } from '../../schema/core/context.ts';

/** What the gateway remembers of tokens, under a keyed hash of each; the tokens themselves are not kept. */
export type TokenMemory = {
  /** stands for the token in keys; of no use outside this process */
  hash(token: string): string;
  remember(issued: IssuedToken): void;
  known(token: string): KnownToken | null;
  projectOf(token: string): string | null;
  rememberProject(token: string, projectId: string): void;
  /** stands for the session a token belongs to: the same for a token and the one it was renewed by */
  sessionOf(token: string): string;
  /** what the session stands for on every replica: the token it is carried on with now */
  sharedSession(session: string): string;
  /** the token the session is carried on with: the one given, unless it was renewed */
  newest(session: string, token: string): string;
  /**
   * Carries a session on with another token of the same user and project. What runs goes over to the new token; the old
   * one no longer leads to the session, for nothing proves any more that it is still good.
   */
  renew(token: string, renewedBy: string): void;
  /** calls back when the session was renewed; gives the function that stops it */
  onRenewed(session: string, listener: () => void): () => void;
};

const capacity = 10_000;
const lifetimeMs = 24 * 60 * 60 * 1000;

/** Stands for the token in keys of watches: the same on every replica, unlike `TokenMemory.hash`. It stays in memory. */
const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('base64url');

export function createTokenMemory(): TokenMemory {
  const secret = randomBytes(32);
  const issuedTokens = new LRUCache<string, KnownToken>({ max: capacity, ttl: lifetimeMs });
  const projects = new LRUCache<string, string>({ max: capacity, ttl: lifetimeMs });
  const sessions = new LRUCache<string, string>({ max: capacity, ttl: lifetimeMs });
  const newestTokens = new LRUCache<string, string>({ max: capacity, ttl: lifetimeMs });
  const renewals = new EventEmitter().setMaxListeners(0);
  const hash = (token: string): string => createHmac('sha256', secret).update(token).digest('base64url');
  const sessionOf = (token: string): string => {
    return sessions.get(hash(token)) ?? tokenDigest(token);
  };
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
    sessionOf,
    sharedSession(session) {
      const newest = newestTokens.get(session);
      return newest === undefined ? session : tokenDigest(newest);
    },
    newest: (session, token) => newestTokens.get(session) ?? token,
    renew(token, renewedBy) {
      if (token === renewedBy) return;
      const session = sessionOf(token);
      newestTokens.set(session, renewedBy);
      sessions.set(hash(renewedBy), session);
      sessions.set(hash(token), `${hash(token)} superseded`);
      renewals.emit(session);
    },
    onRenewed(session, listener) {
      renewals.on(session, listener);
      return () => renewals.off(session, listener);
    },
  };
}
