import { leaseExpiresAtMs } from '../../modelarts/leases.ts';
import type { Notebook } from '../../modelarts/notebooks.ts';
import { NotFoundError } from '../../modelarts/wire/errors.ts';
import type { WatchEvent } from '../../watch/watch-event.ts';
import { eventSharing } from '../events/event-identity.ts';
import {
  dueThreshold,
  type LeasePosition,
  nextOrDue,
  nextThreshold,
  readPosition,
  writePosition,
} from './countdown.ts';

export type LeaseEventKind =
  | 'CURRENT'
  | 'EXPIRING'
  | 'RENEWED'
  | 'DISABLED'
  | 'EXPIRED'
  | 'STOPPED'
  | 'REMOVED'
  | 'UNREACHABLE'
  | 'REACHABLE';

/** The lease of a watched notebook, or what became of it. Times are Unix ms. */
export type LeaseEvent = {
  readonly kind: LeaseEventKind;
  /** raw id of the notebook */
  readonly id: string;
  /** as last read; null: it is gone, or not read yet */
  readonly notebook: Notebook | null;
  /** null: nothing counts down */
  readonly expiresAtMs: number | null;
  readonly remainingSeconds: number | null;
  /** threshold that has passed, in EXPIRING */
  readonly beforeSeconds: number | null;
  readonly observedAt: number;
  /** last good answer of the upstream, in UNREACHABLE */
  readonly unreachableSince: number | null;
  readonly sequence: string | null;
  readonly isReset: boolean;
};

export type LeaseStreamOptions = {
  readonly id: string;
  /** seconds before the end, in any order */
  readonly thresholds: readonly number[];
  /** `sequence` of the last event read before a disconnect */
  readonly since: string | null;
  /** has the notebook read at once: its lease has just run out */
  readonly pollAgain: () => void;
};

/** A stop seen this much before the end still counts as caused by it: the clocks of the gateway and of ModelArts differ. */
const clockToleranceMs = 5000;

/** ModelArts stops a notebook a moment after its lease has run out. */
const stopDelayMs = 500;

/**
 * Turns what a watch emits about one notebook into events of its lease; ends when the notebook is gone.
 * @throws NotFoundError there is no such notebook
 */
export async function* leaseEvents(
  events: AsyncIterator<WatchEvent<Notebook>>,
  options: LeaseStreamOptions,
): AsyncGenerator<LeaseEvent> {
  const stream = new LeaseStream(options);
  for (;;) {
    const next = events.next();
    for (;;) {
      const result = await nextOrDue(next, stream.dueAtMs);
      if (result === 'due') {
        yield* stream.tick(Date.now());
        continue;
      }
      if (result.done) return;
      for (const emitted of stream.take(result.value)) {
        yield emitted;
        if (emitted.kind === 'REMOVED') return;
      }
      break;
    }
  }
}

const shareEvent = eventSharing();

/** What was emitted to one subscriber about one lease, and what comes next. */
class LeaseStream {
  readonly #options: LeaseStreamOptions;
  #notebook: Notebook | null = null;
  #position: LeasePosition = { expiresAtMs: null, emitted: Number.POSITIVE_INFINITY };
  #isReset = false;
  /** there was a state to compare with */
  #isFollowing: boolean;
  #hasPolled = false;

  constructor(options: LeaseStreamOptions) {
    this.#options = options;
    const resumed = options.since === null ? null : readPosition(options.since);
    this.#isFollowing = resumed !== null;
    this.#isReset = options.since !== null && resumed === null;
    if (resumed !== null) this.#position = resumed;
  }

  /** Unix ms of the next threshold, or of the poll at the end. */
  get dueAtMs(): number | null {
    const { expiresAtMs } = this.#position;
    // before the first state, a position resumed from may be out of date
    if (expiresAtMs === null || this.#notebook === null) return null;
    const next = nextThreshold(this.#options.thresholds, this.#position.emitted);
    if (next !== null) return expiresAtMs - next * 1000;
    return this.#hasPolled ? null : expiresAtMs + stopDelayMs;
  }

  *tick(nowMs: number): Generator<LeaseEvent> {
    const { expiresAtMs, emitted } = this.#position;
    if (expiresAtMs === null || this.#notebook === null) return;
    const due = dueThreshold(expiresAtMs - nowMs, this.#options.thresholds, emitted);
    if (due !== null) {
      this.#position = { expiresAtMs, emitted: due };
      yield this.#event('EXPIRING', nowMs, { beforeSeconds: due });
    }
    if (nowMs < expiresAtMs + stopDelayMs || this.#hasPolled) return;
    this.#hasPolled = true;
    this.#options.pollAgain();
  }

  *take(event: WatchEvent<Notebook>): Generator<LeaseEvent> {
    const { observedAt } = event;
    if (event.kind === 'UNREACHABLE') {
      yield this.#event('UNREACHABLE', observedAt, { unreachableSince: event.since, sequence: null });
      return;
    }
    if (event.kind === 'REACHABLE') {
      yield this.#event('REACHABLE', observedAt, { sequence: null });
      return;
    }
    const notebook =
      event.kind === 'SNAPSHOT' ? (event.items[0] ?? null) : event.kind === 'REMOVED' ? null : event.item;
    if (notebook === null && !this.#isFollowing) {
      throw new NotFoundError(`There is no notebook ${this.#options.id} in the project that this token may read.`);
    }
    this.#notebook = notebook;
    const kind = this.#move(notebook, observedAt);
    if (kind !== null) yield this.#event(kind, observedAt);
    yield* this.tick(Date.now());
  }

  /** @returns what the change means for the lease; null: nothing */
  #move(notebook: Notebook | null, observedAt: number): LeaseEventKind | null {
    const before = this.#position.expiresAtMs;
    const now = notebook && endOf(notebook);
    const isFirst = !this.#isFollowing;
    this.#isFollowing = true;
    if (before !== now || isFirst) {
      this.#position = { expiresAtMs: now, emitted: Number.POSITIVE_INFINITY };
      this.#hasPolled = false;
    }
    if (notebook === null) return 'REMOVED';
    if (isFirst) return 'CURRENT';
    if (before === now) return null;
    if (now !== null) return 'RENEWED';
    if (isCounting(notebook)) return 'DISABLED';
    return before !== null && before - clockToleranceMs <= observedAt ? 'EXPIRED' : 'STOPPED';
  }

  #event(kind: LeaseEventKind, observedAt: number, rest: Partial<LeaseEvent> = {}): LeaseEvent {
    const { expiresAtMs } = this.#position;
    const isReset = this.#isReset && kind === 'CURRENT';
    const emitted: LeaseEvent = {
      kind,
      id: this.#options.id,
      notebook: this.#notebook,
      expiresAtMs,
      remainingSeconds: expiresAtMs === null ? null : Math.max(0, Math.floor((expiresAtMs - Date.now()) / 1000)),
      beforeSeconds: null,
      observedAt,
      unreachableSince: null,
      sequence: writePosition(this.#position),
      isReset,
      ...rest,
    };
    if (emitted.notebook === null) return emitted;
    return shareEvent(emitted.notebook, Object.values({ ...emitted, notebook: null }), emitted);
  }
}

/** While it starts, a notebook has a lease, but the countdown begins anew when it runs (contract/NOTES.md, section c). */
const isCounting = ({ status }: Notebook): boolean => status === 'RUNNING' || status === 'SNAPSHOTTING';

/** Unix ms when the notebook will be stopped; null: nothing counts down. */
const endOf = (notebook: Notebook): number | null =>
  isCounting(notebook) && notebook.lease !== null ? leaseExpiresAtMs(notebook.lease) : null;
