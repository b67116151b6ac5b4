import { describe, expect, it } from 'vitest';
import { createFakeClock, settle } from '../../support/watch/fake-clock.ts';
import { arrange, read, told } from '../../support/watch/upstream.ts';

const starting = { id: 'a', status: 'STARTING' };
const running = { id: 'a', status: 'RUNNING' };
const other = { id: 'b', status: 'RUNNING' };

describe('a watch that starts and stops', () => {
  it('polls at once for the first listener and gives it the state', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(running, other);
    const reader = read(listen());
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT a=RUNNING b=RUNNING']);
    expect(upstream.polls).toMatchObject([{ at: clock.now(), interest: null }]);
  });

  it('stops a grace period after the last listener has left', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(starting);
    const readers = [read(listen()), read(listen())];
    await settle();
    for (const reader of readers) await reader.leave();
    expect(watches.stats).toMatchObject({ watches: 1, listeners: 0 });
    await clock.advance(300);
    expect(watches.stats).toMatchObject({ watches: 0, listeners: 0, polls: 1 });
    await clock.advance(60_000);
    expect(upstream.polls).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('does not poll while nobody listens, however long the grace', async () => {
    const { clock, upstream, listen } = arrange({ graceMs: 10_000 });
    upstream.put(starting);
    const reader = read(listen());
    await settle();
    await reader.leave();
    await clock.advance(9_999);
    expect(upstream.polls).toHaveLength(1);
  });

  it('aborts a poll that is in flight when the grace ends', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.latencyMs = 5_000;
    const reader = read(listen());
    await settle();
    await reader.leave();
    expect(upstream.polls[0]?.signal.aborted).toBe(false);
    await clock.advance(300);
    expect(upstream.polls[0]?.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('makes no poll for a listener whose signal was aborted before', async () => {
    const { clock, upstream, watches, listen } = arrange();
    const reader = read(listen({ signal: AbortSignal.abort() }));
    await clock.advance(300);
    expect(reader.end).toBe('done');
    expect(upstream.polls).toHaveLength(0);
    expect(watches.stats.watches).toBe(0);
  });

  it('ends listeners, aborts polls, leaves no timer and refuses newcomers when it is closed', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(starting);
    const idle = listen();
    const reader = read(listen());
    await clock.advance(0);
    upstream.latencyMs = 1_000;
    await clock.advance(2_000);
    await watches.close();
    await settle();
    expect(reader.end).toBe('done');
    expect(await idle.next()).toEqual({ done: true, value: undefined });
    expect(upstream.polls.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    expect(clock.pending).toBe(0);
    expect(watches.stats).toMatchObject({ watches: 0, listeners: 0 });
    expect(() => listen()).toThrow('closed');
  });

  it('waits at its close for a poll of a watch that had ended before', async () => {
    const { clock, upstream, watches } = arrange();
    let letGo = (): void => {};
    const stubborn = { ...upstream.source(), poll: () => new Promise<[]>((resolve) => (letGo = () => resolve([]))) };
    const reader = read(watches.listen('key', () => stubborn));
    await settle();
    await reader.leave();
    await clock.advance(300);
    let isClosed = false;
    const closing = watches.close().then(() => (isClosed = true));
    await settle();
    expect(isClosed).toBe(false);
    letGo();
    await closing;
  });
});

describe('a shared watch', () => {
  it('makes one poll a tick for 1,000 listeners', async () => {
    const { clock, upstream, watches, listen } = arrange();
    upstream.put(starting, other);
    const readers = Array.from({ length: 1000 }, (_, n) => read(listen(n % 2 ? { id: 'a' } : {})));
    await settle();
    expect(upstream.polls).toHaveLength(1);
    upstream.put(running);
    await clock.advance(2_000);
    expect(upstream.polls).toHaveLength(2);
    expect(watches.stats).toMatchObject({ watches: 1, listeners: 1000, polls: 2, pollsSaved: 1998 });
    for (const reader of readers) expect(told(reader).at(-1)).toBe('MODIFIED a=RUNNING');
    expect(new Set(readers.map((reader) => reader.events.at(-1))).size).toBe(1);
  });

  it('polls on in time after the wall clock was set back', async () => {
    const fake = createFakeClock();
    let setBackMs = 0;
    const clock = { ...fake, now: () => fake.now() - setBackMs };
    const { upstream, listen } = arrange({ clock });
    upstream.put(starting);
    const first = read(listen());
    await settle();
    setBackMs = 3_600_000;
    await first.leave();
    read(listen({ id: 'a' }));
    await settle();
    const pollsBefore = upstream.polls.length;
    await fake.advance(2_000);
    expect(upstream.polls).toHaveLength(pollsBefore + 1);
  });

  it('keeps keys apart', async () => {
    const { upstream, watches } = arrange();
    const [first, second] = ['first', 'second'].map((key) => read(watches.listen(key, upstream.source)));
    await settle();
    watches.observe('first', running);
    await settle();
    expect(first && told(first)).toEqual(['SNAPSHOT', 'ADDED a=RUNNING']);
    expect(second && told(second)).toEqual(['SNAPSHOT']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('never overlaps two polls, however slow they are', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    upstream.latencyMs = 5_000;
    read(listen());
    await clock.advance(15_000);
    const start = upstream.polls[0]?.at ?? 0;
    expect(upstream.polls.map(({ at }) => at - start)).toEqual([0, 7_000, 14_000]);
  });
});

describe('the events of a watch', () => {
  it('are emitted once, in order, and only for what changed', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting, other);
    const reader = read(listen());
    await clock.advance(4_000);
    upstream.put(running, { ...other, note: 'a part isEqual ignores' });
    await clock.advance(2_000);
    upstream.put({ id: 'c', status: 'STARTING' });
    await clock.advance(30_000);
    upstream.things.delete('b');
    await clock.advance(10_000);
    expect(told(reader)).toEqual([
      'SNAPSHOT a=STARTING b=RUNNING',
      'MODIFIED a=RUNNING',
      'ADDED c=STARTING',
      'REMOVED b',
    ]);
    expect(reader.events[1]).toMatchObject({ item: running, previous: starting });
  });

  it('reach a listener with an id only when they are about it', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting, { ...other, status: 'STARTING' });
    const reader = read(listen({ id: 'a' }));
    const all = read(listen());
    await settle();
    upstream.put(running, other);
    await clock.advance(2_000);
    expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
    expect(told(all)).toHaveLength(3);
  });

  it('start with an empty snapshot when the item of a listener does not exist', async () => {
    const { upstream, listen } = arrange();
    upstream.put(other);
    const reader = read(listen({ id: 'a' }));
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT']);
  });

  it('carry a snapshot with the newest object, also in parts isEqual ignores', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(starting);
    read(listen());
    await settle();
    upstream.put({ ...starting, note: 'new' });
    await clock.advance(2_000);
    const late = read(listen());
    await settle();
    expect(late.events).toMatchObject([{ items: [{ note: 'new' }] }]);
  });
});

