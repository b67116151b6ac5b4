import { BadUserInputError } from '../../modelarts/wire/errors.ts';
import {
  type ListWindow,
  limitFor,
  maxItemsRead,
  type PageSource,
  type RowRange,
  readRange,
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
  const rowRange = await readFor(source, request);
  const range = rangeIn(rowRange, request);
  const isNextWanted = selected === null || selected.has('pageInfo');
  const hasNext = isNextWanted && (await hasNextPage(source, rowRange, range.end));
  return connection(rowRange, range, request.after, hasNext);
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
  const rowRange = { rows, offset: 0, isEnd: true, total: rows.length };
  const range = rangeIn(rowRange, request);
  return connection(rowRange, range, request.after, range.end < rows.length);
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

function readFor<T>(source: PageSource<T>, { size, isFromEnd, after, before }: PageRequest): Promise<RowRange<T>> {
  if (isFromEnd && after === null) {
    // the first item's own cursor needs its neighbours
    const rowsBefore = size + maxPreviousHashes;
    return before === null ? readToEnd(source, rowsBefore) : readAround(source, before, { rowsBefore, rowsBehind: 0 });
  }
  if (!isFromEnd && before === null) {
    return after === null
      ? readRange(source, { offset: 0, count: size, spare: 1 })
      : readAround(source, after, { rowsBefore: 0, rowsBehind: size });
  }
  return readBetween(source, after, before);
}

type Rows = { readonly rowsBefore: number; readonly rowsBehind: number };

/** Looks where the cursor's item was; then, if it moved too far, where it is now; then in everything. */
async function readAround<T>(source: PageSource<T>, cursor: Cursor, wanted: Rows): Promise<RowRange<T>> {
  let hint = cursor.offset;
  for (let attempt = 0; attempt < 2; attempt++) {
    const rowRange = await readRange(source, windowAround(source.limits, hint, wanted));
    if (rowRange.offset === 0 && rowRange.isEnd) return rowRange;
    const place = placeIn(rowRange, cursor);
    if (place === null) break;
    const hasBefore = place.before >= wanted.rowsBefore || rowRange.offset === 0;
    if (hasBefore && (rowRange.rows.length - place.after >= wanted.rowsBehind || rowRange.isEnd)) return rowRange;
    hint = rowRange.rows[place.before]?.offset ?? hint;
  }
  return readWide(source, hint, (rowRange) => placeIn(rowRange, cursor) !== null);
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
async function readWide<T>(
  source: PageSource<T>,
  hint: number,
  isEnough: (rowRange: RowRange<T>) => boolean,
): Promise<RowRange<T>> {
  const middle = Math.max(0, hint - maxItemsRead / 2);
  const rowRange = await readRange(source, { offset: middle, count: maxItemsRead });
  return middle === 0 || isEnough(rowRange) ? rowRange : readRange(source, { offset: 0, count: maxItemsRead });
}

/** The last rows. The first call tells whether it is all there is, or else how far the upstream says it goes. */
async function readToEnd<T>(source: PageSource<T>, rowsBefore: number): Promise<RowRange<T>> {
  const largest = source.limits.at(-1) ?? maxPageSize;
  const start = await readRange(source, { offset: 0, count: largest });
  if (start.isEnd) return start;
  let end = start.total ?? 0;
  for (let attempt = 0; attempt < 2; attempt++) {
    const room = Math.max(0, limitFor(source.limits, rowsBefore + 1) - rowsBefore - 1);
    const offset = Math.max(0, end - rowsBefore - Math.floor(room / 2));
    const rowRange = await readRange(source, { offset, count: maxItemsRead });
    if (rowRange.isEnd && (rowRange.rows.length >= rowsBefore || offset === 0)) return rowRange;
    end = offset + rowRange.rows.length;
  }
  const whole = await readRange(source, { offset: 0, count: maxItemsRead });
  if (whole.isEnd) return whole;
  throw BadUserInputError.of([
    {
      path: ['last'],
      message: 'The end of this list is too far to be found; narrow it with a filter, or use `first`.',
    },
  ]);
}

/** What lies between two places, either of which may be an end of the list. */
async function readBetween<T>(
  source: PageSource<T>,
  after: Cursor | null,
  before: Cursor | null,
): Promise<RowRange<T>> {
  const isEnough = (rowRange: RowRange<T>) =>
    (after === null ? rowRange.offset === 0 : placeIn(rowRange, after) !== null) &&
    (before === null ? rowRange.isEnd : placeIn(rowRange, before) !== null);
  const offset = after === null ? 0 : Math.max(0, after.offset - maxPreviousHashes);
  const until = before === null ? offset + maxItemsRead : before.offset + maxPreviousHashes;
  const count = Math.min(maxItemsRead, Math.max(1, until - offset));
  const rowRange = await readRange(source, { offset, count });
  return isEnough(rowRange) ? rowRange : readWide(source, after?.offset ?? 0, isEnough);
}

function rangeIn<T>(
  rowRange: RowRange<T>,
  { size, isFromEnd, after, before }: PageRequest,
): { start: number; end: number } {
  const lower = after === null ? 0 : placed(rowRange, after, 'after').after;
  const upper = before === null ? rowRange.rows.length : placed(rowRange, before, 'before').before;
  const end = Math.max(lower, upper);
  if (!isFromEnd) return { start: lower, end: Math.min(end, lower + size) };
  if (before === null && !rowRange.isEnd) {
    const message =
      'There is too much behind `after` to count from the end; use `first`, or narrow the list with a filter.';
    throw BadUserInputError.of([{ path: ['last'], message }]);
  }
  return { start: Math.max(lower, end - size), end };
}

function placed<T>(rowRange: RowRange<T>, cursor: Cursor, argument: 'after' | 'before'): Place {
  const place = placeIn(rowRange, cursor);
  if (place !== null) return place;
  const message = `What stood around this cursor is gone, or it belongs to another list; start again without \`${argument}\`.`;
  throw BadUserInputError.of([{ path: [argument], message }]);
}

async function hasNextPage<T>(
  source: PageSource<T>,
  { rows, isEnd, total }: RowRange<T>,
  end: number,
): Promise<boolean> {
  if (end < rows.length) return true;
  const last = rows.at(-1);
  if (isEnd || last === undefined) return false;
  if (total !== null && total > last.offset + 1) return true;
  const behind = await readRange(source, { offset: last.offset, count: 2 });
  const at = behind.rows.findIndex((row) => row.id === last.id);
  // when the list moved meanwhile, the next page shows it
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
  rowRange: RowRange<T>,
  { start, end }: { readonly start: number; readonly end: number },
  carried: Cursor | null,
  hasNext: boolean,
): Connection<T> {
  const { rows, offset, isEnd, total } = rowRange;
  const cursorOf = cursorsIn(rowRange, carried);
  const edges = rows.slice(start, end).map(({ item }, index) => new Edge(item, start + index, cursorOf));
  return {
    edges,
    pageInfo: new PageInfo(edges, { hasNextPage: hasNext, hasPreviousPage: start > 0 || offset > 0 }),
    totalCount: isEnd ? offset + rows.length : total,
  };
}
