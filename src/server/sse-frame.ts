import type { ExecutionResult } from 'graphql';

/** Does nothing at a client; shows both sides that the connection is alive, and browsers that it is open. */
export const comment = ':\n\n';

export const completeFrame = 'event: complete\ndata:\n\n';

/** Clients that lost their stream come back spread over these seconds, not all at once. */
const retryMs = (): number => 1000 + Math.floor(Math.random() * 4000);

export const openingFrame = (): string => `retry: ${retryMs()}\n${comment}`;

type Written = { readonly id: string | null; readonly frame: Buffer };

const written = new WeakMap<ExecutionResult, Written>();

/**
 * An event of graphql-sse in bytes, written once for all who are sent the same result.
 * @param id resume point; null: the event has none
 * @param textOf JSON of the result
 */
export function nextFrame(
  result: ExecutionResult,
  id: string | null,
  textOf: (result: ExecutionResult) => string,
): Buffer {
  const known = written.get(result);
  if (known !== undefined && known.id === id) return known.frame;
  const text = `event: next\n${id === null ? '' : `id: ${id}\n`}data: ${textOf(result)}\n\n`;
  const frame = Buffer.from(text);
  written.set(result, { id, frame });
  return frame;
}