describe('ending a listener', () => {
  it('is done at once by return(), while a next() is pending', async () => {
    const { watches, listen } = arrange();
    const iterator = listen({ id: 'a' });
    await iterator.next();
    const pending = iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(watches.stats.listeners).toBe(0);
  });

  it('is done by its signal, which is let go of in every case', async () => {
    const { clock, upstream, watches, listen } = arrange();
    const controller = new AbortController();
    const held = new Set<unknown>();
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...call: Parameters<typeof add>) => {
      held.add(call[1]);
      add(...call);
    };
    signal.removeEventListener = (...call: Parameters<typeof remove>) => {
      held.delete(call[1]);
      remove(...call);
    };
    await read(listen({ signal })).leave();
    expect(held.size).toBe(0);
    upstream.failure = { failure: 'fatal' };
    await clock.advance(300);
    const failed = read(listen({ signal }));
    await settle();
    expect(failed.end).toEqual({ error: { failure: 'fatal' } });
    expect(held.size).toBe(0);
    upstream.failure = null;
    const aborted = read(listen({ signal }));
    await settle();
    expect(held.size).toBe(1);
    controller.abort();
    await settle();
    expect(aborted.end).toBe('done');
    expect(held.size).toBe(0);
    expect(watches.stats.listeners).toBe(0);
  });

  it('lets go of the signal on close, also when nobody reads on', async () => {
    const { watches, listen } = arrange();
    const { signal } = new AbortController();
    let isHeld = true;
    signal.removeEventListener = () => {
      isHeld = false;
    };
    listen({ signal });
    await watches.close();
    expect(isHeld).toBe(false);
  });
});
