import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../../src/watch/watch-event.ts';
import { settle } from '../../support/watch/fake-clock.ts';
import { arrange, read, say, type Thing, told } from '../../support/watch/upstream.ts';

const thing = (id: string, status = 'RUNNING'): Thing => ({ id, status });

const sequenceOf = (event: WatchEvent<Thing> | undefined) =>
  event !== undefined && 'sequence' in event ? event.sequence : 'none';

/** What waits to be read, without waiting for more. */
async function unread(iterator: AsyncIterableIterator<WatchEvent<Thing>>): Promise<WatchEvent<Thing>[]> {
  const reader = read(iterator);
  await settle();
  return reader.events;
}

describe('a slow listener', () => {
  it('gets the changes of an item as one, once its queue is full', async () => {
    const { upstream, watches, listen } = arrange({ queueLimit: 4 });
    upstream.put(thing('changes', 'S0'), thing('goes'), thing('returns'));
    const iterator = listen();
    await settle();
    await iterator.next();
    for (let n = 1; n <= 50; n += 1) watches.observe('key', thing('changes', `S${n}`));
    watches.observe('key', thing('comes', 'STARTING'));
    watches.observe('key', thing('comes'));
    watches.observe('key', thing('goes', 'STOPPED'));
    watches.forget('key', 'goes');
    watches.observe('key', thing('passes'));
    watches.forget('key', 'passes');
    watches.forget('key', 'returns');
    watches.observe('key', thing('returns'));
    watches.observe('key', thing('last'));
    const events = await unread(iterator);
    expect(events.map(say)).toEqual([
      'MODIFIED changes=S50',
      'ADDED comes=RUNNING',
      'REMOVED goes',
      'ADDED last=RUNNING',
    ]);
    expect(events[0]).toMatchObject({ previous: { status: 'S0' } });
    expect(events[2]).toMatchObject({ previous: { status: 'RUNNING' } });
  });

  it('gets one snapshot of the state as it is when it reads, when too many items changed', async () => {
    const { upstream, watches, listen } = arrange({ queueLimit: 4 });
    upstream.put(thing('a'));
    const iterator = listen();
    await settle();
    for (const id of 'bcdefgh') watches.observe('key', thing(id));
    watches.observe('key', thing('a', 'STOPPED'));
    watches.forget('key', 'h');
    const reader = read(iterator);
    await settle();
    expect(told(reader)).toEqual(['RESET a=STOPPED b=RUNNING c=RUNNING d=RUNNING e=RUNNING f=RUNNING g=RUNNING']);
    watches.observe('key', thing('a'));
    await settle();
    expect(told(reader).slice(1)).toEqual(['MODIFIED a=RUNNING']);
  });

  it('gets nothing more once it has left', async () => {
    const { watches, listen } = arrange({ queueLimit: 4 });
    const iterator = listen();
    await settle();
    for (const id of 'abcdefgh') watches.observe('key', thing(id));
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('delays nobody else', async () => {
    const { watches, listen } = arrange({ queueLimit: 4 });
    listen();
    const reader = read(listen());
    await settle();
    for (const id of 'abcdefgh') {
      watches.observe('key', thing(id));
      await settle();
    }
    expect(told(reader)).toHaveLength(9);
    expect(told(reader).at(-1)).toBe('ADDED h=RUNNING');
  });

  it('gets a fault it has not read the end of, and no fault that has come and gone', async () => {
    const { clock, upstream, watches, listen } = arrange({ queueLimit: 4 });
    upstream.put(thing('a', 'STARTING'));
    const flood = () => {
      for (const id of 'bcdefgh') watches.observe('key', thing(id));
      for (const id of 'bcdefgh') watches.forget('key', id);
    };
    const iterator = listen({});
    const cutOff = listen({});
    await settle();
    upstream.failure = { failure: 'passing' };
    await clock.advance(4_000);
    flood();
    expect((await unread(cutOff)).map(say)).toEqual(['UNREACHABLE', 'RESET a=STARTING']);
    upstream.failure = null;
    await clock.advance(8_000);
    expect((await unread(iterator)).map(say)).toEqual(['RESET a=STARTING']);
  });
});

describe('a resume point', () => {
  it('replays what came after it instead of a snapshot', async () => {
    const { watches, listen } = arrange();
    const reader = read(listen());
    read(listen());
    await settle();
    watches.observe('key', thing('a'));
    await settle();
    await reader.leave();
    watches.observe('key', thing('b'));
    watches.observe('key', thing('a', 'STOPPED'));
    const since = sequenceOf(reader.events.at(-1));
    expect((await unread(listen({ since }))).map(say)).toEqual(['ADDED b=RUNNING', 'MODIFIED a=STOPPED']);
    expect((await unread(listen({ since, id: 'b' }))).map(say)).toEqual(['ADDED b=RUNNING']);
  });

  it('replays nothing when nothing happened, and goes on', async () => {
    const { watches, listen } = arrange();
    const first = read(listen());
    await settle();
    const reader = read(listen({ since: sequenceOf(first.events[0]) }));
    await settle();
    expect(told(reader)).toEqual([]);
    watches.observe('key', thing('a'));
    await settle();
    expect(told(reader)).toEqual(['ADDED a=RUNNING']);
  });

  it('that is too old, of an earlier watch or made up leads to a snapshot that says so', async () => {
    const { clock, watches, listen } = arrange({ ringSize: 3 });
    const reader = read(listen());
    await settle();
    for (const id of 'abcd') watches.observe('key', thing(id));
    await settle();
    const [first, second] = reader.events.map(sequenceOf);
    const newest = sequenceOf(reader.events.at(-1));
    expect((await unread(listen({ since: second }))).map(say)).toHaveLength(3);
    const voidPoints = [first, '', 'x', '0-0', `${newest}0`, `${newest}-1x`.replace(/-\d+-/, '-')];
    for (const since of voidPoints) {
      expect((await unread(listen({ since }))).map(say)).toEqual(['RESET a=RUNNING b=RUNNING c=RUNNING d=RUNNING']);
    }
    await watches.close();
    const later = arrange();
    later.listen();
    await settle();
    for (const id of 'abcd') later.watches.observe('key', thing(id));
    const elsewhere = await unread(later.listen({ since: newest }));
    expect(elsewhere.map(say)).toEqual(['RESET a=RUNNING b=RUNNING c=RUNNING d=RUNNING']);
    expect(clock.pending).toBe(0);
  });

  it('gives nothing that is remembered to credentials that are refused by the time it is used', async () => {
    const { clock, upstream, watches, listen } = arrange({ graceMs: 60_000 });
    upstream.put(thing('a'));
    const reader = read(listen());
    await settle();
    const since = sequenceOf(reader.events[0]);
    watches.observe('key', thing('b'));
    await reader.leave();
    await clock.advance(40_000);
    upstream.failure = { failure: 'fatal' };
    const back = read(listen({ since }));
    await settle();
    expect(told(back)).toEqual([]);
    expect(back.end).toEqual({ error: { failure: 'fatal' } });
  });

  it('brings what changed while polls left its item out', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.isFiltering = true;
    upstream.put(thing('a', 'STARTING'), thing('b'));
    const reader = read(listen());
    await settle();
    await reader.leave();
    read(listen({ id: 'a' }));
    await clock.advance(2_000);
    upstream.put(thing('b', 'STOPPED'));
    await clock.advance(2_000);
    const back = read(listen({ since: sequenceOf(reader.events[0]) }));
    await settle();
    expect(told(back)).toEqual(['MODIFIED b=STOPPED']);
  });

  it('brings what changed right after a poll in flight that left its item out', async () => {
    const { clock, upstream, listen } = arrange();
    upstream.isFiltering = true;
    upstream.put(thing('a'), thing('b'));
    const reader = read(listen());
    await settle();
    await reader.leave();
    read(listen({ id: 'a' }));
    upstream.latencyMs = 500;
    await clock.advance(30_000);
    upstream.put(thing('b', 'STOPPED'));
    const back = read(listen({ since: sequenceOf(reader.events[0]) }));
    await clock.advance(1_000);
    expect(told(back)).toEqual(['MODIFIED b=STOPPED']);
  });
});
