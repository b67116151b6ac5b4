import { describe, expect, it } from 'vitest';
import { arrangeReplicas } from '../../support/replicas/watches.ts';
import { settle } from '../../support/watch/fake-clock.ts';
import { arrange, read, type Thing, told } from '../../support/watch/upstream.ts';

const failed = { id: 'a', status: 'START_FAILED' };
const starting = { id: 'a', status: 'STARTING' };
const running = { id: 'a', status: 'RUNNING' };
const other = { id: 'b', status: 'STOPPED' };

const endsAt = (thing: Thing | undefined): boolean => thing === undefined || thing.status === 'START_FAILED';

describe('the first state of a listener', () => {
  it('is read now when what is known is older than the interval of something in transition', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(running);
    read(listen());
    await clock.advance(2_000);
    upstream.put({ id: 'a', status: 'STOPPED' });
    const late = read(listen({ id: 'a' }));
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=STOPPED']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('is what is known when that is younger', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(running);
    read(listen());
    await clock.advance(1_999);
    const late = read(listen({ id: 'a', endsAt }));
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=RUNNING']);
    expect(upstream.polls).toHaveLength(1);
  });

  it.each([
    ['a failed one', failed],
    ['that it is not there', undefined],
  ])('is not one that ends it from before it began: %s', async (_what, known) => {
    const { clock, upstream, listen } = arrange();
    upstream.put(other, ...(known ? [known] : []));
    read(listen());
    await clock.advance(100);
    upstream.put(starting);
    const late = read(listen({ id: 'a', endsAt }));
    await clock.advance(500);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('may end it once it was read for it', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(failed);
    read(listen());
    await clock.advance(1_000);
    const late = read(listen({ id: 'a', endsAt }));
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=START_FAILED']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('is not one that ends it from a poll that began before it', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(failed);
    upstream.latencyMs = 300;
    read(listen());
    await clock.advance(100);
    upstream.put(starting);
    const late = read(listen({ id: 'a', endsAt }));
    await clock.advance(250);
    expect(told(late)).toEqual([]);
    await clock.advance(600);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('does not end it right after its first state by a poll that began before it', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.isFiltering = true;
    upstream.put(starting, other);
    read(listen({ id: 'a' }));
    await clock.advance(1_000);
    upstream.put(failed);
    upstream.latencyMs = 300;
    read(listen({ id: 'b' }));
    await clock.advance(100);
    upstream.put(running);
    const late = read(listen({ id: 'a', endsAt }));
    await clock.advance(2_000);
    expect(told(late)).toEqual(['SNAPSHOT a=RUNNING']);
  });

  it('may be one that ends it from a poll under way when it is none, and costs no other', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(running);
    upstream.latencyMs = 300;
    read(listen());
    await clock.advance(100);
    const late = read(listen({ id: 'a', endsAt }));
    await clock.advance(1_000);
    expect(told(late)).toEqual(['SNAPSHOT a=RUNNING']);
    expect(upstream.polls).toHaveLength(1);
  });

  it('is one poll for a crowd that comes in no time', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(failed);
    read(listen());
    await clock.advance(10_000);
    const crowd = Array.from({ length: 1_000 }, () => read(listen({ id: 'a', endsAt })));
    await settle();
    for (const late of crowd) expect(told(late)).toEqual(['SNAPSHOT a=START_FAILED']);
    expect(upstream.polls).toHaveLength(2);
  });

  it('is four polls an interval for a crowd that comes bit by bit, however large it is', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(failed);
    read(listen());
    await clock.advance(10_000);
    const crowd = [];
    for (let index = 0; index < 1_000; index += 1) {
      crowd.push(read(listen({ id: 'a', endsAt })));
      await clock.advance(10);
    }
    await clock.advance(500);
    for (const late of crowd) expect(told(late)).toEqual(['SNAPSHOT a=START_FAILED']);
    // 10 s in transition
    expect(upstream.polls.length).toBeLessThanOrEqual(1 + 4 * 5 + 2);
  });

  it('is waited for as long as the upstream fails, without undoing its backoff', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.put(failed);
    read(listen());
    await clock.advance(29_000);
    upstream.failure = { failure: 'passing' };
    await clock.advance(2_000);
    const polls = upstream.polls.length;
    const crowd = [];
    for (let index = 0; index < 100; index += 1) {
      crowd.push(read(listen({ id: 'a', endsAt })));
      await clock.advance(10);
    }
    expect(upstream.polls.length).toBeLessThanOrEqual(polls + 1);
    upstream.failure = null;
    await clock.advance(30_000);
    for (const late of crowd) expect(told(late).at(-1)).toBe('SNAPSHOT a=START_FAILED');
  });
});

