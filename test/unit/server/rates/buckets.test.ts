import { describe, expect, it } from 'vitest';
import { Buckets } from '../../../../src/server/rates/buckets.ts';
import { FailureLog } from '../../../../src/server/rates/failure-log.ts';
import { createOpenCounts } from '../../../../src/server/rates/open-counts.ts';

describe('a bucket', () => {
  it('gives what it holds at once, and then what is filled in again', () => {
    const buckets = new Buckets({ count: 3, windowMs: 60_000 });
    expect([1, 1, 1, 1].map((amount) => buckets.take('a', amount, 1000))).toEqual([0, 0, 0, 20_000]);
    expect(buckets.take('a', 1, 20_000)).toBe(1000);
    expect(buckets.take('a', 1, 21_000)).toBe(0);
    expect(buckets.take('a', 1, 21_000)).toBe(20_000);
  });

  it('takes nothing where it refuses', () => {
    const buckets = new Buckets({ count: 10, windowMs: 10_000 });
    expect(buckets.take('a', 8, 0)).toBe(0);
    expect(buckets.take('a', 5, 0)).toBe(3000);
    expect(buckets.take('a', 2, 0)).toBe(0);
  });

  it('lets more than it holds be taken when it is full, and makes up for it', () => {
    const buckets = new Buckets({ count: 10, windowMs: 10_000 });
    expect(buckets.take('a', 25, 0)).toBe(0);
    expect(buckets.take('a', 1, 15_000)).toBe(1000);
    expect(buckets.take('a', 1, 16_000)).toBe(0);
  });

  it('is of one key', () => {
    const buckets = new Buckets({ count: 1, windowMs: 1000 });
    expect(['a', 'b', 'a'].map((key) => buckets.take(key, 1, 0))).toEqual([0, 0, 1000]);
  });
});

it('no more failures are noted in any window than may be', () => {
  const log = new FailureLog({ count: 2, windowMs: 1000 });
  expect([0, 900, 950, 1000, 1100, 1900].map((now) => log.take('a', 1, now))).toEqual([0, 0, 50, 0, 800, 0]);
});

describe('what is open', () => {
  const accepted = new Set<string>();
  const counts = createOpenCounts({ perCaller: 1, perAddress: 2, isAccepted: (key) => accepted.has(key) });

  it('goes over from an address to its caller when the address has no room left and the token was accepted', () => {
    const first = counts.open({ key: 'a', address: 'here' });
    const second = counts.open({ key: null, address: 'here' });
    expect(counts.open({ key: 'b', address: 'here' })).toBeNull();
    accepted.add('a');
    const third = counts.open({ key: 'b', address: 'here' });
    expect(third).not.toBeNull();
    expect(counts.open({ key: 'a', address: 'here' })).toBeNull();
    for (const opened of [first, second, third]) if (opened !== null) counts.close(opened);
    expect(counts.size).toBe(0);
    expect(counts.open({ key: 'a', address: 'here' })).not.toBeNull();
  });
});
