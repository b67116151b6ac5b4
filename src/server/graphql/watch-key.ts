import type { TokenMemory } from './token-store.ts';

/** Tells the watches of this process apart: by resource kind, project and session. */
export const watchKey = (kind: string, projectId: string, session: string): string => `${kind} ${projectId} ${session}`;

/** The session a watch polls with. */
export const sessionOfKey = (key: string): string => key.slice(key.lastIndexOf(' ') + 1);

/** Whether the key is that of a watch in the project, of one kind if that is given, in whatever session. */
export const isWatchOf = (key: string, { kind, projectId }: { kind?: string; projectId: string }): boolean =>
  kind === undefined ? key.includes(` ${projectId} `) : key.startsWith(watchKey(kind, projectId, ''));

/** The same key for all replicas that poll with the same token. It names no token, but stays in memory all the same. */
export function sharedWatchKey(key: string, tokens: TokenMemory): string {
  const place = key.lastIndexOf(' ') + 1;
  return key.slice(0, place) + tokens.sharedSession(key.slice(place));
}
