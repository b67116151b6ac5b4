import type { Listener } from './audience.ts';

/** What the newest good poll looked at. */
export type Look = {
  readonly poll: number;
  /** somebody else may have read it before the poll started */
  readonly isHeard: boolean;
  /** Unix ms */
  readonly answeredAt: number;
  readonly interest: ReadonlySet<string> | null;
  readonly found: ReadonlyMap<string, unknown>;
};

/** Whether the look tells of `id`, of everything when undefined. */
export function covers(look: Look, id: string | undefined): boolean {
  if (look.interest === null) return true;
  return id !== undefined && (look.interest.has(id) || look.found.has(id));
}

/**
 * Whether the state a look left can be the first one of a listener: what ends it has to be read for it, of the rest it is
 * enough that it is new.
 */
export function isFirstState<Item>(look: Look, listener: Listener<Item>, state: Item | undefined): boolean {
  if ((listener.awaitedPoll ?? 0) > look.poll || !covers(look, listener.id)) return false;
  return (look.poll >= listener.ownPoll && !look.isHeard) || !listener.endsAt(state);
}
