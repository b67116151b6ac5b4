import { type Answer, type Call, readBody, stringField } from '../call.ts';
import type { Account } from './accounts.ts';
import { notFound, unauthorised } from './caller.ts';
import { section } from './iam.ts';
import { type IdentityProvider, userOfIdToken } from './identity-providers.ts';
import { scopeOf } from './scope.ts';
import { issued } from './token-answer.ts';

const defaultProtocolId = 'oidc';

/** POST /v3.0/OS-AUTH/id-token/tokens: the provider is in X-Idp-Id, ID token and scope in the body. */
export async function createTokenWithIdToken(call: Call): Promise<Answer> {
  const provider = providerOf(call, call.header('x-idp-id') ?? '');
  const auth = section(readBody(call), 'auth');
  const user = await userBy(call, provider, stringField(section(auth, 'id_token'), 'id') ?? '');
  return issued(call, { ...federated(user, provider), scope: scopeOf(user, auth.scope) });
}

/**
 * POST /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth: the ID token is in Authorization. The token has
 * no scope; issueToken with method `token` gives one that has.
 */
export async function createUnscopedTokenWithIdToken(call: Call): Promise<Answer> {
  const { providerId, protocolId } = call.params;
  const provider = providerOf(call, providerId);
  if (protocolId !== (provider.protocolId ?? defaultProtocolId)) throw notFound('federated protocol', protocolId);
  const idToken = /^Bearer +(\S+)$/i.exec(call.header('authorization') ?? '')?.[1] ?? '';
  const user = await userBy(call, provider, idToken);
  return issued(call, { ...federated(user, provider), scope: { kind: 'none' } });
}

function providerOf({ state }: Call, id: string): IdentityProvider {
  const provider = state.identityProviders.get(id);
  if (provider === undefined) throw notFound('identity provider', id);
  return provider;
}

async function userBy({ state, now }: Call, provider: IdentityProvider, idToken: string): Promise<Account> {
  const { accounts } = state.settings;
  const user = await userOfIdToken(provider, idToken, { accounts, nowMs: now });
  if (user === null) throw unauthorised('The ID token is invalid, has expired, or is of no user.');
  return user;
}

const federated = (user: Account, { id, protocolId = defaultProtocolId }: IdentityProvider) => ({
  user,
  methods: ['mapped'],
  federation: { providerId: id, protocolId },
});
