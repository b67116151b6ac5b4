import { BadUserInputError } from '../../modelarts/wire/errors.ts';
import {
  type ListWindow,
  limitFor,
  maxGathered,
  type PageSource,
  readStretch,
  type Stretch,
} from '../../modelarts/wire/paging.ts';
import { type Cursor, cursorsIn, decodeCursor, maxPreviousHashes, type Place, placeIn } from './cursor.ts';

/** Arguments of a connection field. `first` is 20 when neither `first` nor `last` is given, `last` when `before` stands alone. */
export type ConnectionArguments = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
};

export type Connection<T> = {
  edges: { readonly cursor: string; readonly node: T }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** counted when the end of the list was read, else what the upstream says; null: it says nothing */
  totalCount: number | null;
};

export const defaultPageSize = 20;
export const maxPageSize = 200;

/**
 * A page of a list that may change between two pages and between the upstream calls of one page: no item that was there
 * throughout is left out or given twice.
 * @param selected fields of the connection the client asked for: whether there is more may cost a call, spared without `pageInfo`
 * @throws BadUserInputError wrong arguments, or everything around a cursor has been deleted
 * @throws UpstreamUnavailableError the list kept changing too fast to be read
 */
export async function connectionOf<T>(
  source: PageSource<T>,
  args: ConnectionArguments,
  selected: ReadonlySet<string> | null = null,
): Promise<Connection<T>> {
  const request = requestOf(args);
  const stretch = await stretchFor(source, request);
  const range = rangeIn(stretch, request);
  const isNextWanted = selected === null || selected.has('pageInfo');
  const hasNext = isNextWanted && (await hasNextPage(source, stretch, range.end));
  return connection(stretch, range, request.after, hasNext);
}

/** The same page from a list held whole. Items with an id that came before are left out. */
export function connectionOfArray<T>(
  items: readonly T[],
  id: (item: T) => string,
  args: ConnectionArguments,
): Connection<T> {
  const request = requestOf(args);
  const byId = new Map<string, T>();
  for (const item of items) if (!byId.has(id(item))) byId.set(id(item), item);
  const rows = [...byId].map(([itemId, item], offset) => ({ item, id: itemId, offset }));
  const stretch = { rows, offset: 0, isEnd: true, total: rows.length };
  const range = rangeIn(stretch, request);
  return connection(stretch, range, request.after, range.end < rows.length);
}

type PageRequest = {
  readonly size: number;
  readonly isFromEnd: boolean;
  readonly after: Cursor | null;
  readonly before: Cursor | null;
};

function requestOf({ first, after, last, before }: ConnectionArguments): PageRequest {
  if (typeof first === 'number' && typeof last === 'number') {
    throw BadUserInputError.of([{ path: ['last'], message: 'Give `first` or `last`, not both.' }]);
  }
  for (const [name, size] of Object.entries({ first, last })) {
    if (typeof size !== 'number' || (Number.isInteger(size) && size >= 0 && size <= maxPageSize)) continue;
    const message = `A page has 0 to ${maxPageSize} items; page on with \`after\` or \`before\` for more.`;
    throw BadUserInputError.of([{ path: [name], message }]);
  }
  const hasBefore = typeof before === 'string';
  const hasAfter = typeof after === 'string';
  return {
    size: first ?? last ?? defaultPageSize,
    isFromEnd: typeof last === 'number' || (typeof first !== 'number' && hasBefore && !hasAfter),
    after: hasAfter ? decodeCursor(after, 'after') : null,
    before: hasBefore ? decodeCursor(before, 'before') : null,
  };
}

function stretchFor<T>(source: PageSource<T>, { size, isFromEnd, after, before }: PageRequest): Promise<Stretch<T>> {
  if (isFromEnd && after === null) {
    // the first item's own cursor needs its neighbours
    const rowsBefore = size + maxPreviousHashes;
    return before === null
      ? stretchToEnd(source, rowsBefore)
      : stretchAround(source, before, { rowsBefore, rowsBehind: 0 });
  }
  if (!isFromEnd && before === null) {
    return after === null
      ? readStretch(source, { offset: 0, count: size, spare: 1 })
      : stretchAround(source, after, { rowsBefore: 0, rowsBehind: size });
  }
  return stretchBetween(source, after, before);
}

type Rows = { readonly rowsBefore: number; readonly rowsBehind: number };

/** Looks where the cursor's item was; then, if it moved too far, where it is now; then in everything. */
async function stretchAround<T>(source: PageSource<T>, cursor: Cursor, wanted: Rows): Promise<Stretch<T>> {
  let hint = cursor.offset;
  for (let tries = 0; tries < 2; tries++) {
    const stretch = await readStretch(source, windowAround(source.limits, hint, wanted));
    if (stretch.offset === 0 && stretch.isEnd) return stretch;
    const place = placeIn(stretch, cursor);
    if (place === null) break;
    const hasBefore = place.before >= wanted.rowsBefore || stretch.offset === 0;
    if (hasBefore && (stretch.rows.length - place.after >= wanted.rowsBehind || stretch.isEnd)) return stretch;
    hint = stretch.rows[place.before]?.offset ?? hint;
  }
  return wideStretch(source, hint, (stretch) => placeIn(stretch, cursor) !== null);
}

/** As many calls as the rows wanted need, with the room left over shared between both sides. */
function windowAround(limits: readonly number[], hint: number, { rowsBefore, rowsBehind }: Rows): ListWindow {
  const needed = rowsBefore + 1 + rowsBehind;
  const limit = limitFor(limits, needed + 1);
  const furtherPages = Math.max(0, Math.ceil((needed - limit) / Math.max(1, limit - 1)));
  const room = Math.max(0, limit + furtherPages * (limit - 1) - needed - 1);
  const offset = Math.max(0, hint - rowsBefore - Math.floor(room / 2));
  return { offset, count: hint - offset + 1 + rowsBehind, spare: 1 };
}

