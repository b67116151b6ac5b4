import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStreamReservations } from '../../../src/server/streams/stream-reservations.ts';

const lifetimeMs = 30_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function create() {
  const dropped: string[] = [];
  return { dropped, reservations: createStreamReservations(lifetimeMs, (token) => dropped.push(token)) };
}

it('a reserved stream that is not opened in time is dropped', () => {
  const { dropped, reservations } = create();
  reservations.add('first', 'one');
  vi.advanceTimersByTime(1);
  reservations.add('second', 'one');
  vi.advanceTimersByTime(lifetimeMs - 2);
  expect(dropped).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(dropped).toEqual(['first']);
  reservations.clear();
  expect(vi.getTimerCount()).toBe(0);
});

it('a caller who reserves more than a hundred streams loses the oldest of them, and others lose none', () => {
  const { dropped, reservations } = create();
  reservations.add('of-other', 'other');
  for (let count = 0; count < 2000; count += 1) reservations.add(`stream-${count}`, 'crowd');
  expect(dropped).toHaveLength(1900);
  expect(dropped).not.toContain('of-other');
  expect([dropped[0], dropped.at(-1)]).toEqual(['stream-0', 'stream-1899']);
  reservations.clear();
  expect(vi.getTimerCount()).toBe(0);
});

it('a thousand callers with one stream each lose the oldest to the next, who is not turned away', () => {
  const { dropped, reservations } = create();
  for (let count = 0; count < 1000; count += 1) reservations.add(`stream-${count}`, `caller-${count}`);
  expect(dropped).toEqual([]);
  reservations.add('next', 'next');
  expect(dropped).toEqual(['stream-0']);
  reservations.clear();
});

it('a reserved stream that was opened is not dropped, and takes no room', () => {
  const { dropped, reservations } = create();
  for (let count = 0; count < 100; count += 1) reservations.add(`stream-${count}`, 'one');
  reservations.open('stream-7');
  reservations.add('stream-100', 'one');
  expect(dropped).toEqual([]);
  vi.advanceTimersByTime(lifetimeMs);
  expect(dropped).toHaveLength(100);
  expect(dropped).not.toContain('stream-7');
});
