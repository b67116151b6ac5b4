import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStreamReservations } from '../../../src/server/streams/stream-reservations.ts';

const lifetimeMs = 30_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('a thousand reserved streams leave no room, until the time of one is over', () => {
  const dropped: string[] = [];
  const reservations = createStreamReservations(lifetimeMs, (token) => dropped.push(token));
  reservations.add('first');
  vi.advanceTimersByTime(1);
  for (let count = 1; count < 1000; count += 1) reservations.add(`stream-${count}`);
  expect(reservations.isFull).toBe(true);
  vi.advanceTimersByTime(lifetimeMs - 2);
  expect([dropped, reservations.isFull]).toEqual([[], true]);
  vi.advanceTimersByTime(1);
  expect([dropped, reservations.isFull]).toEqual([['first'], false]);
  reservations.clear();
  expect(vi.getTimerCount()).toBe(0);
});

it('a reserved stream that was opened is not dropped, and takes no room', () => {
  const dropped: string[] = [];
  const reservations = createStreamReservations(lifetimeMs, (token) => dropped.push(token));
  for (let count = 0; count < 1000; count += 1) reservations.add(`stream-${count}`);
  reservations.open('stream-7');
  expect(reservations.isFull).toBe(false);
  vi.advanceTimersByTime(lifetimeMs);
  expect(dropped).toHaveLength(999);
  expect(dropped).not.toContain('stream-7');
});
