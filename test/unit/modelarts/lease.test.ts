import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeLease, type Lease, leaseExpiresAtMs } from '../../../src/modelarts/leases.ts';
import { schema } from '../../../src/schema/index.ts';
import { grant, leaseBody, newLease, rebase, stopAt } from '../../../src/simulator/notebook/lease-countdown.ts';

const hourMs = 3_600_000;

const durations = fc.integer({ min: hourMs, max: 72 * hourMs });
const creations = fc.integer({ min: 1_500_000_000_000, max: 4_000_000_000_000 });
/** Time between two requests: up to ten years, so that durations pass 2^31 and 2^38 ms. */
const pauses = fc.integer({ min: 0, max: 315_360_000_000 });
const requests = fc.array(fc.record({ pauseMs: pauses, durationMs: durations }), { minLength: 1, maxLength: 8 });

/** What the gateway reads of a lease once it has been through JSON. */
function wired(lease: Parameters<typeof leaseBody>[0]): Lease {
  const decoded = decodeLease(JSON.parse(JSON.stringify(leaseBody(lease))), () => {});
  if (decoded === null) throw new Error('not readable');
  return decoded;
}

describe('the end of a lease', () => {
  it('is the time of the request and what was asked for, whatever went before', () => {
    fc.assert(
      fc.property(creations, durations, requests, (createdAt, first, later) => {
        let now = createdAt;
        const lease = newLease({ durationMs: first, type: 'TIMING' }, now);
        expect(leaseExpiresAtMs(wired(lease))).toBe(createdAt + first);
        for (const { pauseMs, durationMs } of later) {
          now += pauseMs;
          grant(lease, { durationMs, type: 'IDLE' }, now);
          expect(leaseExpiresAtMs(wired(lease))).toBe(now + durationMs);
          expect(leaseExpiresAtMs(wired(lease))).toBe(stopAt(lease));
        }
      }),
    );
  });

  it('moves to the time the notebook runs, by what was asked for last', () => {
    fc.assert(
      fc.property(creations, durations, pauses, (createdAt, durationMs, pauseMs) => {
        const lease = newLease({ durationMs, type: 'TIMING' }, createdAt);
        rebase(lease, createdAt + pauseMs);
        expect(leaseExpiresAtMs(wired(lease))).toBe(createdAt + pauseMs + durationMs);
      }),
    );
  });

  it('does not echo the request: what is stored counts from the creation', () => {
    fc.assert(
      fc.property(creations, durations, pauses, (createdAt, durationMs, pauseMs) => {
        const lease = newLease({ durationMs: hourMs, type: 'TIMING' }, createdAt);
        grant(lease, { durationMs, type: 'TIMING' }, createdAt + pauseMs);
        expect(wired(lease).durationMs).toBe(pauseMs + durationMs);
      }),
    );
  });

  it('is none while auto-stop is off, and comes back with the next request', () => {
    fc.assert(
      fc.property(creations, pauses, durations, (createdAt, pauseMs, durationMs) => {
        const lease = newLease({ durationMs: -1, type: 'TIMING' }, createdAt);
        expect(wired(lease)).toMatchObject({ isEnabled: false, type: null });
        expect(leaseExpiresAtMs(wired(lease))).toBeNull();
        grant(lease, { durationMs, type: 'TIMING' }, createdAt + pauseMs);
        expect(leaseExpiresAtMs(wired(lease))).toBe(createdAt + pauseMs + durationMs);
      }),
    );
  });

  it.each([
    ['no duration', { create_at: 1, enable: true }],
    ['no start', { duration: hourMs, enable: true }],
    ['a duration of -1 that says it is enabled', { create_at: 1, duration: -1, enable: true }],
    ['nothing about being enabled', { create_at: 1_700_000_000_000, duration: hourMs }],
  ])('is none with %s', (_, wire) => {
    const lease = decodeLease(wire, () => {});
    expect(lease === null ? null : leaseExpiresAtMs(lease)).toBeNull();
  });
});

describe('the fields of Lease', () => {
  let remainingSeconds: (lease: Lease) => number | null;
  let durationSeconds: (lease: Lease) => number | null;

  beforeAll(() => {
    const type = schema.getType('Lease');
    const fields = type !== undefined && 'getFields' in type ? type.getFields() : {};
    const resolverOf = (name: string) => (lease: Lease) => {
      const field = fields[name];
      if (field === undefined || !('resolve' in field) || field.resolve === undefined) throw new Error(`no ${name}`);
      return field.resolve(lease, {}, {}, {} as never) as number | null;
    };
    remainingSeconds = resolverOf('remainingSeconds');
    durationSeconds = resolverOf('durationSeconds');
  });

  const leaseOf = (createdAtMs: number, durationMs: number): Lease => ({
    isEnabled: true,
    createdAtMs,
    durationMs,
    updatedAtMs: null,
    type: 'TIMING',
    typeRaw: 'TIMING',
  });

  it('remainingSeconds is never negative and never more than there is', () => {
    const spans = fc.integer({ min: 0, max: 2 ** 45 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), spans, (createdAtMs, durationMs) => {
        const before = Date.now();
        const seconds = remainingSeconds(leaseOf(createdAtMs, durationMs)) ?? Number.NaN;
        expect(Number.isSafeInteger(seconds) && seconds >= 0).toBe(true);
        expect(seconds * 1000).toBeLessThanOrEqual(Math.max(0, createdAtMs + durationMs - before));
      }),
    );
  });

  it('remainingSeconds is what is left, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1_000_000_000 }), (leftSeconds) => {
        const now = Date.now();
        const seconds = remainingSeconds(leaseOf(now - 1000, leftSeconds * 1000 + 1000)) ?? Number.NaN;
        expect(leftSeconds - seconds).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('durationSeconds passes 2^31 ms and 2^31 s unharmed', () => {
    for (const durationMs of [2 ** 31 + 1000, (2 ** 31 + 1) * 1000]) {
      expect(durationSeconds(leaseOf(1_700_000_000_000, durationMs))).toBe(Math.floor(durationMs / 1000));
    }
  });
});
