import { describe, expect, it } from 'vitest';
import { settle } from '../../support/watch/fake-clock.ts';
import { arrange, read, told } from '../../support/watch/upstream.ts';

const starting = { id: 'a', status: 'STARTING' };
const running = { id: 'a', status: 'RUNNING' };
const passing = { failure: 'passing' } as const;

const sinceFirst = (polls: readonly { at: number }[]) => polls.map(({ at }) => at - (polls[0]?.at ?? 0));

describe('passing failures', () => {
  it('are announced once, with the time of the last success, and their end before any change', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    const reader = read(listen());
    await clock.advance(2_000);
    const lastGoodAt = clock.now();
    upstream.failure = passing;
    await clock.advance(60_000);
    upstream.failure = null;
    upstream.put(running);
    await clock.advance(30_000);
    expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'UNREACHABLE', 'REACHABLE', 'MODIFIED a=RUNNING']);
    expect(reader.events[1]).toMatchObject({ since: lastGoodAt, observedAt: lastGoodAt + 4_000, error: passing });
  });

  it('stay unannounced when a single poll fails', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    const reader = read(listen());
    await settle();
    upstream.failure = passing;
    await clock.advance(2_000);
    upstream.failure = null;
    await clock.advance(2_000);
    expect(upstream.polls).toHaveLength(3);
    expect(told(reader)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('are backed off, and forgotten with the first success', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    upstream.failure = passing;
    read(listen());
    await clock.advance(61_000);
    upstream.failure = null;
    await clock.advance(31_000);
    upstream.polls.splice(0, upstream.polls.length - 2);
    expect(sinceFirst(upstream.polls)).toEqual([0, 2_000]);
  });

  it('double the wait each time', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.failure = passing;
    read(listen());
    await clock.advance(91_000);
    expect(sinceFirst(upstream.polls)).toEqual([0, 2_000, 6_000, 14_000, 30_000, 60_000, 90_000]);
  });

  it('without a call upstream keep the usual wait', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.failure = passing;
    read(listen());
    await clock.advance(7_000);
    upstream.failure = { ...passing, isUnasked: true };
    await clock.advance(13_000);
    expect(sinceFirst(upstream.polls)).toEqual([0, 2_000, 6_000, 14_000, 16_000, 18_000, 20_000]);
  });

  it('before the first success keep the listener waiting, visibly', async () => {
    const { clock, upstream, listen } = arrange();
    const startedAt = clock.now();
    upstream.failure = passing;
    upstream.put(running);
    const reader = read(listen());
    await clock.advance(2_000);
    expect(told(reader)).toEqual(['UNREACHABLE']);
    expect(reader.events[0]).toMatchObject({ since: startedAt });
    upstream.failure = null;
    await clock.advance(4_000);
    expect(told(reader)).toEqual(['UNREACHABLE', 'REACHABLE', 'SNAPSHOT a=RUNNING']);
  });

  it('are announced to a newcomer at once, who neither gets an old snapshot nor undoes the backoff', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    read(listen());
    await settle();
    upstream.failure = passing;
    await clock.advance(10_000);
    const pollsBefore = upstream.polls.length;
    const newcomers = Array.from({ length: 10 }, () => read(listen()));
    await settle();
    expect(upstream.polls).toHaveLength(pollsBefore);
    for (const newcomer of newcomers) expect(told(newcomer)).toEqual(['UNREACHABLE']);
    upstream.failure = null;
    await clock.advance(30_000);
    for (const newcomer of newcomers)
      expect(told(newcomer)).toEqual(['UNREACHABLE', 'REACHABLE', 'SNAPSHOT a=STARTING']);
  });
});

describe('Retry-After', () => {
  it('is waited out, even when a poll is asked for meanwhile', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(starting);
    read(listen());
    await settle();
    upstream.failure = { failure: 'passing', retryAfterMs: 45_000 };
    await clock.advance(2_000);
    watches.wake('key');
    read(listen({ id: 'b' }));
    watches.replaceSource('key', upstream.source());
    await clock.advance(44_999);
    expect(upstream.polls).toHaveLength(2);
    await clock.advance(1);
    expect(upstream.polls).toHaveLength(3);
  });

  it('outlives the last listener', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.failure = { failure: 'passing', retryAfterMs: 45_000 };
    const reader = read(listen());
    await settle();
    await reader.leave();
    await clock.advance(40_000);
    read(listen());
    await clock.advance(4_999);
    expect(upstream.polls).toHaveLength(1);
    await clock.advance(1);
    expect(upstream.polls).toHaveLength(2);
    await watches.close();
    expect(clock.pending).toBe(0);
  });
});

describe('a fatal failure', () => {
  it('ends every listener with the error and drops the watch', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(starting);
    const readers = [read(listen()), read(listen({ id: 'a' }))];
    await settle();
    upstream.failure = { failure: 'fatal' };
    await clock.advance(2_000);
    for (const reader of readers) {
      expect(told(reader)).toEqual(['SNAPSHOT a=STARTING']);
      expect(reader.end).toEqual({ error: { failure: 'fatal' } });
    }
    expect(watches.stats).toMatchObject({ watches: 0, listeners: 0 });
    expect(clock.pending).toBe(0);
    upstream.failure = null;
    const anew = read(listen());
    await settle();
    expect(told(anew)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('comes behind what was unread, once, and rejects nothing nobody waits for', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    const iterator = listen();
    await settle();
    upstream.failure = { failure: 'fatal' };
    await clock.advance(2_000);
    expect((await iterator.next()).value).toMatchObject({ kind: 'SNAPSHOT' });
    await expect(iterator.next()).rejects.toEqual({ failure: 'fatal' });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('of a source that was replaced meanwhile does not count', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(running);
    upstream.latencyMs = 100;
    upstream.failure = { failure: 'fatal' };
    const reader = read(listen());
    await settle();
    upstream.failure = null;
    watches.replaceSource('key', upstream.source());
    await clock.advance(200);
    expect(reader.end).toBe('open');
    expect(told(reader)).toEqual(['SNAPSHOT a=RUNNING']);
  });

  it('is what a source makes that cannot compare its items', async () => {
    const { upstream, watches } = arrange();
    upstream.put(running);
    const broken = {
      ...upstream.source(),
      id: () => {
        throw new TypeError('no id');
      },
    };
    const reader = read(watches.listen('key', () => broken));
    await settle();
    expect(reader.end).toEqual({ error: new TypeError('no id') });
  });
});
