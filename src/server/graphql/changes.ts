import { z } from 'zod';
import type { Change } from '../../schema/events/watched-kinds.ts';
import { knownVersion, messageVersion } from '../../watch/replicas/version.ts';
import { isWatchOf } from './watch-key.ts';

/** Whether a change may show in the watch of the key, whoever's token it polls with. */
export const isShownIn = (key: string, { projectId, kinds }: Change): boolean =>
  kinds === null ? isWatchOf(key, { projectId }) : kinds.some((kind) => isWatchOf(key, { kind, projectId }));

const message = z.object({
  v: knownVersion,
  type: z.literal('change'),
  from: z.string(),
  projectId: z.string(),
  kinds: z.array(z.string()).nullable(),
});

/** A change as replicas tell each other of it: what was changed where, and nothing of who did it. */
export const writeChange = ({ projectId, kinds }: Change, from: string): string =>
  JSON.stringify({ v: messageVersion, type: 'change', from, projectId, kinds });

/** @returns null for what another version of the gateway may have written */
export function readChange(text: string): z.output<typeof message> | null {
  try {
    return message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
