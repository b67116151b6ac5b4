import { z } from 'zod';
import { knownVersion, messageVersion } from '../../watch/replicas/version.ts';

const message = z.object({ v: knownVersion, type: z.literal('revoked'), from: z.string(), token: z.string() });

/**
 * A refused token as replicas tell each other of it.
 * @param digest `tokenDigest` of the token, which is good for nothing any more
 */
export const writeRevoked = (digest: string, from: string): string =>
  JSON.stringify({ v: messageVersion, type: 'revoked', from, token: digest } satisfies z.input<typeof message>);

/** @returns null for anything else */
export function readRevoked(text: string): z.output<typeof message> | null {
  try {
    return message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
