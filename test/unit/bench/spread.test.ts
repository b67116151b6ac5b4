import { describe, expect, test } from 'vitest';
import { isWithin, ratioSpread, spreadOf, verdictAtLeast, verdictAtMost } from '../../../bench/rounds/spread.ts';

const spread = (...values: number[]) => {
  const found = spreadOf(values);
  if (found === null) throw new Error('no values');
  return found;
};

describe('the spread of a figure', () => {
  test('is its median with the least and the most of any round', () => {
    expect(spreadOf([3, 1, 10])).toEqual({ median: 3, least: 1, most: 10, rounds: 3 });
  });

  test('has the middle of the two middle rounds for a median when their number is even', () => {
    expect(spreadOf([4, 1, 2, 100])?.median).toBe(3);
  });

  test('is not known without a round', () => {
    expect(spreadOf([])).toBeNull();
  });
});

describe('a ratio', () => {
  test('is made within each round, so that a slow round, which slows both, does not widen it', () => {
    expect(ratioSpread([10, 100, 20], [20, 200, 40])).toEqual({ median: 0.5, least: 0.5, most: 0.5, rounds: 3 });
  });

  test('leaves out rounds that one of the two lacks, and keeps the others in step', () => {
    expect(ratioSpread([1, null, 9, 8], [2, 5, null, 4])).toEqual({ median: 1.25, least: 0.5, most: 2, rounds: 2 });
  });

  test('is not known of what was never measured', () => {
    expect(ratioSpread([1, 2], [])).toBeNull();
  });
});

describe('a verdict', () => {
  test('is given when every round is on one side of the bound', () => {
    expect(verdictAtMost(spread(0.7, 0.8, 0.9), 0.9)).toBe('reached');
    expect(verdictAtMost(spread(1, 1.1, 1.2), 0.9)).toBe('not reached');
    expect(verdictAtLeast(spread(2, 2.1, 2.5), 2)).toBe('reached');
    expect(verdictAtLeast(spread(1.5, 1.6, 1.9), 2)).toBe('not reached');
  });

  test('is open when the bound lies within the spread, whatever the median says', () => {
    expect(verdictAtMost(spread(0.5, 0.6, 0.91), 0.9)).toBe('open');
    expect(verdictAtMost(spread(0.9, 1.5, 1.6), 0.9)).toBe('open');
    expect(verdictAtLeast(spread(1.9, 2.4, 2.5), 2)).toBe('open');
  });

  test('is open after fewer than three rounds', () => {
    expect(verdictAtMost(spread(0.1, 0.1), 0.9)).toBe('open');
    expect(verdictAtLeast(spread(9, 9), 2)).toBe('open');
  });
});

test('a run agrees with another when its median lies between the least and the most of the other', () => {
  expect(isWithin(spread(1, 2, 9), spread(1.5, 1.8, 2))).toBe(true);
  expect(isWithin(spread(1, 2.1, 9), spread(1.5, 1.8, 2))).toBe(false);
});
