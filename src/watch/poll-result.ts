import type { Listener } from './audience.ts';

/** What the newest good poll covered. */
export type PollResult = {
  readonly poll: number;
  /** somebody else may have read it before the poll started */
  readonly isHeard: boolean;
  /** Unix ms */
  readonly answeredAt: number;
  readonly interest: ReadonlySet<string> | null;
  readonly found: ReadonlyMap<string, unknown>;
};

/** Whether the poll covers `id`, of everything when undefined. */
export function covers(result: PollResult, id: string | undefined): boolean {
  if (result.interest === null) return true;
  return id !== undefined && (result.interest.has(id) || result.found.has(id));
}

/**
 * Whether the state a poll left can be the first one of a listener: what ends it has to be read for it, of the rest it is
 * enough that it is new.
 */
export function isFirstState<Item>(result: PollResult, listener: Listener<Item>, state: Item | undefined): boolean {
  if ((listener.awaitedPoll ?? 0) > result.poll || !covers(result, listener.id)) return false;
  return (result.poll >= listener.ownPoll && !result.isHeard) || !listener.endsAt(state);
}
