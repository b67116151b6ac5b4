import { LRUCache } from 'lru-cache';
import { RetryBudget } from '../retry.ts';

/** Whoever makes calls: one token, or all who have none. Holds no token. */
export class Caller<Place> {
  /** false: a stranger, whose token no upstream has taken yet; it may be invented */
  isAccepted: boolean;
  /** the project an upstream let the token into; null: none yet, or none is known */
  projectId: string | null;
  budget: RetryBudget;
  readonly key: string;
  /** what the guard of each API keeps of the caller, by the number of the guard */
  readonly places: (Place | undefined)[] = [];

  constructor(
    key: string,
    { isAccepted, projectId, budget }: Pick<Caller<Place>, 'isAccepted' | 'projectId' | 'budget'>,
  ) {
    this.key = key;
    this.isAccepted = isAccepted;
    this.projectId = projectId;
    this.budget = budget;
  }
}

/** Tells callers apart, and strangers from those an upstream knows. Bounded: strangers push out strangers alone. */
export type Callers<Place> = {
  /** @param key stands for a token, as `keyOf` of the client gives it; null: there is no token */
  of(key: string | null): Caller<Place>;
  /**
   * An upstream has answered a call of the caller.
   * @param projectId the project the call was about; null: it was about none
   */
  answered(caller: Caller<Place>, status: number, projectId: string | null): void;
};

export type CallersOptions<Place> = {
  /** a stranger was accepted, a caller's project became known, or its token is no longer taken */
  readonly onStanding?: (caller: Caller<Place>) => void;
  readonly retries?: ConstructorParameters<typeof RetryBudget>[0];
};

/** Those that were heard of last keep what guards know of them; 2 KB each with a breaker for two APIs. */
const [maxCallers, maxStrangers] = [2048, 512];
/** 40,000 tokens with their project, at the 200 bytes an entry takes. */
const acceptedBytes = 8 * 1024 * 1024;
const entryBytes = 200;

export function createCallers<Place>(options: CallersOptions<Place> = {}): Callers<Place> {
  const { onStanding, retries = { ratio: 0.1, reserve: 10 } } = options;
  /** tokens that were taken, with the project they entered or '' */
  const accepted = new LRUCache<string, string>({ maxSize: acceptedBytes, sizeCalculation: () => entryBytes });
  const callers = new LRUCache<string, Caller<Place>>({ max: maxCallers });
  const strangers = new LRUCache<string, Caller<Place>>({ max: maxStrangers });
  const budgetOfStrangers = new RetryBudget(retries);
  // a password is worth no less than a token, and who signs in is not known
  const anonymous = new Caller<Place>('', { isAccepted: true, projectId: null, budget: new RetryBudget(retries) });

  function create(key: string): Caller<Place> {
    const projectId = accepted.get(key);
    const isAccepted = projectId !== undefined;
    const budget = isAccepted ? new RetryBudget(retries) : budgetOfStrangers;
    const caller = new Caller<Place>(key, { isAccepted, projectId: projectId || null, budget });
    (isAccepted ? callers : strangers).set(key, caller);
    return caller;
  }

  function accept(caller: Caller<Place>, projectId: string | null): void {
    if (!caller.isAccepted) {
      caller.isAccepted = true;
      caller.budget = new RetryBudget(retries);
      strangers.delete(caller.key);
      callers.set(caller.key, caller);
    }
    caller.projectId ??= projectId;
    accepted.set(caller.key, caller.projectId ?? '');
    onStanding?.(caller);
  }

  function refuse(caller: Caller<Place>): void {
    accepted.delete(caller.key);
    if (!caller.isAccepted) return;
    caller.isAccepted = false;
    caller.projectId = null;
    caller.budget = budgetOfStrangers;
    callers.delete(caller.key);
    strangers.set(caller.key, caller);
    onStanding?.(caller);
  }

  return {
    of: (key) => (key === null ? anonymous : (callers.get(key) ?? strangers.get(key) ?? create(key))),
    answered(caller, status, projectId) {
      if (caller === anonymous) return;
      if (status === 401) refuse(caller);
      else if (status >= 200 && status < 300) {
        if (!caller.isAccepted || (caller.projectId === null && projectId !== null)) accept(caller, projectId);
      } else if ((status === 403 || status === 404) && !caller.isAccepted) {
        // the token is good; whether for this project is not known
        accept(caller, null);
      }
    },
  };
}
