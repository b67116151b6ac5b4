import { describe, expect, it } from 'vitest';
import { dueThreshold, nextThreshold, readPosition, writePosition } from '../../../src/schema/lease/countdown.ts';

const none = Number.POSITIVE_INFINITY;
const thresholds = [60, 3600, 600];

describe('dueThreshold', () => {
  it.each([
    ['none while all are ahead', 4_000_000, none, null],
    ['the one that has just passed', 3_600_000, none, 3600],
    ['the nearest one only, of several that are past', 300_000, none, 600],
    ['the nearest one when the end is past', -5, none, 60],
    ['none that was told', 3_500_000, 3600, null],
    ['the next one after one that was told', 600_000, 3600, 600],
    ['none above one that was told', 500_000, 600, null],
  ])('is %s', (_what, remainingMs, emitted, due) => {
    expect(dueThreshold(remainingMs, thresholds, emitted)).toBe(due);
  });

  it('is none without thresholds', () => {
    expect(dueThreshold(0, [], none)).toBeNull();
  });
});

describe('nextThreshold', () => {
  it.each([
    [none, 3600],
    [3600, 600],
    [600, 60],
    [60, null],
  ])('after %s is %s', (emitted, next) => {
    expect(nextThreshold(thresholds, emitted)).toBe(next);
  });
});

describe('a position of a lease stream', () => {
  it.each([
    { expiresAtMs: 1_687_656_452_470, emitted: none },
    { expiresAtMs: 1_687_656_452_470, emitted: 600 },
    { expiresAtMs: null, emitted: none },
  ])('is read as it was written: %o', (position) => {
    expect(readPosition(writePosition(position))).toEqual(position);
  });

  it.each(['', '12', 'off', '-600', '1-2-3', 'e3b0c44298fc-7', '1e3-60', '12345678901234567890-60'])(
    'is not what a client made up: %s',
    (text) => {
      expect(readPosition(text)).toBeNull();
    },
  );
});
