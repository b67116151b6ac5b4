import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadUserInputError } from '../../../src/modelarts/wire/errors.ts';
import { decodeCursor } from '../../../src/schema/relay/cursor.ts';
import { type Connection, type ConnectionArguments, connectionOf } from '../../../src/schema/relay/pagination.ts';
import { anyChanges, anyList } from '../../support/paging/arbitraries.ts';
import { type Item, itemsOf, type MovingList, movingList } from '../../support/paging/moving-list.ts';

const idsOf = (connection: Connection<Item>) => connection.edges.map((edge) => edge.node.id);

describe('a list that changes while it is read', () => {
  const hashOf = (id: string) => createHash('sha256').update(id).digest('base64url').slice(0, 6);

  /** Whether the item of the cursor and everything it remembers before it were deleted. */
  const isAllGone = (list: MovingList, cursor: string) => {
    const { id, previousHashes } = decodeCursor(cursor, 'after');
    const alive = new Set(list.ids().map(hashOf));
    return list.deleted.has(id) && previousHashes.length === 8 && previousHashes.every((hash) => !alive.has(hash));
  };

  type Direction = {
    next(size: number, cursor: string | null): ConnectionArguments;
    cursor: 'endCursor' | 'startCursor';
  };
  const forwards: Direction = { next: (first, after) => ({ first, after }), cursor: 'endCursor' };
  const backwards: Direction = { next: (last, before) => ({ last, before }), cursor: 'startCursor' };

  /** All ids of a walk in the order of the list; null when it ended because all around a cursor was deleted. */
  async function walk(list: MovingList, size: number, direction: Direction): Promise<string[] | null> {
    const ids: string[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 300; pages++) {
      const args = direction.next(size, cursor);
      const page: Connection<Item> | BadUserInputError = await connectionOf(list.source, args).catch(
        (error: unknown) => {
          if (error instanceof BadUserInputError) return error;
          throw error;
        },
      );
      if (page instanceof BadUserInputError) {
        expect(isAllGone(list, cursor ?? '')).toBe(true);
        return null;
      }
      if (direction === forwards) ids.push(...idsOf(page));
      else ids.unshift(...idsOf(page));
      const { hasNextPage, hasPreviousPage } = page.pageInfo;
      if (!(direction === forwards ? hasNextPage : hasPreviousPage)) return ids;
      cursor = page.pageInfo[direction.cursor] ?? cursor;
    }
    throw new Error('The walk does not end.');
  }

  it.each([
    ['forwards', forwards],
    ['backwards', backwards],
  ])(
    'is walked %s without losing what was there throughout, and without giving anything twice',
    async (_, direction) => {
      let completed = 0;
      const runs = 300;
      await fc.assert(
        fc.asyncProperty(anyList, anyChanges(40), fc.integer({ min: 1, max: 25 }), async (options, changes, size) => {
          const list = movingList(options.length, { ...options, changes });
          const walked = await walk(list, size, direction);
          if (walked === null) return;
          completed += 1;
          expect(new Set(walked).size).toBe(walked.length);
          const throughout = itemsOf(options.length).filter((id) => !list.deleted.has(id));
          const wasThroughout = new Set(throughout);
          expect(walked.filter((id) => wasThroughout.has(id))).toEqual(throughout);
        }),
        { numRuns: runs },
      );
      expect(completed).toBeGreaterThan(runs * 0.8);
    },
  );
});
