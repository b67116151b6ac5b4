import { describe, expect, it } from 'vitest';
import { settle } from '../../support/watch/fake-clock.ts';
import { arrange, read, told } from '../../support/watch/upstream.ts';

const starting = { id: 'a', status: 'STARTING' };
const running = { id: 'a', status: 'RUNNING' };
const other = { id: 'b', status: 'RUNNING' };

describe('joining a running watch', () => {
  it('gives a fresh snapshot without a poll, then each change', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    read(listen());
    await clock.advance(1_000);
    const late = read(listen());
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
    expect(upstream.polls).toHaveLength(1);
    upstream.put(running);
    await clock.advance(1_000);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
  });

  it('waits for the poll in flight when the snapshot at hand is older than the interval', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    read(listen());
    await settle();
    upstream.put(running);
    upstream.latencyMs = 500;
    await clock.advance(2_000);
    const late = read(listen());
    await settle();
    expect(told(late)).toEqual([]);
    await clock.advance(500);
    expect(told(late)).toEqual(['SNAPSHOT a=RUNNING']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('finds the watch warm within the grace, without a poll', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    const first = read(listen());
    await settle();
    await first.leave();
    await clock.advance(299);
    const second = read(listen());
    await clock.advance(1_700);
    expect(told(second)).toEqual(['SNAPSHOT a=STARTING']);
    expect(upstream.polls).toHaveLength(1);
    await clock.advance(1);
    expect(upstream.polls).toHaveLength(2);
  });

  it('polls first when the grace has outlasted the interval', async () => {
    const { clock, upstream, listen } = arrange({ graceMs: 10_000 });
    upstream.put(starting);
    const first = read(listen());
    await settle();
    await first.leave();
    await clock.advance(5_000);
    upstream.put(running);
    const second = read(listen());
    await settle();
    expect(told(second)).toEqual(['SNAPSHOT a=RUNNING']);
  });
});

describe('the interest of listeners', () => {
  it('is the ids listened to, and everything as soon as one listener has none', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    read(listen({ id: 'a' }));
    read(listen({ id: 'b' }));
    await settle();
    const all = read(listen());
    await settle();
    await all.leave();
    await clock.advance(2_000);
    expect(upstream.polls.map(({ interest }) => interest)).toEqual([new Set(['a', 'b']), null, new Set(['a', 'b'])]);
  });

  it('ends with the last listener of an id', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    const readers = [read(listen({ id: 'b' })), read(listen({ id: 'b' })), read(listen({ id: 'a' }))];
    await settle();
    await readers[0]?.leave();
    await clock.advance(2_000);
    await readers[1]?.leave();
    await clock.advance(2_000);
    expect(upstream.polls.slice(1).map(({ interest }) => interest)).toEqual([new Set(['b', 'a']), new Set(['a'])]);
  });

  it('makes a watch poll again for an id that the last poll left out', async () => {
    const { upstream, listen } = arrange();
    upstream.isFiltering = true;
    upstream.put(running, other);
    read(listen({ id: 'a' }));
    await settle();
    const late = read(listen({ id: 'b' }));
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT b=RUNNING']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('makes a watch poll right after the poll in flight for an id that it leaves out', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.isFiltering = true;
    upstream.latencyMs = 500;
    upstream.put(running, other);
    read(listen({ id: 'a' }));
    await clock.advance(100);
    const late = read(listen({ id: 'b' }));
    await clock.advance(900);
    expect(told(late)).toEqual(['SNAPSHOT b=RUNNING']);
  });

  it('makes no poll for an id whose item the last poll brought along', async () => {
    const { upstream, listen } = arrange();
    upstream.put(running, other);
    read(listen({ id: 'a' }));
    await settle();
    const late = read(listen({ id: 'b' }));
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT b=RUNNING']);
    expect(upstream.polls).toHaveLength(1);
  });

  it('does not make an item removed that nobody asked for', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.isFiltering = true;
    upstream.put(starting, other);
    const all = read(listen());
    await settle();
    await all.leave();
    read(listen({ id: 'a' }));
    await clock.advance(2_000);
    const late = read(listen());
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING b=RUNNING']);
  });

  it('decides alone how often a watch polls', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting, other);
    read(listen({ id: 'b' }));
    await clock.advance(29_000);
    expect(upstream.polls).toHaveLength(1);
    read(listen({ id: 'a' }));
    await clock.advance(2_000);
    expect(upstream.polls).toHaveLength(3);
  });
});
