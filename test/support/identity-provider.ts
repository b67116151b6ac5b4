import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { IdentityProvider } from '../../src/simulator/iam/identity-providers.ts';

export type ProviderOfTests = {
  /** As it is registered with IAM. */
  provider(): Promise<IdentityProvider>;
  /**
   * An ID token of this provider for its user, good for five minutes.
   * @param nowMs epoch ms
   * @param claims in the place of those it would have
   */
  idToken(nowMs: number, claims?: JWTPayload): Promise<string>;
};

type Named = { readonly id: string; readonly domain: string; readonly user: string };

/** An OpenID Connect provider without a server: a key, and what is signed with it. */
export function identityProvider({ id, domain, user }: Named): ProviderOfTests {
  const keys = generateKeyPair('RS256', { extractable: true });
  const issuer = `https://${id}.example.com`;
  return {
    async provider() {
      const { publicKey } = await keys;
      const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
      return {
        id,
        issuer,
        clientId: 'console',
        signingKey: { keys: [jwk] },
        domain,
        users: { [`${user}@example.com`]: user },
      };
    },
    async idToken(nowMs, claims = {}) {
      const { privateKey } = await keys;
      const iat = Math.floor(nowMs / 1000);
      const payload = { iss: issuer, aud: 'console', sub: `${user}@example.com`, iat, exp: iat + 300, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(privateKey);
    },
  };
}
