import { describe, expect, it } from 'vitest';
import { nextDelayMs } from '../../../src/watch/interval.ts';

const healthy = {
  anyTransitional: true,
  failures: 0,
  retryAfterMs: null,
  random: 0.5,
  transitionalIntervalMs: 2000,
  settledIntervalMs: 30_000,
};

describe('nextDelayMs', () => {
  it('is the short interval in transition and the long one when settled', () => {
    expect(nextDelayMs(healthy)).toBe(2000);
    expect(nextDelayMs({ ...healthy, anyTransitional: false })).toBe(30_000);
  });

  it('is spread over ten percent to both sides', () => {
    expect(nextDelayMs({ ...healthy, random: 0 })).toBe(1800);
    expect(nextDelayMs({ ...healthy, random: 0.999_999 })).toBe(2200);
  });

  it('doubles with each failure up to half a minute', () => {
    const delays = [1, 2, 3, 4, 5, 6, 2000].map((failures) => nextDelayMs({ ...healthy, failures }));
    expect(delays).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('never asks a failing upstream more often than a healthy one', () => {
    const settled = { ...healthy, anyTransitional: false, settledIntervalMs: 60_000, failures: 5 };
    expect(nextDelayMs(settled)).toBe(60_000);
  });

  it('is never below Retry-After, jitter included', () => {
    expect(nextDelayMs({ ...healthy, failures: 1, retryAfterMs: 45_000, random: 0 })).toBe(45_000);
    expect(nextDelayMs({ ...healthy, failures: 1, retryAfterMs: 10 })).toBe(2000);
  });

  it('fits into a Node timer however long the upstream wants peace', () => {
    expect(nextDelayMs({ ...healthy, retryAfterMs: 9e12 })).toBe(2 ** 31 - 1);
  });
});
