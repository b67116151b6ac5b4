import { type Answer, type Call, noContent, objectField, readBody, stringField, stringsField } from '../call.ts';
import { Refusal } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Account } from './accounts.ts';
import { checkAccess, grantOf, notFound, unauthorised } from './caller.ts';
import { isDomain, scopeOf } from './scope.ts';
import { described, issued } from './token-answer.ts';
import type { Entitlement, Grant } from './tokens.ts';

/** POST /v3/auth/tokens: the token is in X-Subject-Token, the body describes it. */
export function issueToken(call: Call): Answer {
  const auth = section(readBody(call), 'auth');
  const identity = section(auth, 'identity');
  const methods = stringsField(identity, 'methods') ?? [];
  const who = identify(call, methods, identity);
  return issued(call, { methods, ...who, scope: scopeOf(who.user, auth.scope) });
}

/** GET /v3/auth/tokens: the token that is asked about is in X-Subject-Token, who asks in X-Auth-Token. */
export function keystoneValidateToken(call: Call): Answer {
  const { token, grant } = subjectOf(call);
  if (grant.expiresAt <= call.now) throw notFound('token', '');
  return described(call, token, grant);
}

/** DELETE /v3/auth/tokens: whether it has expired or not. From then on nothing takes it. */
export function deleteUserToken(call: Call): Answer {
  call.state.tokens.revoke(subjectOf(call).token);
  return noContent;
}

/** @throws Refusal 401 who asks is not known; 404 the token is not; 403 it is another user's */
function subjectOf(call: Call): { token: string; grant: Grant } {
  const asking = grantOf(call);
  const token = call.header('x-subject-token');
  if (token === undefined || token === '') throw new Refusal(400, 'IAM.0011', 'X-Subject-Token is missing.');
  const grant = call.state.tokens.find(token);
  // the token itself is in no message
  if (grant === undefined) throw notFound('token', '');
  checkAccess(asking.user, grant.user);
  return { token, grant };
}

type Identified = Pick<Entitlement, 'user' | 'federation'>;

function identify(call: Call, methods: readonly string[], identity: JsonObject): Identified {
  if (methods.includes('token')) return byToken(call, stringField(section(identity, 'token'), 'id') ?? '');
  if (!methods.includes('password')) throw new Refusal(400, 'IAM.0011', 'The method must be password or token.');
  const claimed = section(section(identity, 'password'), 'user');
  const domain = objectField(claimed, 'domain');
  const user = call.state.settings.accounts.find(
    (account) =>
      (account.id === stringField(claimed, 'id') ||
        (account.user === stringField(claimed, 'name') && domain !== undefined && isDomain(account.domain, domain))) &&
      account.password === stringField(claimed, 'password'),
  );
  if (user === undefined) throw unauthorised('The username or password is wrong.');
  if (user.passcode !== undefined) checkPasscode(user, methods, identity);
  return { user };
}

function checkPasscode(user: Account, methods: readonly string[], identity: JsonObject): void {
  if (!methods.includes('totp')) throw unauthorised('The account requires multi-factor authentication.');
  const claimed = section(section(identity, 'totp'), 'user');
  const isSameUser = [user.id, user.user].includes(stringField(claimed, 'id') ?? stringField(claimed, 'name') ?? '');
  if (!isSameUser || stringField(claimed, 'passcode') !== user.passcode)
    throw unauthorised('The verification code is wrong.');
}

function byToken(call: Call, token: string): Identified {
  const grant = call.state.tokens.find(token);
  if (grant === undefined || grant.expiresAt <= call.now) throw unauthorised('The token is invalid or has expired.');
  return { user: grant.user, federation: grant.federation };
}

/** @throws Refusal 400 the body lacks it */
export const section = (body: JsonObject, name: string): JsonObject => {
  const value = objectField(body, name);
  if (value === undefined) throw new Refusal(400, 'IAM.0011', `The request body lacks ${name}.`);
  return value;
};
