import { describe, expect, it } from 'vitest';
import { arrangeReplicas, thingCodec } from '../../support/replicas/watches.ts';
import { settle } from '../../support/watch/fake-clock.ts';
import { read, told } from '../../support/watch/upstream.ts';

const starting = { id: 'a', status: 'STARTING' };
const running = { id: 'a', status: 'RUNNING' };
const other = { id: 'b', status: 'RUNNING' };

/** Replicas, of which there are at least two. */
function arrange(count = 2, options: Parameters<typeof arrangeReplicas>[1] = {}) {
  const { replicas, ...rest } = arrangeReplicas(count, options);
  const [first, second] = replicas;
  if (first === undefined || second === undefined) throw new Error('two at least');
  return { ...rest, replicas, first, second };
}

describe('one poll for all replicas', () => {
  it('gives listeners of all their state by one poll', async () => {
    const { upstream, replicas } = arrange(3);
    upstream.put(running, other);
    const readers = replicas.map((replica) => replica.read());
    await settle();
    expect(readers.map(told)).toEqual(readers.map(() => ['SNAPSHOT a=RUNNING b=RUNNING']));
    expect(upstream.polls).toHaveLength(1);
  });

  it('polls no more often for three than for one', async () => {
    const { clock, upstream, replicas } = arrange(3, { random: Math.random });
    upstream.put(starting);
    for (const replica of replicas) replica.read();
    await clock.advance(60_000);
    // jitter makes a wait 10 % shorter at most
    expect(upstream.polls.length).toBeGreaterThan(30);
    expect(upstream.polls.length).toBeLessThanOrEqual(60 / 1.8 + 1);
  });

  it('emits each change once, on every replica', async () => {
    const { clock, upstream, replicas } = arrange(3);
    upstream.put(starting, other);
    const readers = replicas.map((replica) => replica.read('a'));
    await clock.advance(5_000);
    upstream.put(running);
    await clock.advance(60_000);
    for (const reader of readers) expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
  });

  it('polls for what any of them wants, in the rhythm of the most impatient', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.isFiltering = true;
    upstream.put(running, { id: 'c', status: 'STARTING' });
    const patient = first.read('a');
    await settle();
    const impatient = second.read('c');
    await clock.advance(20_000);
    expect(upstream.polls.length).toBeGreaterThanOrEqual(10);
    expect(upstream.polls.length).toBeLessThanOrEqual(13);
    expect(upstream.polls.at(-1)?.interest).toEqual(new Set(['a', 'c']));
    upstream.things.clear();
    await clock.advance(2_500);
    expect(told(patient)).toEqual(['SNAPSHOT a=RUNNING', 'REMOVED a']);
    expect(told(impatient)).toEqual(['SNAPSHOT c=STARTING', 'REMOVED c']);
  });

  it('still polls for a replica that has only listened for hours', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.isFiltering = true;
    upstream.put(starting, other);
    first.read('a');
    const listening = second.read('b');
    await clock.advance(3_600_000);
    const before = upstream.polls.length;
    expect(before).toBeLessThanOrEqual(3_600 / 2 + 2);
    upstream.put({ id: 'b', status: 'STOPPED' });
    await clock.advance(2_500);
    expect(told(listening)).toEqual(['SNAPSHOT b=RUNNING', 'MODIFIED b=STOPPED']);
    expect(upstream.polls.length - before).toBeLessThanOrEqual(2);
  });

  it('is one for each replica where a source has no codec', async () => {
    const { upstream, replicas } = arrange();
    upstream.put(running);
    for (const { watches } of replicas) read(watches.listen('key', upstream.source));
    await settle();
    expect(upstream.polls).toHaveLength(2);
  });

  it('is not all, where another version wrote what a replica cannot read', async () => {
    const { upstream, first, second } = arrange();
    upstream.put(running);
    const source = () => ({ ...first.source(), codec: { ...thingCodec, encode: () => 'of another version' } });
    read(first.watches.listen('key', source));
    const reader = second.read();
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT a=RUNNING']);
    expect(second.polls).toHaveLength(1);
  });

  it('keeps what the codec leaves out to the replica that polled', async () => {
    const { hub, upstream, first, second } = arrange();
    upstream.put({ ...running, note: 'secret' });
    const readers = [first.read(), second.read()];
    await settle();
    const items = readers.flatMap(({ events }) => (events[0]?.kind === 'SNAPSHOT' ? events[0].items : []));
    expect(items.map(({ note }) => note).sort()).toEqual(['secret', undefined]);
    expect(hub.messages.join()).not.toContain('secret');
  });
});

