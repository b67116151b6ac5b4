import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lets pages of other origins ask, and read what they are answered (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export type Cors = {
  /** Puts the headers of this request's origin on its response, before anything else is done with either. */
  share(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Answers the question a browser asks before a request it would not send unasked.
   * @returns false: the request is none, or comes from an origin that is not allowed
   */
  answerPreflight(request: IncomingMessage, response: ServerResponse): boolean;
};

export type CorsOptions = {
  /** as browsers send them; `*`, alone: any page */
  readonly origins: readonly string[];
  /** path of graphql-sse's single connection, which is reserved with PUT and whose operations end with DELETE */
  readonly streamPath: string;
};

/** A day: Firefox keeps an answer that long, Chromium two hours of it. */
const keptSeconds = '86400';

/** What a page may send beside what any page may. */
const requestHeaders = [
  'accept',
  'apollo-require-preflight',
  'apollographql-client-name',
  'apollographql-client-version',
  'authorization',
  'baggage',
  'cache-control',
  'content-type',
  'graphql-client-name',
  'graphql-client-version',
  'last-event-id',
  'sentry-trace',
  'traceparent',
  'tracestate',
  'x-auth-token',
  'x-cost',
  'x-graphql-event-stream-token',
  'x-project-id',
  'x-request-id',
  'x-requested-with',
].join(', ');

/** What a page may read beside what any page may. */
const responseHeaders = [
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-request-id',
].join(', ');

/**
 * Credentials of the browser's own (cookies, client certificates, HTTP authentication) are never allowed: a token is sent in a
 * header by whoever has it, so that a page acts for nobody by being open.
 * @returns null: no origin is allowed, and no response speaks of origins
 */
export function createCors({ origins, streamPath }: CorsOptions): Cors | null {
  if (origins.length === 0) return null;
  const isAny = origins.includes('*');
  const allowed: ReadonlySet<string> = new Set(origins);
  /** of the request; two that were sent arrive as one text, and as no origin */
  const allowedOrigin = ({ headers: { origin } }: IncomingMessage): string | null => {
    if (origin === undefined) return null;
    if (isAny) return '*';
    return allowed.has(origin) ? origin : null;
  };

  return {
    share(request, response) {
      // to requests without an origin as well: a cache would give their answers to those with one
      response.setHeader('vary', 'Origin');
      const origin = allowedOrigin(request);
      if (origin === null) return;
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', responseHeaders);
    },
    answerPreflight(request, response) {
      if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
      if (allowedOrigin(request) === null) return false;
      const isOfStreams = request.url?.split('?', 1)[0] === streamPath;
      response.writeHead(204, {
        'access-control-allow-methods': isOfStreams ? 'GET, POST, PUT, DELETE' : 'GET, POST',
        'access-control-allow-headers': requestHeaders,
        'access-control-max-age': keptSeconds,
      });
      response.end();
      return true;
    },
  };
}
