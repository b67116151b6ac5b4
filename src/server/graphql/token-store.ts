import { createHmac, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { tokenDigest } from '../../modelarts/client/token-standing.ts';
import type { IssuedToken } from '../../modelarts/tokens.ts';
import { type BoundedStore, createBoundedStore, type StoreStats, textBytes } from '../../runtime/bounded-store.ts';
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
  /**
   * Forgets all about a token that is refused.
   * @param digest `tokenDigest` of it
   * @returns the session that is over with it; null: it goes on with another
   */
  forget(digest: string): string | null;
  /** Whether the token the session is carried on with was refused a moment ago: other replicas may not have heard of it. */
  isRefused(session: string): boolean;
  /** calls back when the session was renewed or is over; gives the function that stops it */
  onRenewed(session: string, listener: () => void): () => void;
  readonly stats: Readonly<Record<string, StoreStats>>;
};

/** `token`: whose user it counts against */
type Put = { readonly value: string; readonly token: string };

/** Of each of the stores: ten thousand users who sign in once, with tokens of 2 KB. */
const defaultMaxBytes = { issued: 8, projects: 4, sessions: 4, newest: 24, refused: 4 } as const;
const mebibyte = 1024 * 1024;
/** A user may sign in and renew as often as they like: some hundreds of tokens of 2 KB. */
const userShare = 1 / 16;
const lifetimeMs = 24 * 60 * 60 * 1000;

/** What was polled with a refused token is not given by other replicas for longer than a lease lasts, ms. */
const refusedMs = 10_000;

const within = (maxMebibytes: number) => ({
  maxBytes: maxMebibytes * mebibyte,
  callerShare: userShare,
  ttlMs: lifetimeMs,
});

export function createTokenMemory(): TokenMemory {
  const secret = randomBytes(32);
  const issuedTokens = createBoundedStore<string, KnownToken>(within(defaultMaxBytes.issued));
  const projects = createBoundedStore<string, string>(within(defaultMaxBytes.projects));
  const sessions = createBoundedStore<string, string>(within(defaultMaxBytes.sessions));
  const newestTokens = createBoundedStore<string, string>(within(defaultMaxBytes.newest));
  const refused = createBoundedStore<string, true>({ ...within(defaultMaxBytes.refused), ttlMs: refusedMs });
  const renewals = new EventEmitter().setMaxListeners(0);
  const hashOf = (digest: string): string => createHmac('sha256', secret).update(digest).digest('base64url');
  const hash = (token: string): string => hashOf(tokenDigest(token));
  const sessionOf = (token: string): string => {
    return sessions.get(hash(token)) ?? tokenDigest(token);
  };
  /** The user IAM issued the token to; of one it was not seen to issue, the token itself. */
  const ownerOf = (token: string): string => {
    const key = hash(token);
    return issuedTokens.get(key)?.user?.id ?? key;
  };
  const put = (store: BoundedStore<string, string>, key: string, { value, token }: Put): void => {
    store.set(key, value, { bytes: textBytes(key) + textBytes(value), caller: ownerOf(token) });
  };
  return {
    hash,
    remember({ token, ...known }) {
      const key = hash(token);
      // a few names and times
      const bytes = textBytes(key) + 4 * JSON.stringify(known).length;
      issuedTokens.set(key, known, { bytes, caller: known.user?.id ?? key });
    },
    known: (token) => issuedTokens.get(hash(token)) ?? null,
    projectOf(token) {
      const key = hash(token);
      return issuedTokens.get(key)?.project?.id ?? projects.get(key) ?? null;
    },
    rememberProject(token, projectId) {
      put(projects, hash(token), { value: projectId, token });
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
      put(newestTokens, session, { value: renewedBy, token: renewedBy });
      put(sessions, hash(renewedBy), { value: session, token: renewedBy });
      put(sessions, hash(token), { value: `${hash(token)} superseded`, token: renewedBy });
      renewals.emit(session);
    },
    forget(digest) {
      const key = hashOf(digest);
      issuedTokens.delete(key);
      projects.delete(key);
      refused.set(digest, true, { bytes: textBytes(digest), caller: digest });
      const session = sessions.get(key) ?? digest;
      const newest = newestTokens.get(session);
      if (newest !== undefined) {
        if (tokenDigest(newest) !== digest) return null;
        newestTokens.delete(session);
        sessions.delete(key);
      }
      renewals.emit(session);
      return session;
    },
    isRefused: (session) => refused.get(session) === true,
    onRenewed(session, listener) {
      renewals.on(session, listener);
      return () => renewals.off(session, listener);
    },
    get stats() {
      return {
        tokens: issuedTokens.stats,
        token_projects: projects.stats,
        sessions: sessions.stats,
        renewed_tokens: newestTokens.stats,
        refused_tokens: refused.stats,
      };
    },
  };
}
