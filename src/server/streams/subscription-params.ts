import type { IncomingMessage } from 'node:http';
import { takesEvents } from '../http/media-type.ts';

/** What a request asks, as graphql-over-http names it. */
export type SubscriptionParams = {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
};

const names: readonly string[] = ['query', 'operationName', 'variables', 'extensions'];

/**
 * @param body JSON of a POST; null: the parameters stand in the URL
 * @returns null: it takes no event stream, surely asks for no subscription, or in a way that is to be refused
 */
export function subscriptionParams(
  { headers, method, url }: IncomingMessage,
  body: object | null,
): SubscriptionParams | null {
  if (!takesEvents(headers.accept) || (body === null && method !== 'GET')) return null;
  const asked = body ?? fromUrl(url ?? '');
  // an object of any shape; each field is looked at
  const { query, operationName, variables, extensions } = asked as Record<string, unknown>;
  const isKnown = Object.entries(asked).every(([name, value]) => value == null || names.includes(name));
  if (!isKnown || !isObject(variables) || !isObject(extensions)) return null;
  if (typeof query !== 'string' || !query.includes('subscription')) return null;
  if (operationName != null && typeof operationName !== 'string') return null;
  return { query, ...(operationName != null && { operationName }), ...(variables != null && { variables }) };
}

/** The JSON in it was found to be valid when the request was read. */
function fromUrl(url: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const start = url.indexOf('?');
  for (const [name, text] of new URLSearchParams(start < 0 ? '' : url.slice(start + 1))) {
    if (text === '' || Object.hasOwn(found, name) || !names.includes(name)) continue;
    found[name] = name === 'variables' || name === 'extensions' ? JSON.parse(text) : text;
  }
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> | null | undefined =>
  value == null || (typeof value === 'object' && !Array.isArray(value));
