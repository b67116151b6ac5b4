import type { IncomingMessage } from 'node:http';
import { refusal } from '../graphql/limits/limits.ts';
import { withEmptyQuery } from '../graphql/persisted-query.ts';
import type { Refused } from '../http/request-body.ts';

/** Header of the token of an event stream that is shared by several operations; a query parameter does as well. */
export const tokenHeader = 'x-graphql-event-stream-token';
export const tokenParameter = 'token';

/** as they are given out */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Why a request for event streams is not taken; null: it is. graphql-sse keeps streams by token, and operations by id, as
 * properties of plain objects, where `constructor` is found without ever having been put there.
 * @param body JSON of a POST; null: there is none
 */
export function streamRefusal(request: IncomingMessage, body: object | null): Refused | null {
  const query = queryOf(request);
  const token = request.headers[tokenHeader] ?? query.get(tokenParameter);
  if (token !== null && !uuid.test(String(token))) return noSuchStream;
  const { operationId = null } = { ...extensionsOf(body, query) };
  if (operationId === null || typeof operationId === 'number') return null;
  if (typeof operationId === 'string' && !(operationId in Object.prototype)) return null;
  return unusableId;
}

/** The request as graphql-sse is to have it: it refuses one without a query in words no client knows. */
export function streamAsked(request: IncomingMessage, body: object | null): object | null {
  if (body !== null) return withEmptyQuery(body) ?? body;
  const query = queryOf(request);
  if (request.method !== 'GET' || query.get('query')) return null;
  if (withEmptyQuery({ extensions: extensionsOf(body, query) }) !== null) request.url += '&query=';
  return null;
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start));
}

/** The JSON in a query string was found to be valid when the request was read. */
function extensionsOf(body: object | null, query: URLSearchParams): Readonly<Record<string, unknown>> | null {
  const { extensions } =
    body === null
      ? { extensions: JSON.parse(query.get('extensions') || 'null') }
      : // JSON of any shape
        (body as { readonly extensions?: unknown });
  return typeof extensions === 'object' ? (extensions as Readonly<Record<string, unknown>>) : null;
}

const noSuchStream: Refused = {
  status: 404,
  error: refusal('No event stream has this token: PUT without one reserves a stream, and answers with its token.', {
    code: 'NOT_FOUND',
  }),
};

const unusableId: Refused = {
  status: 400,
  error: refusal('The operationId in extensions must be a text, and no name of a property that every object has.', {
    code: 'BAD_REQUEST',
  }),
};
