import type { Decoder } from '../client/answer.ts';
import type { Call, Session } from '../client/client.ts';
import { errorOf } from './error-body.ts';
import { integer32, list, object, type Wire } from './read.ts';

export type { Decoder } from '../client/answer.ts';

/**
 * Makes one call and decodes its answer. One that is not what the contract says counts as drift, of `<operationId> answer`.
 * @throws UpstreamInvalidError a read gave something else; OutcomeUnknownError a write did
 */
export async function call<T>(session: Session, request: Call, decode: Decoder<T>): Promise<T> {
  const answer = await session.send(request);
  const decoded = answer.decoded(decode, session.drift);
  if (decoded !== null) return decoded;
  session.drift(`${request.operationId} answer`, 'unreadable');
  throw errorOf(request.method === 'GET' ? 'UPSTREAM_INVALID' : 'OUTCOME_UNKNOWN', {
    operationId: request.operationId,
    upstreamStatus: answer.status,
    requestId: session.requestId,
  });
}

/**
 * Like `call`, for changes that may be answered without a body (204).
 * @returns null when there is no body
 */
export async function callOrEmpty<T>(session: Session, request: Call, decode: Decoder<T>): Promise<T | null> {
  const { decoded } = await call<{ readonly decoded: T | null }>(session, request, (body, drift) => {
    const decoded = body === null ? null : decode(body, drift);
    return body !== null && decoded === null ? null : { decoded };
  });
  return decoded;
}

/** One page of an offset-limit list. */
export type Page<T> = {
  readonly items: readonly T[];
  /** items the page held before unreadable ones were left out: the record offset moves by this */
  readonly received: number;
  /** what the upstream says there is in all; it may be wrong (the documented sample says 39 and holds 38) */
  readonly total: number | null;
};

/** Decoder of a list envelope; `kind` names the items for the drift log. A null or missing list is an empty page; anything but an object is not a page. */
export function pageOf<T>(
  kind: string,
  decode: Decoder<T>,
  keys = { items: 'data', total: 'total' },
): Decoder<Page<T>> {
  return (body, drift) => {
    const wire: Wire | null = object(body);
    if (wire === null) return null;
    const value = wire[keys.items];
    if (value !== undefined && value !== null && !Array.isArray(value)) return null;
    const items = list(value, (item) => {
      const decoded = decode(item, drift);
      if (decoded === null) drift(`${kind} in a list`, 'unreadable item');
      return decoded;
    });
    return { items, received: Array.isArray(value) ? value.length : 0, total: integer32(wire[keys.total]) };
  };
}

/** For answers whose body does not matter (204, or a fragment). */
export const ignored: Decoder<true> = () => true;
