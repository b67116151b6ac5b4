import { hash } from 'node:crypto';
import { BadUserInputError } from '../../modelarts/wire/errors.ts';
import { maxItemsRead, type RowRange } from '../../modelarts/wire/paging.ts';

/**
 * A place in a list that moves: which item it belongs to, where that was, and what stood around it in case it is deleted.
 * Neighbours are kept as hashes; clients must not take a cursor apart.
 */
export type Cursor = {
  /** record offset when it was given out: a hint where to look first */
  readonly offset: number;
  readonly id: string;
  /** hashes of up to 8 ids before it, nearest first */
  readonly previousHashes: readonly string[];
  /** hash of the id behind it; null: not known, or there was none */
  readonly nextHash: string | null;
  /** `previousHashes` goes back to the start of the list */
  readonly reachesStart: boolean;
};

export const maxPreviousHashes = 8;

const version = 1;
const hashLength = 6;
const maxCursorLength = 2048;
/** The upstream's offset is an int32. */
const maxOffset = 2 ** 31 - 1;
const hashes = /^(?:[A-Za-z0-9_-]{6}){0,8}$/;

/** 36 bits of SHA-256 as 6 characters: two of 2000 ids collide in one list out of 30,000, and it matters only when the item itself is gone. */
const hashOf = (id: string): string => hash('sha256', id, 'base64url').slice(0, hashLength);

export function encodeCursor({ offset, id, previousHashes, nextHash, reachesStart }: Cursor): string {
  const fields = [version, offset, id, previousHashes.join(''), nextHash ?? '', reachesStart ? 1 : 0];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/**
 * @param argument where the cursor was given, for the error
 * @throws BadUserInputError the text was not given out as a cursor by this version
 */
export function decodeCursor(text: string, argument: 'after' | 'before'): Cursor {
  const cursor = parse(text);
  if (cursor !== null) return cursor;
  throw BadUserInputError.of([
    {
      path: [argument],
      message: `This is not a cursor; pass one unchanged from \`pageInfo\` or \`edges\`, or leave \`${argument}\` out.`,
    },
  ]);
}

function parse(text: string): Cursor | null {
  if (text.length > maxCursorLength || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  const fields = json(Buffer.from(text, 'base64url').toString('utf8'));
  if (!Array.isArray(fields) || fields.length !== 6) return null;
  const [given, offset, id, previous, next, reachesStart]: unknown[] = fields;
  if (given !== version || typeof offset !== 'number' || typeof id !== 'string' || id === '') return null;
  if (!Number.isInteger(offset) || offset < 0 || offset > maxOffset) return null;
  if (typeof previous !== 'string' || !hashes.test(previous)) return null;
  if (typeof next !== 'string' || !hashes.test(next) || next.length > hashLength) return null;
  return {
    offset,
    id,
    previousHashes: previous.match(/.{6}/g) ?? [],
    nextHash: next === '' ? null : next,
    reachesStart: reachesStart === 1,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export type Place = {
  /** index of the first row behind the cursor's item */
  readonly after: number;
  /** index behind the last row before the cursor's item */
  readonly before: number;
};

/** Where the cursor's item is in the range, or where it was if it is gone for certain. Null: neither can be told. */
export function placeIn<T>({ rows, offset, isEnd }: RowRange<T>, cursor: Cursor): Place | null {
  const anchor = rows.findIndex((row) => row.id === cursor.id);
  const indexByHash = new Map(rows.map((row, index) => [hashOf(row.id), index]));
  const previous = cursor.previousHashes.map((hash) => indexByHash.get(hash)).find((index) => index !== undefined);
  const next = cursor.nextHash === null ? undefined : indexByHash.get(cursor.nextHash);
  const hasMoved =
    previous !== undefined && next !== undefined && previous < next && !(previous < anchor && anchor < next);
  if (anchor >= 0 && !hasMoved) return { after: anchor + 1, before: anchor };
  // Neighbours on both sides, or the ends of the list, show that the item is not merely further on.
  const isGone =
    (previous !== undefined || offset === 0) && (next !== undefined || isEnd || rows.length >= maxItemsRead);
  if (!isGone) return null;
  if (previous !== undefined) return { after: previous + 1, before: previous + 1 };
  if (next !== undefined) return { after: next, before: next };
  return cursor.reachesStart ? { after: 0, before: 0 } : null;
}

/**
 * Writes the cursor of a row of the range, by its index.
 * @param carried the cursor this page continues: its neighbours stand in for those that were not read again
 */
export function cursorsIn<T>({ rows, offset }: RowRange<T>, carried: Cursor | null): (index: number) => string {
  const hashes: string[] = [];
  const hashAt = (index: number): string | undefined => {
    const row = rows[index];
    if (row === undefined) return undefined;
    hashes[index] ??= hashOf(row.id);
    return hashes[index];
  };
  return (index) => {
    const row = rows[index];
    if (row === undefined) throw new RangeError(`There is no row ${index}.`);
    const previous = new Set<string>();
    for (let before = index - 1; before >= Math.max(0, index - maxPreviousHashes); before--) {
      previous.add(hashAt(before) ?? '');
    }
    const isCarried = offset > 0 && carried !== null && index <= maxPreviousHashes;
    if (isCarried) for (const older of carried.previousHashes) previous.add(older);
    const hasAll = previous.size <= maxPreviousHashes && index <= maxPreviousHashes;
    return encodeCursor({
      offset: row.offset,
      id: row.id,
      previousHashes: [...previous].slice(0, maxPreviousHashes),
      nextHash: hashAt(index + 1) ?? null,
      reachesStart: hasAll && (offset === 0 || (isCarried && carried.reachesStart)),
    });
  };
}
