import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Account, Project } from './accounts.ts';

export type Scope = { kind: 'project'; project: Project } | { kind: 'domain' } | { kind: 'none' };

/** What a token is issued for. */
export type Entitlement = {
  readonly user: Account;
  readonly scope: Scope;
  /** as the token says them: `password`, `totp`, `token`, `mapped` */
  readonly methods?: readonly string[];
  /** where the user signed in, if not at IAM */
  readonly federation?: { readonly providerId: string; readonly protocolId: string } | undefined;
};

export type Grant = Entitlement & {
  readonly methods: readonly string[];
  /** epoch ms */
  readonly issuedAt: number;
  readonly expiresAt: number;
};

/** Issued tokens. They live by the simulator's clock. */
export type Tokens = {
  /** @param token to issue instead of a new random one */
  issue(entitlement: Entitlement, token?: string): { token: string; grant: Grant };
  /** The grant, also when it has expired. */
  find(token: string): Grant | undefined;
  /** Takes the token from now on for one that was never issued. */
  revoke(token: string): boolean;
};

/** @param tokenLength characters per token; the real ones range from about 1 500 to 32 768 */
export function createTokens(clock: Clock, tokenLength: number, lifetimeMs: number): Tokens {
  const grants = new Map<string, Grant>();
  return {
    issue(entitlement, token = randomToken(tokenLength)) {
      const issuedAt = clock.now();
      const grant = { methods: ['password'], ...entitlement, issuedAt, expiresAt: issuedAt + lifetimeMs };
      grants.set(token, grant);
      return { token, grant };
    },
    find: (token) => grants.get(token),
    revoke: (token) => grants.delete(token),
  };
}

/** A string that looks like the upstream's PKI tokens: `MII`, then base64 with `-` for `/`. */
function randomToken(length: number): string {
  const text = randomBytes(length).toString('base64').replaceAll('/', '-').replaceAll('=', '');
  return `MII${text}`.slice(0, length);
}
