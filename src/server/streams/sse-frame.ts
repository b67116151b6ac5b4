import type { ExecutionResult } from 'graphql';
import type { ResultText } from '../graphql/errors/failures.ts';

/** Does nothing at a client; shows both sides that the connection is alive, and browsers that it is open. */
export const comment = ':\n\n';

export const completeFrame = 'event: complete\ndata:\n\n';

/** Clients that lost their stream come back spread over these seconds, not all at once. */
const retryMs = (): number => 1000 + Math.floor(Math.random() * 4000);

export const openingFrame = (): string => `retry: ${retryMs()}\n${comment}`;

/** Of a response that is a stream. Compression would hold events back, and so would a proxy's buffer. */
export const eventHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
} as const;

export type Frame = {
  readonly bytes: Buffer;
  /** the stream ends behind it, for the reason it gives */
  readonly isLast: boolean;
};

type Written = Frame & { readonly id: string | null };

const written = new WeakMap<ExecutionResult, Written>();

/**
 * An event of graphql-sse in bytes, written once for all who are sent the same result.
 * @param id resume point; null: the event has none
 * @param textOf JSON of the result, or of what is said in its place
 */
export function nextFrame(
  result: ExecutionResult,
  id: string | null,
  textOf: (result: ExecutionResult) => ResultText,
): Frame {
  const known = written.get(result);
  if (known !== undefined && known.id === id) return known;
  const { text, isFailure } = textOf(result);
  const bytes = Buffer.from(`event: next\n${id === null ? '' : `id: ${id}\n`}data: ${text}\n\n`);
  const frame = { id, bytes, isLast: isFailure };
  // a failure is told, logged and counted to each for himself
  if (!isFailure) written.set(result, frame);
  return frame;
}
