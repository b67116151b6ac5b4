import type { Session } from '../../modelarts/client/client.ts';
import { ForbiddenError, NotFoundError } from '../../modelarts/wire/errors.ts';
import { type PageSource, readAllItems } from '../../modelarts/wire/paging.ts';
import type { WatchSource } from '../../watch/watch-source.ts';

/** The two ways to read things of one kind. */
export type Reads<Item> = {
  id(item: Item): string;
  /** @throws NotFoundError there is none */
  one(session: Session, id: string): Promise<Item>;
  all(session: Session): PageSource<Item>;
  /** Lists leave out something of this item that makes events; default never. */
  needsDetail?(item: Item): boolean;
};

/** Items of a whole list whose details are read beside it, at most: an account has 10 notebooks. */
const maxDetails = 10;

/** Ids remembered of items that were there: a watch may last for weeks. */
const maxSeen = 10_000;

/**
 * A poll that takes the fewest calls: each item by itself, or one list and by themselves only those the list does not hold
 * (another user's) or does not tell enough of. What the choice rests on was learned by the polls before.
 */
export function frugalPoll<Item>(
  open: (signal: AbortSignal) => Session,
  reads: Reads<Item>,
): WatchSource<Item>['poll'] {
  const needsDetail = (item: Item): boolean => reads.needsDetail?.(item) ?? false;
  let listCalls = 1;
  let unlisted: ReadonlySet<string> = new Set();
  let detailed: ReadonlySet<string> = new Set();
  const seen = new Set<string>();

  /** @param listed what a list said of it */
  async function read(session: Session, id: string, listed: Item | null = null): Promise<Item | ForbiddenError | null> {
    try {
      return await reads.one(session, id);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      if (!(error instanceof ForbiddenError)) throw error;
      // one item that is not the caller's to see must not take the others with it; one that was is not gone
      if (listed === null && seen.has(id)) throw error;
      return listed ?? error;
    }
  }

  const readEach = (session: Session, ids: ReadonlySet<string>): Promise<(Item | ForbiddenError | null)[]> =>
    Promise.all([...ids].map((id) => read(session, id)));

  /** @throws ForbiddenError all of them are refused, and so perhaps the whole project */
  async function readOnly(session: Session, ids: ReadonlySet<string>): Promise<Item[]> {
    const answers = await readEach(session, ids);
    const [first] = answers;
    if (first instanceof ForbiddenError && answers.every((answer) => answer instanceof ForbiddenError)) throw first;
    return present(answers);
  }

  async function readList(session: Session, interest: ReadonlySet<string> | null): Promise<Item[]> {
    let calls = 0;
    const source = reads.all(session);
    const counted = {
      ...source,
      fetch: (offset: number, limit: number, isFresh: boolean) => {
        calls += 1;
        return source.fetch(offset, limit, isFresh);
      },
    };
    // what a list hides by too low a total is read by its id when somebody watches it
    const { items } = await readAllItems(counted, { isTotalTrusted: true });
    listCalls = calls;
    const listed = new Map(items.map((item) => [reads.id(item), item]));
    unlisted = new Set([...(interest ?? [])].filter((id) => !listed.has(id)));
    const short = items.filter((item) => needsDetail(item) && (interest?.has(reads.id(item)) ?? true));
    const details = await Promise.all(
      short
        .slice(0, maxDetails)
        .map(async (item) => [reads.id(item), await read(session, reads.id(item), item)] as const),
    );
    const all = new Map<string, Item | ForbiddenError | null>([...listed, ...details]);
    return [...present(all.values()), ...present(await readEach(session, unlisted))];
  }

  return async ({ signal, interest }) => {
    const session = open(signal);
    const isEachCheaper =
      interest !== null &&
      interest.size <= listCalls + [...interest].filter((id) => unlisted.has(id) || detailed.has(id)).length;
    const items = await (isEachCheaper ? readOnly(session, interest) : readList(session, interest));
    detailed = new Set(items.filter(needsDetail).map(reads.id));
    for (const item of items) {
      // those that are there now come last
      seen.delete(reads.id(item));
      seen.add(reads.id(item));
    }
    for (const id of seen) {
      if (seen.size <= maxSeen) break;
      seen.delete(id);
    }
    return items;
  };
}

const present = <Item>(items: Iterable<Item | ForbiddenError | null>): Item[] =>
  [...items].filter((item) => item !== null && !(item instanceof ForbiddenError)) as Item[];
