import { z } from 'zod';
import type { Interest } from './interest.ts';

const ids = z
  .array(z.string())
  .nullable()
  .transform((value): Interest => value && new Set(value));

const from = z.string();
/** number of the newest write of any replica that the sender knew of */
const writes = z.number();

const messages = z.discriminatedUnion('type', [
  /** what a poll found; `interest`: what it looked for */
  z.object({ type: z.literal('items'), from, writes, interest: ids, items: z.array(z.unknown()) }),
  /** what a poll failed with */
  z.object({ type: z.literal('failure'), from, error: z.unknown() }),
  /** whoever holds the lease should poll: for this interest, and not earlier than this write */
  z.object({ type: z.literal('ask'), from, writes, interest: ids }),
  /** what the sender wants from now on; nothing: it has left, and its lease with it */
  z.object({ type: z.literal('interest'), from, interest: ids }),
  /** the sender has changed something upstream: what was polled before is void */
  z.object({ type: z.literal('write'), from, writes }),
]);

/** What the replicas that watch one key tell each other. */
export type Message = z.output<typeof messages>;
export type Outcome = Extract<Message, { type: 'items' | 'failure' }>;

export const writeMessage = (message: Message): string =>
  JSON.stringify('interest' in message ? { ...message, interest: message.interest && [...message.interest] } : message);

/** @returns null for what another version of the gateway may have written */
export function readMessage(text: string): Message | null {
  try {
    return messages.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function readOutcome(text: string): Outcome | null {
  const message = readMessage(text);
  return message?.type === 'items' || message?.type === 'failure' ? message : null;
}
