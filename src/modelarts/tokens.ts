import type { Session } from './client/client.ts';
import { assumedExpiryMs, tokenTimeMs } from './token-times.ts';
import { errorOf } from './wire/error-body.ts';
import { object, text } from './wire/read.ts';

export type TokenScope =
  | { readonly projectId: string }
  | { readonly projectName: string; readonly domainName?: string | undefined };

export type PasswordCredential = {
  readonly password: string;
  /** passcode of a virtual MFA device */
  readonly passcode?: string | undefined;
} & (NamedUser | UserById);

type NamedUser = {
  readonly domainName: string;
  readonly userName: string;
  /** the MFA method wants the user's id, or the name where the id is not known */
  readonly userId?: string | undefined;
};

/** An id says which account it is of. */
type UserById = { readonly userId: string; readonly userName?: undefined };

export type NamedRef = { readonly id: string | null; readonly name: string | null };

/** A token and what IAM says of it. `token` is a credential. */
export type IssuedToken = {
  readonly token: string;
  /** Unix ms; 24 hours after it was issued when IAM does not say so that it can be read */
  readonly expiresAtMs: number;
  /** Unix ms */
  readonly issuedAtMs: number | null;
  readonly project: NamedRef | null;
  readonly user: NamedRef | null;
  readonly domain: NamedRef | null;
};

const refOf = (value: unknown): NamedRef | null => {
  const wire = object(value);
  return wire === null ? null : { id: text(wire.id), name: text(wire.name) };
};

const scopeOf = (scope: TokenScope): unknown =>
  'projectId' in scope
    ? { project: { id: scope.projectId } }
    : {
        project: {
          name: scope.projectName,
          ...(scope.domainName !== undefined && { domain: { name: scope.domainName } }),
        },
      };

async function issue(
  session: Session,
  identity: unknown,
  { scope, askedAbout }: { readonly scope: TokenScope; readonly askedAbout?: string },
): Promise<IssuedToken> {
  const operationId = 'issueToken';
  const answer = await session.send({
    operationId,
    method: 'POST',
    isSafe: true,
    askedAbout,
    service: 'iam',
    path: '/v3/auth/tokens',
    query: { nocatalog: 'true' },
    body: { auth: { identity, scope: scopeOf(scope) } },
  });
  const header = answer.headers['x-subject-token'];
  const token = Array.isArray(header) ? header[0] : header;
  const body = object(answer.body);
  // the token is what was asked for: whatever is missing beside it, it is not lost
  const wire = object(body?.token) ?? {};
  if (token === undefined || token === '') {
    throw errorOf('UPSTREAM_INVALID', { operationId, upstreamStatus: answer.status, requestId: session.requestId });
  }
  const user = object(wire.user);
  const issuedAtMs = tokenTimeMs(wire.issued_at);
  return {
    token,
    expiresAtMs: tokenTimeMs(wire.expires_at) ?? assumedExpiryMs(issuedAtMs),
    issuedAtMs,
    project: refOf(wire.project),
    user: refOf(user),
    domain: refOf(user?.domain),
  };
}

/**
 * A token for a user, by name or id, and password, with a passcode when the user has virtual MFA.
 * REST: `POST /v3/auth/tokens?nocatalog=true` on the IAM host; the token comes in the `X-Subject-Token` header. Tried once.
 * @throws UnauthenticatedError IAM refuses the credentials; ForbiddenError the user may not enter the project
 */
export function issueToken(session: Session, credential: PasswordCredential, scope: TokenScope): Promise<IssuedToken> {
  const { password, passcode, userId } = credential;
  const user = {
    user:
      credential.userName === undefined
        ? { id: userId, password }
        : { name: credential.userName, password, domain: { name: credential.domainName } },
  };
  if (passcode === undefined) return issue(session, { methods: ['password'], password: user }, { scope });
  const totp = { user: { ...(userId === undefined ? { name: credential.userName } : { id: userId }), passcode } };
  return issue(session, { methods: ['password', 'totp'], password: user, totp }, { scope });
}

/**
 * A token of another scope for an existing token.
 * REST: `POST /v3/auth/tokens?nocatalog=true` with method `token`.
 * @throws UnauthenticatedError the token is expired or invalid
 */
export const exchangeToken = (session: Session, token: string, scope: TokenScope): Promise<IssuedToken> =>
  issue(session, { methods: ['token'], token: { id: token } }, { scope, askedAbout: token });
