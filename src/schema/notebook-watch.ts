import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../modelarts/client.ts';
import { type Notebook, showNotebook } from '../modelarts/notebooks.ts';
import { gatherAll } from '../modelarts/paging.ts';
import { isTransitional } from '../modelarts/state-machine.ts';
import type { WatchSource } from '../watch/watch-source.ts';
import type { Access, Context } from './context.ts';
import { notebookPages } from './notebook-queries.ts';
import { orNull } from './or-null.ts';

const kind = 'notebooks';

/** What of a notebook is worth an event. Left out: secrets, and what lists and detail reads tell differently. */
const watched = (notebook: Notebook) => [
  notebook.statusRaw,
  notebook.name,
  notebook.description,
  notebook.flavorId,
  notebook.image?.id,
  notebook.failReason,
  notebook.lease?.isEnabled,
  notebook.lease?.createdAtMs,
  notebook.lease?.durationMs,
  notebook.lease?.typeRaw,
];

/** Steps of a start-up are in detail reads only: compared when both sides have them. */
const hasSameProgress = (a: Notebook, b: Notebook): boolean =>
  a.actionProgress === null || b.actionProgress === null || isDeepStrictEqual(a.actionProgress, b.actionProgress);

/**
 * Notebooks of one caller, for polling. One id is read by itself (that carries the steps of its start-up); more are read
 * with one list, and those the list does not hold (another user's of the project) one by one.
 */
export const notebookSource = (open: (signal: AbortSignal) => Session, projectId: string): WatchSource<Notebook> => ({
  async poll({ signal, interest }) {
    const session = open(signal);
    const read = (id: string): Promise<Notebook | null> => orNull(() => showNotebook(session, projectId, id));
    const readAll = async (ids: readonly string[]): Promise<Notebook[]> =>
      (await Promise.all(ids.map(read))).filter((notebook) => notebook !== null);
    if (interest !== null && interest.size === 1) return readAll([...interest]);
    const { items } = await gatherAll(notebookPages({ session, projectId }, {}));
    if (interest === null) return items;
    const listed = new Set(items.map((notebook) => notebook.id));
    return [...items, ...(await readAll([...interest].filter((id) => !listed.has(id))))];
  },
  id: (notebook) => notebook.id,
  isEqual: (a, b) => isDeepStrictEqual(watched(a), watched(b)) && hasSameProgress(a, b),
  isTransitional: (notebook) => isTransitional(notebook.status),
});

/** Tells the caller's subscribers what ModelArts answered to a change, without waiting for a poll. */
export const publish = (context: Context, access: Access, notebook: Notebook): void => {
  const key = context.watching.key(kind, access);
  context.watching.watches.observe(key, notebook);
  context.watching.watches.wake(key);
};

/** Has the caller's notebooks polled at once, after a change whose answer does not show the notebook. */
export const lookAgain = (context: Context, access: Access): void =>
  context.watching.watches.wake(context.watching.key(kind, access));

/** The caller's watch of one notebook, shared by all who hold the same token. */
export async function watchNotebook(context: Context, id: string) {
  const { watches, key, session } = context.watching;
  const access = await context.access();
  return watches.listen(key(kind, access), () => notebookSource(session, access.projectId), { id });
}
