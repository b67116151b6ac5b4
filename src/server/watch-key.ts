import type { TokenMemory } from './token-memory.ts';

/** Tells the watches of this process apart: by resource kind, project and session. */
export const watchKey = (kind: string, projectId: string, session: string): string => `${kind} ${projectId} ${session}`;

/** The same key for all replicas that poll with the same token. It names no token, but stays in memory all the same. */
export function sharedWatchKey(key: string, tokens: TokenMemory): string {
  const place = key.lastIndexOf(' ') + 1;
  return key.slice(0, place) + tokens.sharedSession(key.slice(place));
}
