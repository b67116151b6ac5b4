import { describe, expect, it } from 'vitest';
import { settle } from '../../support/watch/fake-clock.ts';
import { arrange, read, told } from '../../support/watch/upstream.ts';

const stopped = { id: 'a', status: 'STOPPED' };
const starting = { id: 'a', status: 'STARTING' };
const running = { id: 'a', status: 'RUNNING' };
const other = { id: 'b', status: 'RUNNING' };

describe('a wake of a watch', () => {
  it('makes it poll at once', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    const reader = read(listen());
    await clock.advance(1_000);
    upstream.put(starting);
    watches.wake('key');
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED', 'MODIFIED a=STARTING']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('makes it poll once more, right after the poll in flight', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    upstream.latencyMs = 500;
    const reader = read(listen());
    await clock.advance(100);
    upstream.put(starting);
    watches.wake('key');
    watches.wake('key');
    await clock.advance(400);
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED']);
    await clock.advance(500);
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED', 'MODIFIED a=STARTING']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('lets a later listener wait for what is newer than the write', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    upstream.latencyMs = 500;
    read(listen());
    await clock.advance(100);
    upstream.put(starting);
    watches.wake('key');
    const late = read(listen());
    await clock.advance(900);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('makes no poll where nobody listens, and is remembered for who comes within the grace', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    const first = read(listen());
    await settle();
    await first.leave();
    watches.wake('key');
    watches.wake('no such key');
    await clock.advance(100);
    expect(upstream.polls).toHaveLength(1);
    upstream.put(starting);
    const late = read(listen());
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });
});

describe('an observed write', () => {
  it('is published without a poll', async () => {
    const { upstream, watches, listen } = arrange();
    upstream.put(stopped);
    const reader = read(listen({ id: 'a' }));
    const all = read(listen());
    await settle();
    watches.observe('key', starting);
    watches.observe('key', { ...starting, note: 'equal, so no event' });
    watches.observe('key', other);
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED', 'MODIFIED a=STARTING']);
    expect(told(all)).toEqual(['SNAPSHOT a=STOPPED', 'MODIFIED a=STARTING', 'ADDED b=RUNNING']);
    expect(upstream.polls).toHaveLength(1);
  });

  it('is not overwritten by a poll that was asked before', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped, { id: 'b', status: 'STARTING' });
    const reader = read(listen());
    await settle();
    upstream.latencyMs = 500;
    await clock.advance(2_100);
    watches.observe('key', starting);
    upstream.put(other);
    await clock.advance(400);
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED b=STARTING', 'MODIFIED a=STARTING']);
    upstream.put(running);
    await clock.advance(2_500);
    expect(told(reader).slice(2).sort()).toEqual(['MODIFIED a=RUNNING', 'MODIFIED b=RUNNING']);
  });

  it('is not removed by a poll that was asked before the item existed', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.latencyMs = 500;
    const reader = read(listen());
    const own = read(listen({ id: 'a' }));
    await clock.advance(100);
    watches.observe('key', starting);
    await clock.advance(400);
    expect(told(reader)).toEqual(['SNAPSHOT a=STARTING']);
    expect(told(own)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('shortens the wait when the item is now in transition', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(stopped);
    const reader = read(listen());
    await clock.advance(1_000);
    watches.observe('key', starting);
    upstream.put(running);
    await clock.advance(1_000);
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED', 'MODIFIED a=STARTING', 'MODIFIED a=RUNNING']);
  });
});

describe('a forgotten item', () => {
  it('is removed at once, and no poll that was asked before brings it back', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(running);
    const reader = read(listen({ id: 'a' }));
    await settle();
    upstream.latencyMs = 500;
    watches.wake('key');
    await clock.advance(100);
    upstream.things.clear();
    watches.forget('key', 'a');
    watches.forget('key', 'never known');
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT a=RUNNING', 'REMOVED a']);
    await clock.advance(60_000);
    expect(told(reader)).toHaveLength(2);
  });
});

describe('a replaced source', () => {
  it('is polled from then on, without a gap or a new snapshot', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(starting);
    const reader = read(listen());
    await settle();
    let polls = 0;
    watches.replaceSource('key', {
      ...upstream.source(),
      poll: async () => {
        polls += 1;
        return [running];
      },
    });
    await clock.advance(2_000);
    expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
    expect([polls, upstream.polls.length]).toEqual([1, 1]);
  });

  it('is polled at once when the old one was failing', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(running);
    upstream.failure = { failure: 'passing' };
    const reader = read(listen());
    await clock.advance(20_000);
    upstream.failure = null;
    watches.replaceSource('key', upstream.source());
    await settle();
    expect(told(reader)).toEqual(['UNREACHABLE', 'REACHABLE', 'SNAPSHOT a=RUNNING']);
  });
});