describe('the first state of a listener on a replica', () => {
  function pair() {
    const { replicas, ...rest } = arrangeReplicas(2);
    const [first, second] = replicas;
    if (first === undefined || second === undefined) throw new Error('two at least');
    return { ...rest, first, second };
  }

  it('is read now, by the replica that polls, when what is known is older than the interval', async () => {
    const { clock, upstream, first, second } = pair();
    upstream.put(running);
    first.read();
    second.read();
    await clock.advance(2_500);
    upstream.put({ id: 'a', status: 'STOPPED' });
    const late = second.read('a');
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=STOPPED']);
    expect([first.polls.length, second.polls.length]).toEqual([2, 0]);
  });

  it.each([
    ['that has listened before', true],
    ['that is new to the key', false],
  ])('is not one that ends it from before it began, on one %s', async (_what, isWarm) => {
    const { clock, upstream, first, second } = pair();
    upstream.put(failed);
    first.read();
    if (isWarm) second.read();
    await clock.advance(100);
    upstream.put(starting);
    const late = read(second.watches.listen('key', second.source, { id: 'a', endsAt }));
    await clock.advance(1_000);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
    expect(second.polls).toHaveLength(0);
  });

  it('is read anew at once where the replica comes back to a key', async () => {
    const { clock, upstream, first, second } = pair();
    upstream.put(failed);
    first.read();
    const leaving = second.read();
    await clock.advance(100);
    await leaving.leave();
    await clock.advance(100);
    upstream.put(starting);
    const late = read(second.watches.listen('key', second.source, { id: 'a', endsAt }));
    await clock.advance(400);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('is not one from a poll the other replica began before', async () => {
    const { clock, upstream, first, second } = pair();
    upstream.put(failed);
    upstream.latencyMs = 300;
    first.read();
    await clock.advance(100);
    upstream.put(starting);
    const late = read(second.watches.listen('key', second.source, { id: 'a', endsAt }));
    await clock.advance(2_000);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });

  it('may end it once the other replica has read it anew', async () => {
    const { clock, upstream, first, second } = pair();
    upstream.put(failed);
    first.read();
    await clock.advance(100);
    const late = read(second.watches.listen('key', second.source, { id: 'a', endsAt }));
    await clock.advance(1_000);
    expect(told(late)).toEqual(['SNAPSHOT a=START_FAILED']);
    expect([first.polls.length, second.polls.length]).toEqual([2, 0]);
  });

  it('is read anew for the second who comes, when the first got what was kept of an earlier poll', async () => {
    const { clock, upstream, first, second } = pair();
    upstream.put(running);
    first.read();
    await clock.advance(1_900);
    const late = second.read('a');
    await settle();
    expect(told(late)).toEqual(['SNAPSHOT a=RUNNING']);
    upstream.put({ id: 'a', status: 'STOPPED' });
    await clock.advance(600);
    const later = second.read('a');
    await settle();
    expect(told(later)).toEqual(['SNAPSHOT a=STOPPED']);
  });

  it('is not one from before when the link breaks meanwhile', async () => {
    const { clock, upstream, first, second } = pair();
    upstream.put(failed);
    first.read();
    await clock.advance(100);
    upstream.put(starting);
    upstream.latencyMs = 300;
    const late = read(second.watches.listen('key', second.source, { id: 'a', endsAt }));
    await clock.advance(600);
    second.cut();
    await clock.advance(5);
    second.mend();
    await clock.advance(3_000);
    expect(told(late)).toEqual(['SNAPSHOT a=STARTING']);
  });
});