/** The list as far as it is read whole; a longer one first around the hint. */
async function wideStretch<T>(
  source: PageSource<T>,
  hint: number,
  isEnough: (stretch: Stretch<T>) => boolean,
): Promise<Stretch<T>> {
  const middle = Math.max(0, hint - maxGathered / 2);
  const stretch = await readStretch(source, { offset: middle, count: maxGathered });
  return middle === 0 || isEnough(stretch) ? stretch : readStretch(source, { offset: 0, count: maxGathered });
}

/** The last rows. The first call tells whether it is all there is, or else how far the upstream says it goes. */
async function stretchToEnd<T>(source: PageSource<T>, rowsBefore: number): Promise<Stretch<T>> {
  const largest = source.limits.at(-1) ?? maxPageSize;
  const start = await readStretch(source, { offset: 0, count: largest });
  if (start.isEnd) return start;
  let end = start.total ?? 0;
  for (let tries = 0; tries < 2; tries++) {
    const room = Math.max(0, limitFor(source.limits, rowsBefore + 1) - rowsBefore - 1);
    const offset = Math.max(0, end - rowsBefore - Math.floor(room / 2));
    const stretch = await readStretch(source, { offset, count: maxGathered });
    if (stretch.isEnd && (stretch.rows.length >= rowsBefore || offset === 0)) return stretch;
    end = offset + stretch.rows.length;
  }
  const whole = await readStretch(source, { offset: 0, count: maxGathered });
  if (whole.isEnd) return whole;
  throw BadUserInputError.of([
    {
      path: ['last'],
      message: 'The end of this list is too far to be found; narrow it with a filter, or use `first`.',
    },
  ]);
}

/** What lies between two places, either of which may be an end of the list. */
async function stretchBetween<T>(
  source: PageSource<T>,
  after: Cursor | null,
  before: Cursor | null,
): Promise<Stretch<T>> {
  const isEnough = (stretch: Stretch<T>) =>
    (after === null ? stretch.offset === 0 : placeIn(stretch, after) !== null) &&
    (before === null ? stretch.isEnd : placeIn(stretch, before) !== null);
  const offset = after === null ? 0 : Math.max(0, after.offset - maxPreviousHashes);
  const until = before === null ? offset + maxGathered : before.offset + maxPreviousHashes;
  const count = Math.min(maxGathered, Math.max(1, until - offset));
  const stretch = await readStretch(source, { offset, count });
  return isEnough(stretch) ? stretch : wideStretch(source, after?.offset ?? 0, isEnough);
}

function rangeIn<T>(
  stretch: Stretch<T>,
  { size, isFromEnd, after, before }: PageRequest,
): { start: number; end: number } {
  const lower = after === null ? 0 : placed(stretch, after, 'after').after;
  const upper = before === null ? stretch.rows.length : placed(stretch, before, 'before').before;
  const end = Math.max(lower, upper);
  if (!isFromEnd) return { start: lower, end: Math.min(end, lower + size) };
  if (before === null && !stretch.isEnd) {
    const message =
      'There is too much behind `after` to count from the end; use `first`, or narrow the list with a filter.';
    throw BadUserInputError.of([{ path: ['last'], message }]);
  }
  return { start: Math.max(lower, end - size), end };
}

function placed<T>(stretch: Stretch<T>, cursor: Cursor, argument: 'after' | 'before'): Place {
  const place = placeIn(stretch, cursor);
  if (place !== null) return place;
  const message = `What stood around this cursor is gone, or it belongs to another list; start again without \`${argument}\`.`;
  throw BadUserInputError.of([{ path: [argument], message }]);
}

async function hasNextPage<T>(
  source: PageSource<T>,
  { rows, isEnd, total }: Stretch<T>,
  end: number,
): Promise<boolean> {
  if (end < rows.length) return true;
  const last = rows.at(-1);
  if (isEnd || last === undefined) return false;
  if (total !== null && total > last.offset + 1) return true;
  const behind = await readStretch(source, { offset: last.offset, count: 2 });
  const at = behind.rows.findIndex((row) => row.id === last.id);
  // when the list moved under this look, the next page tells
  return at < 0 || at < behind.rows.length - 1 || !behind.isEnd;
}

/** An item of a page. Its cursor takes eight hashes, so it is written when it is asked for. */
class Edge<T> {
  readonly node: T;
  readonly #index: number;
  readonly #cursorOf: (index: number) => string;

  constructor(node: T, index: number, cursorOf: (index: number) => string) {
    this.node = node;
    this.#index = index;
    this.#cursorOf = cursorOf;
  }

  get cursor(): string {
    return this.#cursorOf(this.#index);
  }
}

class PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly Edge<unknown>[];

  constructor(
    edges: readonly Edge<unknown>[],
    { hasNextPage, hasPreviousPage }: Pick<PageInfo, 'hasNextPage' | 'hasPreviousPage'>,
  ) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.#edges = edges;
  }

  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

function connection<T>(
  stretch: Stretch<T>,
  { start, end }: { readonly start: number; readonly end: number },
  carried: Cursor | null,
  hasNext: boolean,
): Connection<T> {
  const { rows, offset, isEnd, total } = stretch;
  const cursorOf = cursorsIn(stretch, carried);
  const edges = rows.slice(start, end).map(({ item }, index) => new Edge(item, start + index, cursorOf));
  return {
    edges,
    pageInfo: new PageInfo(edges, { hasNextPage: hasNext, hasPreviousPage: start > 0 || offset > 0 }),
    totalCount: isEnd ? offset + rows.length : total,
  };
}
