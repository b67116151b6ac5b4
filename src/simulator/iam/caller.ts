import type { Call } from '../call.ts';
import { Refusal } from '../errors.ts';
import type { Account } from './accounts.ts';
import type { Grant } from './tokens.ts';

/** A refusal of IAM for who cannot be told, or is not let in. */
export const unauthorised = (message: string): Refusal => new Refusal(401, 'IAM.0001', message);

const forbidden = (): Refusal =>
  new Refusal(403, 'IAM.0003', 'You are not authorized to perform the requested action.');

/** @throws Refusal 404 in the words of IAM */
export const notFound = (what: string, id: string): Refusal =>
  new Refusal(404, 'IAM.0004', `Could not find ${what}: ${id}.`);

/** Who asks IAM, by a token of any scope. @throws Refusal 401 */
export function grantOf(call: Call): Grant {
  const grant = call.token === undefined ? undefined : call.state.tokens.find(call.token);
  if (grant === undefined) throw unauthorised('The request you have made requires authentication.');
  if (grant.expiresAt <= call.now) throw unauthorised('The token has expired.');
  return grant;
}

/** What is a user's own is for him, and for administrators of his domain. @throws Refusal 403 */
export function checkAccess(asking: Account, owner: Account): void {
  const isOfDomain = asking.isAdministrator && asking.domain.id === owner.domain.id;
  if (asking.id !== owner.id && !isOfDomain) throw forbidden();
}
