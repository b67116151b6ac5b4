import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { type Limits, limitError, refusal } from './limits.ts';

/** Why a request is not taken. */
export type Refused = { readonly status: number; readonly error: GraphQLError };

export type ReadRequest = { readonly body: object | null } | { readonly refused: Refused };

const host = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The hosts of a gateway are few; whoever sends others pays for the look. */
let lastGoodHost: string | undefined;

/** Whether a Host header can be part of a URL; Yoga builds one from it and fails with a stack otherwise. */
export function isHost(header: string | undefined): boolean {
  if (header === undefined || header === '' || header === lastGoodHost) return true;
  if (!host.test(header) || !URL.canParse(`http://${header}`)) return false;
  lastGoodHost = header;
  return true;
}

/**
 * Reads a request for GraphQL as far as it must be read before it can be refused. Only `application/json` is taken from a
 * POST: a browser sends every other kind to any site without asking that site first.
 * @returns the JSON of a POST; null: there is none to be read
 */
export async function readGraphql(request: IncomingMessage, limits: Limits): Promise<ReadRequest> {
  if (request.method === 'GET') return queryRefusal(request.url ?? '') ?? { body: null };
  if (request.method !== 'POST') return { body: null };
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  if (!isJson(type)) return refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'A POST takes application/json, in UTF-8.');
  if (encoding !== undefined && encoding !== 'identity') {
    return refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'A compressed body is not taken.');
  }
  const bytes = await readBody(request, limits);
  if ('refused' in bytes) return bytes;
  if (!isUtf8(bytes)) return refused(400, 'BAD_REQUEST', 'The body is not UTF-8.');
  const body = parsed(bytes.toString('utf8'));
  if (Array.isArray(body)) return refused(400, 'BAD_REQUEST', 'One request takes one operation: arrays are refused.');
  if (typeof body !== 'object' || body === null) return refused(400, 'BAD_REQUEST', 'The body is no JSON object.');
  // Yoga takes an empty object for a body that was not read yet
  return { body: Object.keys(body).length > 0 ? body : { query: null } };
}

function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isOtherCharset = (parameter: string) => /^charset=(?!"?utf-?8"?$)/.test(parameter);
  return type === 'application/json' && !parameters.some(isOtherCharset);
}

/** `variables` and `extensions` of a query string are JSON objects. */
function queryRefusal(url: string): { readonly refused: Refused } | null {
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  for (const name of ['variables', 'extensions']) {
    const text = query.get(name);
    if (text === null || text === '') continue;
    const value = parsed(text);
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) continue;
    return refused(400, 'BAD_REQUEST', `The parameter ${name} is no JSON object.`);
  }
  return null;
}

/** The value of a JSON text; undefined: it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readBody(request: IncomingMessage, limits: Limits): Promise<Buffer | { readonly refused: Refused }> {
  const maximum = limits.bodyBytes;
  if (Number(request.headers['content-length'] ?? 0) > maximum) return Promise.resolve(tooLarge(maximum));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (result: Buffer | { readonly refused: Refused }): void => {
      clearTimeout(timer);
      // a stream of events keeps its request for hours, and the request would keep all this
      request.off('data', take).off('end', end).off('close', cutOff).off('error', cutOff);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maximum) finish(tooLarge(maximum));
      else chunks.push(chunk);
    };
    const timer = setTimeout(() => {
      const excess = { limit: 'uploadMs', maximum: limits.uploadMs } as const;
      finish({ refused: { status: 408, error: limitError('The body took too long to arrive.', excess) } });
    }, limits.uploadMs);
    const end = (): void => {
      const [only] = chunks;
      finish(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
    };
    // nobody is left to read the answer
    const cutOff = (): void => finish(refused(400, 'BAD_REQUEST', 'The body was cut off.'));
    request.on('data', take).on('end', end).on('close', cutOff).on('error', cutOff);
  });
}

const tooLarge = (maximum: number): { readonly refused: Refused } => ({
  refused: {
    status: 413,
    error: limitError(`The body is too large: it may have ${maximum} bytes.`, { limit: 'bodyBytes', maximum }),
  },
});

const refused = (status: number, code: string, message: string): { readonly refused: Refused } => ({
  refused: { status, error: refusal(message, { code }) },
});

/** Answers at once; what still arrives of the body is read and dropped, for as long as Node lets a request arrive. */
export function answerRefused(request: IncomingMessage, response: ServerResponse, { status, error }: Refused): void {
  const { http: _, ...extensions } = error.extensions;
  const isOwnType = request.headers.accept?.includes('application/graphql-response+json') === true;
  const type = isOwnType ? 'application/graphql-response+json' : 'application/json';
  const body = JSON.stringify({ errors: [{ message: error.message, extensions }] });
  if (status === 408) response.setHeader('connection', 'close');
  if (status === 415) response.setHeader('accept', 'application/json');
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` });
  response.end(body);
  request.resume();
}
