import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../../modelarts/client/client.ts';
import { type Notebook, type NotebookStatus, showNotebook } from '../../modelarts/notebooks.ts';
import { isTransitional } from '../../modelarts/state-machine.ts';
import type { WatchSource } from '../../watch/watch-source.ts';
import { callerWatch } from '../events/caller-watch.ts';
import { frugalPoll } from '../events/poll-source.ts';
import type { StatusRules } from '../events/status-events.ts';
import { watchedKinds } from '../events/watched-kinds.ts';
import { notebookCodec } from './codec.ts';
import { notebookPages } from './queries.ts';

/** What of a notebook is worth an event. Left out: secrets, and what lists and detail reads tell differently. */
const comparedFields = (notebook: Notebook) => [
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

/** Where an answer leaves tags out, it says nothing of them. Their order tells nothing either. */
const hasSameTags = ({ tags: a }: Notebook, { tags: b }: Notebook): boolean =>
  a === null || b === null || (a.length === b.length && (a.length === 0 || isDeepStrictEqual(new Set(a), new Set(b))));

const startUp: ReadonlySet<NotebookStatus> = new Set<NotebookStatus>(['INIT', 'CREATING', 'STARTING']);

/**
 * Notebooks of one caller, for polling: one by itself, more with one list. Lists lack the steps of a start-up, so while a
 * notebook starts it costs a call of its own beside the list.
 */
export const notebookSource = (open: (signal: AbortSignal) => Session, projectId: string): WatchSource<Notebook> => ({
  poll: frugalPoll(open, {
    id: (notebook) => notebook.id,
    one: (session, id) => showNotebook(session, projectId, id),
    all: (session) => notebookPages({ session, projectId }, {}),
    needsDetail: (notebook) => startUp.has(notebook.status),
  }),
  id: (notebook) => notebook.id,
  isEqual: (a, b) =>
    isDeepStrictEqual(comparedFields(a), comparedFields(b)) && hasSameProgress(a, b) && hasSameTags(a, b),
  isTransitional: (notebook) => isTransitional(notebook.status),
  codec: notebookCodec,
});

export const notebookWatch = callerWatch(watchedKinds.notebooks, notebookSource);

export const notebookStatusRules: StatusRules<Notebook, NotebookStatus> = {
  thing: 'notebook',
  gone: 'DELETED',
  status: (notebook) => notebook.status,
  statusRaw: (notebook) => notebook.statusRaw,
  failReason: (notebook) => notebook.failReason,
};
