import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { writeTogether } from '../../runtime/batched-writes.ts';
import { type Limits, limitError, refusal } from '../graphql/limits/limits.ts';
import type { BodyListener, Incoming, ReadBody } from './incoming.ts';
import { SharedRoom, type Tenant } from './shared-room.ts';

/** Why a request is not taken. */
export type Refused = { readonly status: number; readonly error: GraphQLError };

export type ReadRequest = { readonly body: object | null } | { readonly refused: Refused };

export type ReadOptions = {
  readonly limits: Limits;
  readonly readBody: ReadBody;
  /** room, in bytes, of bodies that do not arrive at once, by the address they come from */
  readonly uploads: SharedRoom;
};

/** Room for bodies on their way. An address has a quarter of it; a body that is still arriving then is asked for again. */
export function createUploads({ bodyBytes }: Limits): SharedRoom {
  const share = Math.max(16 * 1024 * 1024, 4 * bodyBytes);
  return new SharedRoom({ share, total: 4 * share });
}

/**
 * Reads a request for GraphQL as far as it must be read before it can be refused. Only `application/json` is taken from a
 * POST: a browser sends every other kind to any site without asking that site first.
 * @param done is told the JSON of a POST; null: there is none to be read
 */
export function readGraphql(
  request: Incoming,
  { limits, readBody, uploads }: ReadOptions,
  done: (read: ReadRequest) => void,
): void {
  const read = readHead(request, limits);
  if (read !== null) {
    done(read);
    return;
  }
  const body = new Body(limits, done);
  body.stopsBy(readBody(request, body));
  // nearly all of them are there by then
  writeTogether(() => body.expectRest(uploads, request.socket.remoteAddress ?? ''));
}

/** @returns null: the body decides */
function readHead(request: Incoming, limits: Limits): ReadRequest | null {
  if (request.method === 'GET') return queryRefusal(request.url ?? '') ?? noBody;
  if (request.method !== 'POST') return noBody;
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': length } = request.headers;
  if (!isJson(type)) return refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'A POST takes application/json, in UTF-8.');
  if (encoding !== undefined && encoding !== 'identity') {
    return refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'A compressed body is not taken.');
  }
  return Number(length ?? 0) > limits.bodyBytes ? tooLarge(limits.bodyBytes) : null;
}

const noBody: ReadRequest = { body: null };

function jsonBody(bytes: Buffer): ReadRequest {
  if (!isUtf8(bytes)) return refused(400, 'BAD_REQUEST', 'The body is not UTF-8.');
  const text = bytes.toString('utf8');
  // some write the mark before UTF-8, which JSON has not (RFC 8259, 8.1: a parser may ignore it)
  const body = parsed(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
  if (Array.isArray(body)) return refused(400, 'BAD_REQUEST', 'One request takes one operation: arrays are refused.');
  if (typeof body !== 'object' || body === null) return refused(400, 'BAD_REQUEST', 'The body is no JSON object.');
  // Yoga takes an empty object for a body that was not read yet
  return { body: Object.keys(body).length > 0 ? body : { query: null } };
}

const byteOrderMark = 0xfeff;

const jsonType = 'application/json';
const utf8 = /^'?utf-?8'?$/i;
/** a parameter of a media type, its value quoted or bare */
const parameter = /;\s*([^\s=;]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*)))?/g;

