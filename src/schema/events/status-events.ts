import { type AnyStatus, isFailed } from '../../modelarts/state-machine.ts';
import { NotFoundError } from '../../modelarts/wire/errors.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';
import { eventSharing } from './event-identity.ts';

export type StatusEventKind = 'SNAPSHOT' | 'MODIFIED' | 'REMOVED' | 'UNREACHABLE' | 'REACHABLE';

/** The state of one watched thing, or a change of it. Times are Unix ms. */
export type StatusEvent<Item, Status extends AnyStatus> = State<Status> & {
  readonly kind: StatusEventKind;
  /** raw id */
  readonly id: string;
  /** as last read; null: it is gone, or not read yet */
  readonly item: Item | null;
  /** null: first event, or no change of it */
  readonly previousStatus: Status | null;
  readonly observedAt: number;
  /** last good answer of the upstream, in UNREACHABLE */
  readonly unreachableSince: number | null;
  /** no event follows */
  readonly isFinal: boolean;
  /** resume point; null where there is none */
  readonly sequence: string | null;
  /** what the subscriber knew before is void */
  readonly isReset: boolean;
};

type State<Status> = {
  readonly status: Status | 'UNKNOWN';
  readonly statusRaw: string;
  /** null unless it failed */
  readonly failReason: string | null;
};

/** How to read the status of things of one kind. */
export type StatusRules<Item, Status extends AnyStatus> = {
  /** for messages: `notebook` */
  readonly thing: string;
  /** status of one that is not there any more */
  readonly gone: Status;
  status(item: Item): Status;
  statusRaw(item: Item): string;
  /** why it is in a failed status, if the upstream says so */
  failReason(item: Item): string | null;
};

/** Whether a subscription ends at a state of its thing; undefined: it is not there. */
export const statusEnd =
  <Item, Status extends AnyStatus>(rules: StatusRules<Item, Status>, until: ReadonlySet<Status | 'UNKNOWN'>) =>
  (item: Item | undefined): boolean => {
    if (item === undefined) return true;
    const status = rules.status(item);
    return status === rules.gone || isFailed(status) || until.has(status);
  };

const shareEvent = eventSharing();

const unknown = { status: 'UNKNOWN', statusRaw: '', failReason: null } as const;

/**
 * Turns what a watch emits about one thing into status events; ends after the first that is final: a status of `until`, a
 * failed one, or the end of the thing.
 * @throws NotFoundError it is not there to begin with
 */
export async function* statusEvents<Item, Status extends AnyStatus>(
  events: AsyncIterable<WatchEvent<Item>>,
  options: {
    readonly id: string;
    readonly until: ReadonlySet<Status | 'UNKNOWN'>;
    readonly rules: StatusRules<Item, Status>;
  },
): AsyncGenerator<StatusEvent<Item, Status>> {
  const { id, until, rules } = options;
  const isEnd = statusEnd(rules, until);
  let last: Item | null = null;

  function stateOf(item: Item): State<Status> {
    const status = rules.status(item);
    return { status, statusRaw: rules.statusRaw(item), failReason: isFailed(status) ? rules.failReason(item) : null };
  }

  function eventOf(event: WatchEvent<Item>): StatusEvent<Item, Status> {
    const { observedAt } = event;
    if (event.kind === 'UNREACHABLE' || event.kind === 'REACHABLE') {
      return {
        ...(last === null ? unknown : stateOf(last)),
        kind: event.kind,
        id,
        item: last,
        previousStatus: null,
        observedAt,
        unreachableSince: event.kind === 'UNREACHABLE' ? event.since : null,
        isFinal: false,
        sequence: null,
        isReset: false,
      };
    }
    const isReset = event.kind === 'SNAPSHOT' && event.isReset === true;
    const before: Item | null = event.kind === 'SNAPSHOT' ? last : event.previous;
    const now: Item | null = itemOf(event);
    // who resumes has seen it before
    if (now === null && before === null && !isReset) {
      throw new NotFoundError(
        `There is no ${rules.thing} ${id} in the project, or the token does not permit to read it.`,
      );
    }
    last = now;
    const state = now === null ? { status: rules.gone, statusRaw: rules.gone, failReason: null } : stateOf(now);
    return {
      ...state,
      kind: now === null ? 'REMOVED' : event.kind === 'SNAPSHOT' ? 'SNAPSHOT' : 'MODIFIED',
      id,
      item: now,
      previousStatus: before === null ? null : rules.status(before),
      observedAt,
      unreachableSince: null,
      isFinal: isEnd(now ?? undefined),
      sequence: event.sequence,
      isReset,
    };
  }

  for await (const event of events) {
    const emitted = oneForAll(eventOf(event), event);
    yield emitted;
    if (emitted.isFinal) return;
  }
}

/** Subscribers that are sent the same get the same object. What it says of the status follows from the item. */
function oneForAll<Item, Status extends AnyStatus>(
  emitted: StatusEvent<Item, Status>,
  event: WatchEvent<Item>,
): StatusEvent<Item, Status> {
  const { kind, id, item, status, previousStatus, observedAt, unreachableSince, isFinal, sequence, isReset } = emitted;
  const facts = [kind, id, status, previousStatus, observedAt, unreachableSince, isFinal, sequence, isReset];
  return shareEvent(typeof item === 'object' && item !== null ? item : event, facts, emitted);
}

/** The item after an event about one item; null: it is gone. */
function itemOf<Item>(event: Exclude<WatchEvent<Item>, { kind: 'UNREACHABLE' | 'REACHABLE' }>): Item | null {
  if (event.kind === 'SNAPSHOT') return event.items[0] ?? null;
  return event.kind === 'REMOVED' ? null : event.item;
}
