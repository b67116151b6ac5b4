import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { isObject, type JsonObject } from '../json.ts';
import type { Account } from './accounts.ts';

/** An OpenID Connect provider as it is registered with IAM: its key set is given, not fetched, as IAM's `signing_key` is. */
export type IdentityProvider = {
  /** `X-Idp-Id`, `{idp_id}` */
  readonly id: string;
  /** Default `oidc`. */
  readonly protocolId?: string;
  /** `iss` of its ID tokens */
  readonly issuer: string;
  /** `aud` of its ID tokens */
  readonly clientId: string;
  /** JWKS; symmetric keys are not taken */
  readonly signingKey: JSONWebKeySet;
  /** name of the domain whose users sign in by it */
  readonly domain: string;
  /** Claim that says who signs in. Default `sub`. */
  readonly userClaim?: string;
  /** User name by value of that claim. Default: the value is the user name. */
  readonly users?: Readonly<Record<string, string>>;
};

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/**
 * The user an ID token speaks of, by its signature, issuer, audience and times.
 * @param nowMs epoch ms, by the simulator's clock
 * @returns null when it does not hold, or nobody is meant
 */
export async function userOfIdToken(
  provider: IdentityProvider,
  idToken: string,
  { accounts, nowMs }: { readonly accounts: readonly Account[]; readonly nowMs: number },
): Promise<Account | null> {
  const { issuer, clientId, signingKey, userClaim = 'sub', users, domain } = provider;
  try {
    const { payload } = await jwtVerify(idToken, createLocalJWKSet(signingKey), {
      issuer,
      audience: clientId,
      algorithms,
      requiredClaims: ['exp', 'iat'],
      currentDate: new Date(nowMs),
    });
    const claim = payload[userClaim];
    if (typeof claim !== 'string') return null;
    const name = users === undefined ? claim : Object.hasOwn(users, claim) ? users[claim] : undefined;
    return accounts.find((account) => account.user === name && account.domain.name === domain) ?? null;
  } catch (error) {
    // what jose does not throw as its own is a fault of ours, or a key that is none
    if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
    throw error;
  }
}

/** @throws Error that says what is wrong with it, for a 400 of the control */
export function readProvider(id: string, body: JsonObject): IdentityProvider {
  const { issuer, clientId, signingKey, domain, protocolId, userClaim, users, ...rest } = body;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`An identity provider has no ${unknown}.`);
  if (id === '' || typeof issuer !== 'string' || typeof clientId !== 'string' || typeof domain !== 'string')
    throw new Error('An identity provider needs an id in the path, and issuer, clientId and domain.');
  if (!isKeySet(signingKey)) throw new Error('signingKey must be a JWKS: {"keys": […]}.');
  if (users !== undefined && !isNames(users))
    throw new Error('users must have a user name for each value of the claim.');
  return {
    id,
    issuer,
    clientId,
    signingKey,
    domain,
    ...(typeof protocolId === 'string' && { protocolId }),
    ...(typeof userClaim === 'string' && { userClaim }),
    ...(users !== undefined && { users }),
  };
}

const isKeySet = (value: unknown): value is JSONWebKeySet =>
  isObject(value) &&
  Array.isArray(value.keys) &&
  value.keys.every((key) => isObject(key) && typeof key.kty === 'string');

const isNames = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((name) => typeof name === 'string');