function isJson(contentType: string | undefined): boolean {
  if (contentType === jsonType) return true;
  const [type = ''] = (contentType ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== jsonType) return false;
  for (const [, name, quoted, bare = ''] of (contentType ?? '').matchAll(parameter)) {
    if (name?.toLowerCase() === 'charset' && !utf8.test(quoted ?? bare.trim())) return false;
  }
  return true;
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

/** Bytes a body is given room for at least, once it comes in pieces. */
const leastCapacity = 1024;

/** The body of a POST while it arrives. */
class Body implements BodyListener {
  readonly #limits: Limits;
  readonly #done: (read: ReadRequest) => void;
  /** what has come, and room behind it: pieces of a byte each would take hundreds of bytes */
  #bytes: Buffer = nothing;
  #size = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #stop: (() => void) | undefined;
  #room: Tenant | undefined;

  constructor(limits: Limits, done: (read: ReadRequest) => void) {
    this.#limits = limits;
    this.#done = done;
  }

  chunk(bytes: Buffer): void {
    const size = this.#size + bytes.length;
    if (size > this.#limits.bodyBytes) {
      this.#finish(tooLarge(this.#limits.bodyBytes));
      return;
    }
    if (this.#size === 0) this.#bytes = bytes;
    else this.#append(bytes, size);
    this.#size = size;
  }

  end(): void {
    // of one that came at once this is all
    const isFull = this.#bytes.length === this.#size;
    this.#finish(jsonBody(isFull ? this.#bytes : this.#bytes.subarray(0, this.#size)));
  }

  #append(bytes: Buffer, size: number): void {
    if (size > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(leastCapacity, 2 * size));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
      this.#room?.resize(grown.length);
      // it gave way itself
      if (this.#isOver) return;
    }
    bytes.copy(this.#bytes, this.#size);
  }

  /** nobody is left to read the answer */
  cut(): void {
    this.#finish(refused(400, 'BAD_REQUEST', 'The body was cut off.'));
  }

  /** @param stop has nothing more of it told */
  stopsBy(stop: () => void): void {
    this.#stop = stop;
  }

  /** What is not there yet must come in time, and takes room of its caller's share. */
  expectRest(uploads: SharedRoom, caller: string): void {
    if (this.#isOver) return;
    this.#room = uploads.enter(caller, () => this.#finish(gaveWay()));
    this.#room.resize(this.#bytes.length);
    // it gave way itself
    if (this.#isOver) return;
    const excess = { limit: 'uploadMs', maximum: this.#limits.uploadMs } as const;
    this.#timer = setTimeout(() => {
      this.#finish({ refused: { status: 408, error: limitError('The body took too long to arrive.', excess) } });
    }, excess.maximum);
  }

  #finish(read: ReadRequest): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    // a stream of events keeps its request for hours, and the request would keep all this
    this.#stop?.();
    this.#room?.leave();
    this.#bytes = nothing;
    this.#done(read);
  }
}

const nothing = Buffer.alloc(0);

const gaveWay = () =>
  refused(
    503,
    'LIMIT_EXCEEDED',
    'Too many requests are arriving slowly at the same time: send this one again, at once.',
  );

const tooLarge = (maximum: number): { readonly refused: Refused } => ({
  refused: {
    status: 413,
    error: limitError(`The body is too large: it may have ${maximum} bytes.`, { limit: 'bodyBytes', maximum }),
  },
});

const refused = (status: number, code: string, message: string): { readonly refused: Refused } => ({
  refused: { status, error: refusal(message, { code }) },
});

/** No type of an answer is among those the client accepts. */
export const notAcceptable: Refused = {
  status: 406,
  error: refusal(
    'The Accept header names no type this server answers with: application/json, application/graphql-response+json, or text/event-stream for a subscription.',
    { code: 'NOT_ACCEPTABLE' },
  ),
};

/** Headers an error brings along for its answer. */
const headersOf = (http: unknown): Readonly<Record<string, string>> =>
  // put there by errors of this server alone
  (http as { readonly headers?: Readonly<Record<string, string>> } | undefined)?.headers ?? {};

/** Answers at once; what still arrives of the body is read and dropped, for as long as Node lets a request arrive. */
export function answerRefused(request: IncomingMessage, response: ServerResponse, { status, error }: Refused): void {
  const { http, ...extensions } = error.extensions;
  for (const [name, value] of Object.entries(headersOf(http))) response.setHeader(name, value);
  const isOwnType = request.headers.accept?.includes('application/graphql-response+json') === true;
  const type = isOwnType ? 'application/graphql-response+json' : 'application/json';
  const body = JSON.stringify({
    errors: [{ message: error.message, extensions: { ...extensions, requestId: response.getHeader('x-request-id') } }],
  });
  if (status === 408 || status === 503) response.setHeader('connection', 'close');
  if (status === 415) response.setHeader('accept', 'application/json');
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` });
  response.end(body);
  request.resume();
}
