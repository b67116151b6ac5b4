import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenTimeMs } from '../../../src/modelarts/token-times.ts';

describe('a time of IAM, read by a machine that is not in UTC', () => {
  const zone = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = 'America/New_York';
    expect(new Date('2026-01-02T03:04:05').getTime()).toBe(at + 5 * 3_600_000);
  });
  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);

  it.each<[unknown, number]>([
    ['2026-01-02T03:04:05.000000Z', at],
    ['2026-01-02T03:04:05Z', at],
    ['2026-01-02T03:04:05.250000Z', at + 250],
    ['2026-01-02T03:04:05.000000', at],
    ['2026-01-02 03:04:05', at],
    [' 2026-01-02T03:04:05 ', at],
    ['2026-01-02t03:04:05z', at],
    ['2026-01-02T05:04:05+02:00', at],
    ['2026-01-02T05:04:05+0200', at],
    ['2026-01-02T05:04:05 +02', at],
    ['2026-01-01T21:34:05-05:30', at],
    ['2026-01-02T03:04', at - 5000],
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    [at, at],
    [at / 1000, at],
    [at / 1000 + 0.5, at],
    [String(at), at],
    [String(at / 1000), at],
  ])('%j is read', (value, timeMs) => {
    expect(tokenTimeMs(value)).toBe(timeMs);
  });

  it.each([
    '',
    ' ',
    'never',
    '-',
    '2026-13-45T99:99:99Z',
    '03:04:05',
    0,
    -1,
    Number.NaN,
    1e300,
    true,
    null,
    undefined,
    {},
    [],
  ])('is none where %j is given', (value) => {
    expect(tokenTimeMs(value)).toBeNull();
  });

  it('is one that a Date can hold, whatever is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.date().map(String), fc.double(), fc.string()), (value) => {
        const timeMs = tokenTimeMs(value);
        return timeMs === null || !Number.isNaN(new Date(timeMs).getTime());
      }),
    );
  });
});
