import { describe, expect, it } from 'vitest';
import { createFakeClock, settle } from '../../support/watch/fake-clock.ts';
import { arrange, read, told } from '../../support/watch/upstream.ts';

const stopped = { id: 'a', status: 'STOPPED' };
const starting = { id: 'a', status: 'STARTING' };
const all = () => true;

describe('pollSoon', () => {
  it('has a settled watch polled within a moment, and then as what it finds demands', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    const reader = read(listen());
    await clock.advance(10_000);
    upstream.put(starting);
    watches.pollSoon(all);
    await settle();
    expect(upstream.polls).toHaveLength(1);
    await clock.advance(60);
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED', 'MODIFIED a=STARTING']);
    await clock.advance(6_000);
    expect(upstream.polls).toHaveLength(5);
  });

  it('spares a watch that has been polled by then', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    read(listen());
    await clock.advance(10_000);
    watches.pollSoon(all);
    watches.wake('key');
    await clock.advance(1_000);
    expect(upstream.polls).toHaveLength(2);
  });

  it('has a watch polled once more that is being polled', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    upstream.latencyMs = 100;
    const reader = read(listen());
    await clock.advance(50);
    upstream.put(starting);
    watches.pollSoon(all);
    await clock.advance(1_000);
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED', 'MODIFIED a=STARTING']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('leaves watches of other keys alone', async () => {
    const { clock, upstream, watches, listen } = arrange();
    read(listen());
    await clock.advance(10_000);
    watches.pollSoon((key) => key !== 'key');
    await clock.advance(1_000);
    expect(upstream.polls).toHaveLength(1);
  });

  it('does not undo the backoff of a watch that fails', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    read(listen());
    upstream.failure = { failure: 'passing' };
    await clock.advance(31_000);
    const before = upstream.polls.length;
    for (let index = 0; index < 20; index += 1) {
      watches.pollSoon(all);
      await clock.advance(100);
    }
    expect(upstream.polls).toHaveLength(before);
  });

  it('makes no poll where nobody listens, and has who comes then read for themselves', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    await read(listen()).leave();
    const first = read(listen());
    await settle();
    await first.leave();
    const before = upstream.polls.length;
    watches.pollSoon(all);
    await clock.advance(250);
    expect(upstream.polls).toHaveLength(before);
    upstream.put(starting);
    const late = read(listen());
    await clock.advance(500);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('starts 200 watches one after the other, at most 30 in 50 ms, and all within 1.1 s', async () => {
    const { clock, upstream, watches } = arrange({ random: Math.random });
    upstream.put(stopped);
    for (let index = 0; index < 200; index += 1) read(watches.listen(`key ${index}`, upstream.source));
    await clock.advance(5_000);
    const askedAt = clock.now();
    watches.pollSoon(all);
    await clock.advance(1_100);
    const starts = upstream.polls.slice(200).map(({ at }) => at - askedAt);
    expect(starts).toHaveLength(200);
    for (const start of starts) {
      expect(starts.filter((at) => at >= start && at < start + 50).length).toBeLessThanOrEqual(30);
    }
  });

  it('costs each watch four polls an interval when changes are faster than it can poll', async () => {
    const { clock, upstream, watches } = arrange();
    upstream.put(stopped);
    for (let index = 0; index < 50; index += 1) read(watches.listen(`key ${index}`, upstream.source));
    await clock.advance(5_000);
    const before = upstream.polls.length;
    for (let index = 0; index < 500; index += 1) {
      watches.pollSoon(all);
      await clock.advance(10);
    }
    expect(upstream.polls.length - before).toBeLessThanOrEqual(50 * 11);
    await clock.advance(1_000);
    upstream.put(starting);
    const askedAt = clock.now();
    const polls = upstream.polls.length;
    watches.pollSoon(all);
    await clock.advance(400);
    expect(upstream.polls.length - polls).toBe(50);
    expect((upstream.polls.at(-1)?.at ?? 0) - askedAt).toBeLessThanOrEqual(400);
  });

  it('comes in time after the wall clock was set back', async () => {
    const fake = createFakeClock();
    let setBackMs = 0;
    const { upstream, watches, listen } = arrange({ clock: { ...fake, now: () => fake.now() - setBackMs } });
    upstream.put(stopped);
    read(listen());
    await fake.advance(5_000);
    watches.pollSoon(all);
    setBackMs = 3_600_000;
    await fake.advance(1_000);
    watches.pollSoon(all);
    await fake.advance(1_000);
    expect(upstream.polls).toHaveLength(3);
  });
});