describe('the replica that polls', () => {
  it('changes at once when the last listener of it leaves', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(starting);
    const leaving = first.read();
    const staying = second.read();
    await clock.advance(1_000);
    expect([first.polls.length, second.polls.length]).toEqual([1, 0]);
    await leaving.leave();
    upstream.put(running);
    await clock.advance(1_100);
    expect([first.polls.length, second.polls.length]).toEqual([1, 1]);
    expect(told(staying)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
  });

  it('changes at once when its last listener leaves during a poll, which is not made in vain', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(starting);
    upstream.latencyMs = 200;
    const leaving = first.read();
    await clock.advance(50);
    const staying = second.read();
    await clock.advance(50);
    await leaving.leave();
    await clock.advance(110);
    expect(told(staying)).toEqual(['SNAPSHOT a=STARTING']);
    expect(upstream.polls).toHaveLength(1);
    second.watches.wake('key');
    await settle();
    expect(second.polls).toHaveLength(1);
  });

  it('changes within two intervals when it is killed, and no change is lost', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(starting);
    first.read();
    const reader = second.read();
    await clock.advance(9_000);
    first.kill();
    upstream.put(running);
    await clock.advance(4_000);
    expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
    expect(second.polls.length).toBe(1);
  });

  it('changes when it is killed while it polls', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(starting);
    upstream.latencyMs = 500;
    first.read();
    const reader = second.read();
    await clock.advance(600);
    await clock.advance(2_100);
    first.kill();
    upstream.put(running);
    await clock.advance(4_500);
    expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
  });

  it('does not change while a poll takes longer than the lease', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(running);
    upstream.latencyMs = 9_000;
    const readers = [first.read(), second.read()];
    await clock.advance(9_500);
    expect(upstream.polls).toHaveLength(1);
    expect(readers.map(told)).toEqual([['SNAPSHOT a=RUNNING'], ['SNAPSHOT a=RUNNING']]);
  });

  it('changes after a failure, which may be of its own network', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(starting);
    const readers = [first.read(), second.read()];
    await clock.advance(1_000);
    let isDown = true;
    first.watches.replaceSource('key', {
      ...first.source(),
      poll: async () => {
        if (isDown) throw { failure: 'passing' };
        return [];
      },
    });
    await clock.advance(3_500);
    isDown = false;
    expect(second.polls.length).toBeGreaterThan(0);
    upstream.put(running);
    await clock.advance(2_500);
    expect(readers.map((reader) => told(reader).at(-1))).toEqual(['MODIFIED a=RUNNING', 'MODIFIED a=RUNNING']);
  });
});

describe('a write through one replica', () => {
  it('makes another replica poll at once', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(running);
    const readers = [first.read(), second.read()];
    await clock.advance(10_000);
    upstream.put({ id: 'a', status: 'STOPPED' });
    second.watches.wake('key');
    await settle();
    expect(readers.map(told)).toEqual(readers.map(() => ['SNAPSHOT a=RUNNING', 'MODIFIED a=STOPPED']));
    expect(upstream.polls).toHaveLength(2);
  });

  it('has another replica poll at once though the one that writes does not watch', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(running);
    const reader = first.read();
    await clock.advance(10_000);
    upstream.put({ id: 'a', status: 'STOPPED' });
    second.watches.observe('key', { id: 'a', status: 'STOPPED' });
    second.watches.wake('key');
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT a=RUNNING', 'MODIFIED a=STOPPED']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('is not taken back by a poll of another replica that had begun before it', async () => {
    const { clock, upstream, replicas, first, second } = arrange(3);
    upstream.put(starting);
    const readers = replicas.map((replica) => replica.read());
    await clock.advance(1_000);
    upstream.latencyMs = 500;
    await clock.advance(1_200);
    expect(first.polls).toHaveLength(2);
    upstream.put(running);
    second.watches.observe('key', running);
    second.watches.wake('key');
    await clock.advance(5_000);
    for (const reader of readers) expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
  });

  it('is not taken back while its number is long in coming', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(starting, other);
    first.read('a');
    const writer = second.read('b');
    await clock.advance(1_000);
    upstream.latencyMs = 500;
    await clock.advance(1_450);
    second.slowDown(100);
    upstream.put({ id: 'b', status: 'STOPPED' });
    second.watches.observe('key', { id: 'b', status: 'STOPPED' });
    await clock.advance(7_000);
    expect(told(writer)).toEqual(['SNAPSHOT b=RUNNING', 'MODIFIED b=STOPPED']);
  });

  it('is seen by whoever comes to another replica right after it', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(running);
    first.read();
    await clock.advance(100);
    upstream.put({ id: 'a', status: 'STOPPED' });
    first.watches.wake('key');
    const reader = second.read();
    await settle();
    expect(told(reader)).toEqual(['SNAPSHOT a=STOPPED']);
  });
});

