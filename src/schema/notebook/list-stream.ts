import type { Notebook } from '../../modelarts/notebooks.ts';
import { changedItem, type WatchEvent } from '../../watch/watch-event.ts';
import { eventSharing } from '../events/event-identity.ts';

/** A list of notebooks, or a change of it. Times are Unix ms. */
export type NotebookListEvent = {
  readonly kind: WatchEvent<Notebook>['kind'];
  /** in SNAPSHOT only */
  readonly notebooks: readonly Notebook[] | null;
  /** null: it is gone, or the event is not about one notebook */
  readonly notebook: Notebook | null;
  /** raw id of the notebook the event is about */
  readonly id: string | null;
  readonly observedAt: number;
  /** last good answer of the upstream, in UNREACHABLE */
  readonly unreachableSince: number | null;
  /** resume point; null where there is none */
  readonly sequence: string | null;
  /** what the subscriber knew before is void */
  readonly isReset: boolean;
};

const nothing = { notebooks: null, notebook: null, id: null, unreachableSince: null, sequence: null, isReset: false };

const shareEvent = eventSharing();

/**
 * What a watch of all notebooks emits, as seen through a filter: moves into and out of it are additions and removals.
 * @param filter.key the same for filters that let the same pass
 */
export async function* notebookListEvents(
  events: AsyncIterable<WatchEvent<Notebook>>,
  filter: { readonly key: string; matches(notebook: Notebook): boolean },
): AsyncGenerator<NotebookListEvent> {
  for await (const event of events) {
    const emitted = through(event, filter.matches);
    if (emitted === null) continue;
    // each listener has a snapshot of its own, of the same items
    const isSnapshot = event.kind === 'SNAPSHOT';
    const facts = [filter.key, ...(isSnapshot ? [event.observedAt, event.sequence, event.isReset] : [])];
    yield shareEvent(isSnapshot ? event.items : event, facts, emitted);
  }
}

/** @returns null for a change outside of the filter */
function through(event: WatchEvent<Notebook>, matches: (notebook: Notebook) => boolean): NotebookListEvent | null {
  const { observedAt } = event;
  switch (event.kind) {
    case 'UNREACHABLE':
      return { ...nothing, kind: event.kind, observedAt, unreachableSince: event.since };
    case 'REACHABLE':
      return { ...nothing, kind: event.kind, observedAt };
    case 'SNAPSHOT': {
      const { kind, sequence, isReset = false } = event;
      return { ...nothing, kind, notebooks: event.items.filter(matches), observedAt, sequence, isReset };
    }
    default: {
      // worked out from the change alone, so that it also holds for changes a subscriber catches up on
      const wasIn = event.previous !== null && matches(event.previous);
      const isIn = event.kind !== 'REMOVED' && matches(event.item);
      if (!wasIn && !isIn) return null;
      const kind = !isIn ? 'REMOVED' : wasIn ? 'MODIFIED' : 'ADDED';
      const notebook = event.kind === 'REMOVED' ? null : event.item;
      return { ...nothing, kind, notebook, id: changedItem(event).id, observedAt, sequence: event.sequence };
    }
  }
}
