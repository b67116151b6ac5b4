import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lease } from '../../../src/modelarts/leases.ts';
import { decodeNotebook, type Notebook } from '../../../src/modelarts/notebooks.ts';
import { type LeaseEvent, leaseEvents } from '../../../src/schema/lease/stream.ts';
import type { WatchEvent } from '../../../src/watch/watch-event.ts';

const dayMs = 86_400_000;

const notebookOf = (status: string, durationMs: number): Notebook => {
  const lease = { create_at: 0, update_at: 0, enable: true, duration: durationMs };
  const notebook = decodeNotebook({ id: 'n', name: 'n', status, lease }, () => {});
  if (notebook === null) throw new Error('not decoded');
  return notebook;
};

/** A watch that tells what the test pushes. */
function createEvents() {
  const queue: WatchEvent<Notebook>[] = [];
  let wake: (result: IteratorResult<WatchEvent<Notebook>>) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  let isWaiting = false;
  return {
    push(event: WatchEvent<Notebook>) {
      if (!isWaiting) queue.push(event);
      else wake({ done: false, value: event });
      isWaiting = false;
    },
    fail: (error: unknown) => fail(error),
    end: () => wake({ done: true, value: undefined }),
    next(): Promise<IteratorResult<WatchEvent<Notebook>>> {
      const event = queue.shift();
      if (event !== undefined) return Promise.resolve({ done: false, value: event });
      isWaiting = true;
      return new Promise((resolve, reject) => {
        wake = resolve;
        fail = reject;
      });
    },
  };
}

const snapshot = (notebook: Notebook): WatchEvent<Notebook> => ({
  kind: 'SNAPSHOT',
  items: [notebook],
  observedAt: Date.now(),
  sequence: 'e-1',
});

describe('leaseEvents', () => {
  let events: ReturnType<typeof createEvents>;
  let polls: number;
  const told: LeaseEvent[] = [];

  function open(thresholds: readonly number[]): AsyncGenerator<LeaseEvent> {
    return leaseEvents(events, {
      id: 'n',
      thresholds,
      since: null,
      pollAgain: () => {
        polls += 1;
      },
    });
  }

  /** Reads all there is, as it comes. */
  function read(stream: AsyncGenerator<LeaseEvent>): Promise<void> {
    told.length = 0;
    return (async () => {
      for await (const event of stream) told.push(event);
    })();
  }

  const kinds = () =>
    told.map(({ kind, beforeSeconds }) => (beforeSeconds === null ? kind : `${kind} ${beforeSeconds}`));

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    events = createEvents();
    polls = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits longer than a timer can', async () => {
    const reading = read(open([86_400]));
    events.push(snapshot(notebookOf('RUNNING', 60 * dayMs)));
    await vi.advanceTimersByTimeAsync(58 * dayMs);
    expect(kinds()).toEqual(['CURRENT']);
    await vi.advanceTimersByTimeAsync(dayMs);
    expect(kinds()).toEqual(['CURRENT', 'EXPIRING 86400']);
    events.end();
    await reading;
  });

  it('has the notebook polled at once when its lease has run out', async () => {
    const reading = read(open([]));
    events.push(snapshot(notebookOf('RUNNING', 5000)));
    await vi.advanceTimersByTimeAsync(5000);
    expect(polls).toBe(0);
    await vi.advanceTimersByTimeAsync(dayMs);
    expect(polls).toBe(1);
    expect(kinds()).toEqual(['CURRENT']);
    events.end();
    await reading;
  });

  it('does not count down while the notebook starts', async () => {
    const reading = read(open([60]));
    events.push(snapshot(notebookOf('STARTING', 120_000)));
    await vi.advanceTimersByTimeAsync(200_000);
    expect(kinds()).toEqual(['CURRENT']);
    expect(told[0]).toMatchObject({ expiresAtMs: null, remainingSeconds: null });
    events.end();
    await reading;
  });

  it('leaves no timer behind', async () => {
    const reading = read(open([60]));
    events.push(snapshot(notebookOf('RUNNING', 120_000)));
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(1);
    events.end();
    await reading;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails as the watch does, even when the reader is busy at that moment', async () => {
    const stream = open([60]);
    events.push(snapshot(notebookOf('RUNNING', 120_000)));
    expect((await stream.next()).value).toMatchObject({ kind: 'CURRENT' });
    const expiring = stream.next();
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await expiring).value).toMatchObject({ kind: 'EXPIRING' });
    events.fail(new Error('the token has expired'));
    await vi.advanceTimersByTimeAsync(1);
    await expect(stream.next()).rejects.toThrow('the token has expired');
  });

  it.each([
    ['EXPIRED', 10_000],
    ['EXPIRED', 6_000],
    ['STOPPED', 4_000],
  ])('emits a stop as %s when it is seen %i ms into a lease of 10 s', async (kind, seenAtMs) => {
    const reading = read(open([]));
    const running = notebookOf('RUNNING', 10_000);
    events.push(snapshot(running));
    await vi.advanceTimersByTimeAsync(seenAtMs);
    // ModelArts counts the lease anew when it stops a notebook
    const item = notebookOf('STOPPING', 50_000);
    events.push({ kind: 'MODIFIED', item, previous: running, observedAt: seenAtMs, sequence: 'e-2' });
    await vi.advanceTimersByTimeAsync(1);
    expect(kinds()).toEqual(['CURRENT', kind]);
    events.end();
    await reading;
  });

  it('emits nothing of changes that leave the end where it is', async () => {
    const reading = read(open([]));
    const running = notebookOf('RUNNING', 10_000);
    events.push(snapshot(running));
    const lease: Lease | null = running.lease && { ...running.lease, updatedAtMs: 5 };
    const item: Notebook = { ...running, name: 'renamed', status: 'SNAPSHOTTING', lease };
    events.push({ kind: 'MODIFIED', item, previous: running, observedAt: 1, sequence: 'e-2' });
    await vi.advanceTimersByTimeAsync(1);
    expect(kinds()).toEqual(['CURRENT']);
    events.end();
    await reading;
  });
});
