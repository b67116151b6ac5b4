import type { IncomingMessage } from 'node:http';
import { clientAddress } from '../rates/address.ts';

/** What a request says of its caller. Nothing here was checked by the upstream yet. */
export type Credential = {
  /** null: there is none, or it is unusable */
  readonly token: string | null;
  /** why a token that was sent cannot be one */
  readonly problem: string | null;
  readonly projectId: string | null;
  /** where the request comes from; see `clientAddress` */
  readonly address: string;
  /** stands for the token in keys, once it was asked for */
  key?: string;
};

/** Printable ASCII without spaces and commas (two headers arrive joined by a comma). */
const tokenPattern = /^[\x21-\x2b\x2d-\x7e]{1,32768}$/;

const bearer = /^Bearer +/i;

/**
 * Reads `X-Auth-Token` (or `Authorization: Bearer`) and `X-Project-Id`.
 * @param header value of a header by its lower-case name; from `connection_init` it can be any JSON
 * @param address where it comes from
 */
export function readCredential(header: (name: string) => unknown, address: string): Credential {
  const projectId = header('x-project-id');
  const project = projectId === undefined || projectId === null || projectId === '' ? null : String(projectId);
  const authorization = header('authorization');
  const given =
    header('x-auth-token') ??
    (typeof authorization === 'string' && bearer.test(authorization) ? authorization.replace(bearer, '') : null);
  if (given === null || given === undefined || given === '')
    return { token: null, problem: null, projectId: project, address };
  if (typeof given !== 'string' || !tokenPattern.test(given)) {
    return {
      token: null,
      problem: 'The token is not one: it must be a single value of printable ASCII without spaces or commas.',
      projectId: project,
      address,
    };
  }
  return { token: given, problem: null, projectId: project, address };
}

/**
 * What the last request on a connection showed, on its socket: the next one mostly shows the same. Tokens of IAM have
 * thousands of characters, and to check and hash one of 2 KB takes 3.7 µs, 4 % of a request.
 */
const shown = Symbol('shown');

type Shown = { readonly headers: readonly unknown[]; readonly credential: Credential };

/** `readCredential` of an HTTP request, which came by way of so many proxies of the operator's own. */
export function credentialOf(request: IncomingMessage, trustedProxies: number): Credential {
  const { headers, socket } = request;
  const { 'x-auth-token': token, authorization, 'x-project-id': projectId } = headers;
  // a proxy has requests of many clients on one connection
  const forwardedFor = trustedProxies === 0 ? undefined : headers['x-forwarded-for'];
  // a field of ours on a socket of node:net
  const last = (socket as { [shown]?: Shown })[shown];
  if (last !== undefined) {
    const [lastToken, lastAuthorization, lastProjectId, lastForwardedFor] = last.headers;
    if (
      token === lastToken &&
      authorization === lastAuthorization &&
      projectId === lastProjectId &&
      forwardedFor === lastForwardedFor
    )
      return last.credential;
  }
  const credential = readCredential((name) => headers[name], clientAddress(request, trustedProxies));
  // as above
  (socket as { [shown]?: Shown })[shown] = { headers: [token, authorization, projectId, forwardedFor], credential };
  return credential;
}
