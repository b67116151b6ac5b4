import { z } from 'zod';
import type { Interest } from './interest.ts';
import { knownVersion, messageVersion } from './version.ts';

const ids = z
  .array(z.string())
  .nullable()
  .transform((value): Interest => value && new Set(value));

const v = knownVersion;
const from = z.string();
/** number of the newest write of any replica that the sender knew of */
const writes = z.number();

const messages = z.discriminatedUnion('type', [
  /** what a poll found; `interest`: what it looked for */
  z.object({ v, type: z.literal('items'), from, writes, interest: ids, items: z.array(z.unknown()) }),
  /** what a poll failed with */
  z.object({ v, type: z.literal('failure'), from, error: z.unknown() }),
  /** whoever holds the lease should poll: for this interest, and not earlier than this write */
  z.object({ v, type: z.literal('ask'), from, writes, interest: ids }),
  /** what the sender wants from now on; nothing: it has left, and its lease with it */
  z.object({ v, type: z.literal('interest'), from, interest: ids }),
  /** the sender has changed something upstream: what was polled before is void */
  z.object({ v, type: z.literal('write'), from, writes }),
]);

/** What the replicas that watch one key tell each other. */
export type Message = z.output<typeof messages>;
export type Outcome = Extract<Message, { type: 'items' | 'failure' }>;

export const writeMessage = (message: Message): string =>
  JSON.stringify({
    v: messageVersion,
    ...message,
    ...('interest' in message && { interest: message.interest && [...message.interest] }),
  });

/** `unreadable`: it bears the number of another version, and nothing else is known of it. */
export type Received = Message | 'unreadable' | null;

/** @returns null for what nobody of any version has written */
export function readMessage(text: string): Received {
  const value = parsed(text);
  const message = messages.safeParse(value).data;
  if (message !== undefined) return message;
  const isOfOtherVersion = typeof value === 'object' && value !== null && 'v' in value && value.v !== messageVersion;
  return isOfOtherVersion ? 'unreadable' : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function readOutcome(text: string): Outcome | 'unreadable' | null {
  const message = readMessage(text);
  if (message === null || message === 'unreadable') return message;
  return message.type === 'items' || message.type === 'failure' ? message : null;
}