describe('a poll whose answer is overtaken', () => {
  it('reaches nobody once the lease is lost, not even those who listen here', async () => {
    const { clock, upstream, hub, first, second } = arrange();
    upstream.put(starting);
    const readers = [first.read(), second.read()];
    await clock.advance(1_000);
    upstream.latencyMs = 5_000;
    await clock.advance(1_100);
    expect(first.polls).toHaveLength(2);
    hub.expireLeases();
    upstream.put(running);
    upstream.latencyMs = 0;
    await clock.advance(2_000);
    expect(second.polls).toHaveLength(1);
    expect(readers.map((reader) => told(reader).length)).toEqual([1, 2]);
    await clock.advance(3_000);
    for (const reader of readers) expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
  });
});

describe('failures of the replica that polls', () => {
  it('are announced on every replica, without an attempt of each', async () => {
    const { clock, upstream, replicas } = arrange(3);
    upstream.put(starting);
    const readers = replicas.map((replica) => replica.read());
    await clock.advance(1_000);
    upstream.failure = { failure: 'passing' };
    await clock.advance(8_000);
    for (const reader of readers) expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'UNREACHABLE']);
    // at 2 s, 4 s and 8 s, a little later where one lets another go first
    expect(upstream.polls.length).toBeLessThanOrEqual(4);
    upstream.failure = null;
    await clock.advance(20_000);
    for (const reader of readers) expect(told(reader).at(-1)).toBe('REACHABLE');
  });

  it('end the listeners of every replica when they are fatal', async () => {
    const { clock, upstream, replicas } = arrange(3);
    upstream.put(starting);
    const readers = replicas.map((replica) => replica.read());
    await clock.advance(1_000);
    upstream.failure = { failure: 'fatal' };
    await clock.advance(2_000);
    for (const reader of readers) expect(reader.end).toEqual({ error: { failure: 'fatal' } });
    expect(upstream.polls).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('keep a replica that comes later from polling before the upstream allows it', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.failure = { failure: 'passing', retryAfterMs: 20_000 };
    first.read();
    await clock.advance(5_000);
    second.read();
    await clock.advance(14_000);
    expect(upstream.polls).toHaveLength(1);
  });
});

describe('replicas without a link to each other', () => {
  it('poll each for itself, and end no listener', async () => {
    const { clock, upstream, replicas, first, second } = arrange();
    upstream.put(starting);
    const readers = [first.read(), second.read()];
    await clock.advance(3_000);
    for (const replica of replicas) replica.cut();
    upstream.put(running);
    await clock.advance(2_500);
    for (const reader of readers) expect(told(reader)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
    expect([first.polls.length, second.polls.length]).toEqual([3, 1]);
  });

  it('make the polls that waited for another replica', async () => {
    const { clock, upstream, first, second } = arrange();
    upstream.put(starting);
    upstream.latencyMs = 1_000;
    first.read();
    await clock.advance(10);
    const waiting = second.read();
    await clock.advance(10);
    second.cut();
    await clock.advance(1_000);
    expect(second.polls).toHaveLength(1);
    expect(told(waiting)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('share one poll again when the link is back', async () => {
    const { clock, upstream, replicas } = arrange(3);
    upstream.put(starting);
    for (const replica of replicas) replica.cut();
    for (const replica of replicas) replica.read();
    await clock.advance(10_000);
    for (const replica of replicas) replica.mend();
    await clock.advance(3_000);
    const before = upstream.polls.length;
    await clock.advance(20_000);
    expect(upstream.polls.length - before).toBeLessThanOrEqual(11);
  });
});

describe('credentials of a shared watch', () => {
  it('that were renewed are of no use to those who hold the old ones', async () => {
    let isRenewed = false;
    const sharedKey = (key: string, replica: number) => (isRenewed && replica === 0 ? `${key} renewed` : key);
    const { clock, upstream, first, second } = arrange(2, { sharedKey });
    upstream.put(starting);
    const expired = async () => {
      throw { failure: 'fatal' };
    };
    const renewing = first.read();
    const staying = read(second.watches.listen('key', () => ({ ...second.source(), poll: expired })));
    await clock.advance(5_000);
    expect(told(staying)).toEqual(['SNAPSHOT a=STARTING']);
    isRenewed = true;
    await clock.advance(5_000);
    expect(staying.end).toEqual({ error: { failure: 'fatal' } });
    upstream.put(running);
    await clock.advance(2_000);
    expect(told(renewing)).toEqual(['SNAPSHOT a=STARTING', 'MODIFIED a=RUNNING']);
  });
});

describe('the end of shared watches', () => {
  it('leaves no timer and no poll behind', async () => {
    const { clock, upstream, replicas } = arrange(3);
    upstream.put(starting);
    for (const replica of replicas) replica.read();
    await clock.advance(5_000);
    await Promise.all(replicas.map(({ watches }) => watches.close()));
    await settle();
    expect(clock.pending).toBe(0);
  });
});
