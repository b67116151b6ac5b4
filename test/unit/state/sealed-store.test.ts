import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../../../src/state/open-state.ts';
import type { SealedStore } from '../../../src/state/sealed-store.ts';
import { StateUnavailableError } from '../../../src/state/state-store.ts';
import { dumpOf } from '../../support/replicas/redis-dump.ts';
import { isRedisMissing, type RedisServer, startRedis } from '../../support/replicas/redis-server.ts';

const life = { ttlMs: 60_000, caller: 'somebody' };
const [older, newer] = ['the former key of all replicas', 'the next key of all replicas'];

describe.skipIf(isRedisMissing)('what replicas keep in Redis', () => {
  let redis: RedisServer;
  const stores: SealedStore[] = [];
  let unreadable = 0;
  const open = (...stateKeys: [string, ...string[]]): SealedStore => {
    const { shared } = openState(
      { url: redis.url, stateKeys },
      { scope: 'http://upstream.test', onUnreadable: () => (unreadable += 1) },
    );
    if (shared === null) throw new Error('not shared');
    stores.push(shared);
    return shared;
  };
  beforeEach(async () => {
    unreadable = 0;
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await redis.close();
  });

  it('shows no text, no part of a name but its first word, and none of the keys', async () => {
    const store = open(newer, older);
    const listening = await redis.listenIn();
    await store.set('token digest-of-somebody', 'a secret text', life);
    await store.add('token digest-of-another', 'a secret text', life);
    await store.replace('token digest-of-another', { expected: 'a secret text', value: 'another secret' }, life);
    await store.publish('news', 'a secret message');
    await store.secretFor('names');
    listening.close();
    const shown = `${await dumpOf(redis.url)}\n${listening.lines.join('\n')}`;
    expect(shown).toContain(':token:');
    for (const secret of [older, newer, 'secret', 'digest-of', 'somebody']) expect(shown).not.toContain(secret);
    const { value } = JSON.parse((await dumpOf(redis.url)).split('\n').find((line) => line.includes(':token:')) ?? '');
    expect(value).toMatch(/^s1\.[\w-]{8}\.[\w-]+$/);
  });

  it('is the same for replicas while they go over to another key, one after the other', async () => {
    const fleets: [string, ...string[]][] = [[older], [older, newer], [newer, older], [newer]];
    for (const [index, keys] of fleets.entries()) {
      const [before, after] = [open(...(fleets[index - 1] ?? keys)), open(...keys)];
      await before.set('record of before', `before ${index}`, life);
      await after.set('record of after', `after ${index}`, life);
      for (const store of [before, after]) {
        expect(await store.get('record of before')).toBe(`before ${index}`);
        expect(await store.get('record of after')).toBe(`after ${index}`);
        expect(await store.add('record of before', 'again', life)).toBe(false);
      }
      expect(await before.secretFor('names')).toBe(await after.secretFor('names'));
      expect(await after.replace('record of before', { expected: `before ${index}`, value: 'x' }, life)).toBe(true);
      expect(await before.replace('record of after', { expected: `after ${index}`, value: 'y' }, life)).toBe(true);
      expect(await before.get('record of before')).toBe('x');
    }
    expect(unreadable).toBe(0);
  });

  it('is of no use to a replica with another key, which reports what to do', async () => {
    await open(older).set('record a', 'text', life);
    const stranger = open(newer);
    await expect(stranger.get('record a')).rejects.toThrow(/another STATE_KEY; give the former one too/);
    await expect(stranger.add('record a', 'b', life)).rejects.toThrow(StateUnavailableError);
  });

  it('counts as none where it does not open or lies elsewhere, and is never written over as if it were', async () => {
    const store = open(older);
    await store.set('record a', 'text', life);
    await store.set('record b', 'other', life);
    const client = new Redis(redis.url);
    const [a, b] = (await client.keys('*:record:*')).sort();
    await client.set(a ?? '', (await client.get(b ?? '')) ?? '');
    await client.set(b ?? '', 's2.of.another-version');
    client.disconnect();
    for (const key of ['record a', 'record b']) {
      expect(await store.get(key)).toBeNull();
      expect(await store.add(key, 'mine', life)).toBe(false);
      expect(await store.replace(key, { expected: 'text', value: 'mine' }, life)).toBe(false);
      expect(await store.delete(key, 'text')).toBe(false);
    }
    expect(unreadable).toBe(1);
    expect(store.unreadable).toBeGreaterThan(1);
  });

  it('is refused with a reason while Redis is away, and goes on when it is back, with the same names for all', async () => {
    const [a, b] = [open(older), open(older)];
    const heard: string[] = [];
    await b.subscribe('news', (message) => heard.push(message));
    await a.set('record a', 'text', life);
    expect(await b.get('record a')).toBe('text');
    await redis.kill();
    await expect(a.get('record a')).rejects.toThrow(StateUnavailableError);
    await expect(a.add('record a', 'x', life)).rejects.toThrow(StateUnavailableError);
    await expect(a.spend('rate a', { cost: 1, burst: 1, perSecond: 1 })).rejects.toThrow(StateUnavailableError);
    await redis.restart();
    await expect.poll(() => b.add('record a', 'after', life).catch(() => null)).toBe(true);
    await expect.poll(() => a.get('record a').catch(() => null)).toBe('after');
    await expect
      .poll(async () => {
        await a.publish('news', 'back');
        return heard.length;
      })
      .toBeGreaterThan(0);
  });

  it('has one name for all replicas again after Redis was emptied under them', async () => {
    const [a, b] = [open(older), open(older)];
    await a.set('record a', 'text', life);
    await b.get('record a');
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    const c = open(older);
    await c.set('record a', 'new', life);
    await expect.poll(() => Promise.all([a.get('record a'), b.get('record a')])).toEqual(['new', 'new']);
  });
});
