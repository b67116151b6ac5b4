import { LRUCache } from 'lru-cache';
import type { AbortSignalLike } from '../../../runtime/abort.ts';
import { TransportError } from '../transport.ts';
import { Group, Member, WaitingCall } from './waiting-line.ts';

/**
 * Keeps one API that answers slowly from taking everything, and one caller from taking all of it: so many calls at once, so
 * many waiting, of each caller and each project no more than leaves room for others. Those that wait take turns.
 */
export type Bulkhead = {
  readonly inFlight: number;
  readonly waiting: number;
  /** The place of a caller, which goes through all its calls. */
  join(standing: Standing): Member;
  /** The caller's standing has changed, and with it its share. */
  rejoin(member: Member, standing: Standing): void;
  /**
   * Makes the call when there is room.
   * @throws BulkheadFullError as many of the caller wait as may; TransportError the caller left, or the deadline passed,
   * before there was room
   */
  run<T>(member: Member, call: () => Promise<T>, wait: Wait): Promise<T>;
  /** Takes a slot for a call, if there is one for this caller at once; `leave` gives it back. */
  enter(member: Member): boolean;
  leave(member: Member): void;
  /** Turns away all that wait, or all of one caller. */
  refuseWaiting(error: Error, of?: Member): void;
};

/** What a caller's share follows from. */
export type Standing = { readonly isAccepted: boolean; readonly projectId: string | null };

export type BulkheadOptions = {
  /** calls at once; strangers have another eighth of this for themselves */
  readonly slots: number;
  /** calls that wait for a slot; strangers have half as many of their own */
  readonly places: number;
  /** of one caller; of a stranger half as many */
  readonly placesOfOne: number;
  /** a call no longer waits; false: it is not made */
  readonly onWaited?: ((waitedMs: number, isBegun: boolean) => void) | undefined;
};

export type Wait = {
  /** on the clock of `performance.now()` */
  readonly deadlineAt: number;
  readonly signal?: AbortSignalLike | undefined;
};

export class BulkheadFullError extends Error {
  constructor() {
    super('too many calls of the caller wait');
    this.name = 'BulkheadFullError';
  }
}

/**
 * A caller takes this many times what it leaves free, at most (dynamic thresholds: Choudhury and Hahne, 1998). So one alone
 * gets nearly everything, several that take all they can get the same, and whoever comes next finds room.
 */
const [slotShare, placeShare] = [15, 2];
/** Projects of which something is known; one that is pushed out while it has calls is counted anew. */
const maxProjects = 2048;

export function createBulkhead({ slots, places, placesOfOne, onWaited }: BulkheadOptions): Bulkhead {
  /** left for projects that have nothing running */
  const reserve = Math.floor(slots / 16);
  /** of all strangers, and of one: enough to find out whether a token is good */
  const strangerSlots = Math.max(1, Math.floor(slots / 8));
  const slotsOfStranger = Math.max(1, Math.floor(slots / 32));
  const strangerPlaces = Math.max(1, Math.floor(places / 2));
  const placesOfStranger = Math.max(1, Math.floor(placesOfOne / 2));

  const strangers = new Group();
  const projects = new LRUCache<string, Group>({ max: maxProjects });
  /** with calls that wait, whose turn it is first */
  const turns = new Set<Group>();
  let inFlight = 0;
  let waiting = 0;

  function groupOf({ isAccepted, projectId }: Standing): Group {
    if (!isAccepted) return strangers;
    if (projectId === null) return new Group();
    const group = projects.get(projectId) ?? new Group();
    projects.set(projectId, group);
    return group;
  }

  /** slots that are free, strangers apart: they have their own */
  const free = (): number => slots - inFlight + strangers.inFlight;

  const hasGroupSlot = (group: Group): boolean =>
    group === strangers
      ? group.inFlight < strangerSlots
      : free() > 0 && (group.inFlight === 0 || group.inFlight < slotShare * (free() - reserve));

  const hasSlot = (member: Member): boolean => {
    const { group } = member;
    if (group === strangers) return group.inFlight < strangerSlots && member.inFlight < slotsOfStranger;
    const left = free();
    return left > 0 && (group.inFlight === 0 || member.inFlight + group.inFlight < slotShare * (left - reserve));
  };

  const hasPlace = (member: Member): boolean => {
    const { group } = member;
    const isStranger = group === strangers;
    const all = isStranger ? strangerPlaces : places;
    const left = all - (isStranger ? group.waiting : waiting - strangers.waiting);
    // the last quarter is for who has nothing waiting
    if (member.waiting === 0) return left > 0;
    const shared = left - all / 4;
    return isStranger
      ? member.waiting < Math.min(placesOfStranger, shared)
      : member.waiting < placesOfOne && member.waiting + group.waiting < placeShare * shared;
  };

  const enter = (member: Member): boolean => {
    // nobody overtakes a call of their own
    if (member.waiting > 0 || !hasSlot(member)) return false;
    begin(member);
    return true;
  };
  const begin = (member: Member): void => {
    inFlight += 1;
    member.begin();
  };
  const leave = (member: Member): void => {
    inFlight -= 1;
    member.end();
    if (waiting > 0) admitWaiting();
  };

  function admitWaiting(): void {
    for (let member = nextInTurn(); member !== null; member = nextInTurn()) {
      const { first } = member;
      if (first === null) return;
      begin(member);
      first.enter();
    }
  }

  /** Projects take turns, and callers within a project. Who is at its share is passed over. */
  function nextInTurn(): Member | null {
    for (const group of turns) {
      if (!hasGroupSlot(group)) continue;
      for (const member of group.turns) {
        if (!hasSlot(member)) continue;
        group.turns.delete(member);
        group.turns.add(member);
        turns.delete(group);
        turns.add(group);
        return member;
      }
    }
    return null;
  }

  function queue(call: WaitingCall): void {
    const { member } = call;
    member.append(call);
    waiting += 1;
    turns.add(member.group);
  }

  function unqueue(call: WaitingCall): void {
    const { group } = call.member;
    if (!call.member.remove(call)) return;
    waiting -= 1;
    if (group.waiting === 0) turns.delete(group);
  }

  async function waited(admitted: Promise<void>): Promise<void> {
    const since = performance.now();
    let isBegun = false;
    try {
      await admitted;
      isBegun = true;
    } finally {
      onWaited?.(performance.now() - since, isBegun);
    }
  }

  const admission = (member: Member, { deadlineAt, signal }: Wait): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new TransportError('ABORTED', false));
      const call = new WaitingCall(member, { signal, resolve, reject, left: unqueue });
      call.expireAfter(Math.max(0, deadlineAt - performance.now()));
      queue(call);
    });

  return {
    enter,
    leave,
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return waiting;
    },
    join: (standing) => new Member(groupOf(standing)),
    rejoin(member, standing) {
      const { group } = member;
      member.moveTo(groupOf(standing));
      if (group.waiting === 0) turns.delete(group);
      if (member.waiting === 0) return;
      turns.add(member.group);
      admitWaiting();
    },
    async run(member, call, wait) {
      if (!enter(member)) {
        if (!hasPlace(member)) throw new BulkheadFullError();
        await waited(admission(member, wait));
      }
      try {
        return await call();
      } finally {
        leave(member);
      }
    },
    refuseWaiting(error, of) {
      const members = of === undefined ? [...turns].flatMap((group) => [...group.turns]) : [of];
      for (const member of members) for (const call of member.calls()) call.refuse(error);
    },
  };
}
