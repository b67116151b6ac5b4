import { type Change, changedItem, type WatchEvent } from './watch-event.ts';

/**
 * Shortens a backlog without changing where it leads: changes of one item become one, at the place of the newest, so that
 * sequence numbers still grow; a fault and its end, both unread, cancel out.
 */
export function collapse<Item>(
  events: readonly WatchEvent<Item>[],
  rules: { id(item: Item): string; isEqual(a: Item, b: Item): boolean },
): WatchEvent<Item>[] {
  const kept: (WatchEvent<Item> | null)[] = [];
  const placeOf = new Map<string, number>();
  let fault: number | null = null;
  for (const event of events) {
    if (event.kind === 'SNAPSHOT') {
      kept.push(event);
    } else if (event.kind === 'UNREACHABLE' || event.kind === 'REACHABLE') {
      // they alternate, so a pair leads back to what the listener last read
      if (fault === null) {
        fault = kept.push(event) - 1;
      } else {
        kept[fault] = null;
        fault = null;
      }
    } else {
      const id = rules.id(changedItem(event));
      const place = placeOf.get(id);
      const older = place === undefined ? null : kept[place];
      if (place !== undefined) kept[place] = null;
      placeOf.delete(id);
      const merged = older && isChange(older) ? merge(older, event, rules.isEqual) : event;
      if (merged !== null) placeOf.set(id, kept.push(merged) - 1);
    }
  }
  return kept.filter((event) => event !== null);
}

const isChange = <Item>(event: WatchEvent<Item>): event is Change<Item> =>
  event.kind === 'ADDED' || event.kind === 'MODIFIED' || event.kind === 'REMOVED';

/** Two changes of one item as one; null when the second undoes the first. */
function merge<Item>(
  older: Change<Item>,
  newer: Change<Item>,
  isEqual: (a: Item, b: Item) => boolean,
): Change<Item> | null {
  const { observedAt, sequence } = newer;
  if (older.kind === 'ADDED') {
    if (newer.kind === 'REMOVED') return null;
    return { kind: 'ADDED', item: newer.item, previous: null, observedAt, sequence };
  }
  const { previous } = older;
  if (newer.kind === 'REMOVED') return { kind: 'REMOVED', previous, observedAt, sequence };
  if (isEqual(previous, newer.item)) return null;
  return { kind: 'MODIFIED', item: newer.item, previous, observedAt, sequence };
}
