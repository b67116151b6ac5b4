import { errorOf } from '../../modelarts/wire/error-body.ts';
import { knownErrorCodes } from '../../modelarts/wire/error-codes.ts';
import { type ErrorCode, type ErrorOrigin, ModelArtsError } from '../../modelarts/wire/errors.ts';
import type { Decoder } from '../../modelarts/wire/operation.ts';
import { integer, object, text } from '../../modelarts/wire/read.ts';
import type { ItemCodec } from '../../watch/watch-source.ts';

/** The sender has told the operator of the values it did not know. */
export const noDrift = (): void => {};

/** How failures of polls cross between replicas. Sentences stay behind: the upstream's may quote anything. */
export const errorCodec: Pick<ItemCodec<never>, 'encodeError' | 'decodeError'> = {
  encodeError: (error) =>
    error instanceof ModelArtsError
      ? {
          code: error.code,
          operationId: error.operationId,
          upstreamCode: error.upstreamCode,
          upstreamStatus: error.upstreamStatus,
          requestId: error.requestId,
          retryAfterSeconds: error.retryAfterSeconds,
        }
      : null,
  decodeError: (value) => errorOf(codeOf(value), originOf(value)),
};

/** Of reads only, so whatever is not in the table of upstream codes is an answer that could not be read. */
const codeOf = (value: unknown): ErrorCode =>
  [...knownErrorCodes.values()].find((code) => code === object(value)?.code) ?? 'UPSTREAM_INVALID';

function originOf(value: unknown): ErrorOrigin {
  const wire = object(value) ?? {};
  const [operationId, upstreamCode, requestId] = [wire.operationId, wire.upstreamCode, wire.requestId].map(text);
  const [upstreamStatus, retryAfterSeconds] = [wire.upstreamStatus, wire.retryAfterSeconds].map(integer);
  return {
    ...(operationId != null && { operationId }),
    ...(upstreamCode != null && { upstreamCode }),
    ...(requestId != null && { requestId }),
    ...(upstreamStatus != null && { upstreamStatus }),
    ...(retryAfterSeconds != null && { retryAfterSeconds }),
  };
}

const short = Symbol('short');

/** Whether another replica told of the item: it holds only what watches compare, so what is selected of it is read anew. */
export const isShort = (item: object): boolean => short in item;

/**
 * A codec for items that cross with only what watches compare.
 * @param encode those fields, under ModelArts' own names; never a secret, an address or a person
 */
export const shortCodec = <Item extends object>(
  encode: (item: Item) => unknown,
  decode: Decoder<Item>,
): ItemCodec<Item> => ({
  encode,
  decode(value) {
    const item = decode(value, noDrift);
    return item && Object.assign(item, { [short]: true });
  },
  ...errorCodec,
});
