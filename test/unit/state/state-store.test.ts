import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openState } from '../../../src/state/open-state.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { startRedisCluster } from '../../support/replicas/redis-cluster.ts';
import { isRedisMissing, startRedis } from '../../support/replicas/redis-server.ts';

const life = { ttlMs: 60_000, caller: 'somebody' };
const brief = { ttlMs: 30, caller: 'somebody' };

const places = {
  memory: async () => ({ url: null, close: async () => {} }),
  Redis: () => startRedis(),
  'a Redis cluster': () => startRedisCluster(),
};

describe.each(Object.entries(places))('the state store in %s', (name, start) => {
  const isLeftOut = name !== 'memory' && isRedisMissing;
  let place: Awaited<ReturnType<typeof start>>;
  let store: StateStore;
  beforeAll(async () => {
    if (isLeftOut) return;
    place = await start();
    const redis = place.url === null ? null : { url: place.url, stateKeys: ['a key of sixteen characters'] as const };
    ({ store } = openState(redis, { scope: 'http://upstream.test', onUnreadable() {} }));
  }, 60_000);
  afterAll(async () => {
    await store?.close();
    await place?.close();
  });
  let count = 0;
  const newKey = (): string => {
    count += 1;
    return `record ${name} ${count}`;
  };

  it.skipIf(isLeftOut)('adds a record where there is none, and gives it until it is deleted', async () => {
    const key = newKey();
    expect(await store.get(key)).toBeNull();
    expect(await store.add(key, 'first', life)).toBe(true);
    expect(await store.add(key, 'second', life)).toBe(false);
    expect(await store.get(key)).toBe('first');
    await store.set(key, 'third', life);
    expect(await store.get(key)).toBe('third');
    expect(await store.delete(key)).toBe(true);
    expect(await store.delete(key)).toBe(false);
    expect(await store.get(key)).toBeNull();
  });

  it.skipIf(isLeftOut)('replaces, prolongs and deletes what is expected, and nothing else', async () => {
    const key = newKey();
    const replace = (expected: string, value: string) => store.replace(key, { expected, value }, life);
    expect(await replace('none', 'a')).toBe(false);
    expect(await store.prolong(key, 'none', 1000)).toBe(false);
    expect(await store.delete(key, 'none')).toBe(false);
    await store.set(key, 'a', life);
    expect(await replace('b', 'c')).toBe(false);
    expect(await store.prolong(key, 'b', 1000)).toBe(false);
    expect(await store.delete(key, 'b')).toBe(false);
    expect(await replace('a', 'b')).toBe(true);
    expect(await store.get(key)).toBe('b');
    expect(await store.prolong(key, 'b', 1000)).toBe(true);
    expect(await store.delete(key, 'b')).toBe(true);
  });

  it.skipIf(isLeftOut)('lets one of many add, and one of many replace', async () => {
    const key = newKey();
    const all = Array.from({ length: 20 }, (_, index) => `value ${index}`);
    const added = await Promise.all(all.map((value) => store.add(key, value, life)));
    expect(added.filter(Boolean)).toHaveLength(1);
    const expected = (await store.get(key)) ?? '';
    expect(expected).toBe(all[added.indexOf(true)]);
    const replaced = await Promise.all(
      all.map((value) => store.replace(key, { expected, value: `new ${value}` }, life)),
    );
    expect(replaced.filter(Boolean)).toHaveLength(1);
    expect(await store.get(key)).toBe(`new ${all[replaced.indexOf(true)]}`);
  });

  it.skipIf(isLeftOut)('loses a record when its time is over, and keeps one that is prolonged', async () => {
    const [short, prolonged] = [newKey(), newKey()];
    await store.set(short, 'a', brief);
    await store.set(prolonged, 'a', { ttlMs: 2000, caller: 'somebody' });
    expect(await store.prolong(prolonged, 'a', 60_000)).toBe(true);
    await sleep(2200);
    expect(await store.get(short)).toBeNull();
    expect(await store.add(short, 'b', life)).toBe(true);
    expect(await store.get(prolonged)).toBe('a');
  });

  it.skipIf(isLeftOut)('spends what there is of an allowance, and says how long to wait for more', async () => {
    const key = newKey();
    const allowance = { cost: 2, burst: 10, perSecond: 0.01 };
    const waits = [];
    for (let index = 0; index < 5; index += 1) waits.push(await store.spend(key, allowance));
    expect(waits).toEqual([0, 0, 0, 0, 0]);
    const waitMs = await store.spend(key, allowance);
    expect(waitMs).toBeGreaterThan(100_000);
    expect(waitMs).toBeLessThanOrEqual(200_000);
    expect(await store.spend(newKey(), allowance)).toBe(0);
  });

  it.skipIf(isLeftOut)('gives back what was spent, with time', async () => {
    const key = newKey();
    const allowance = { cost: 1, burst: 1, perSecond: 20 };
    expect(await store.spend(key, allowance)).toBe(0);
    await expect.poll(() => store.spend(key, allowance)).toBe(0);
  });

  it.skipIf(isLeftOut)('gives what is said on a channel to each who hears it, until they hear no more', async () => {
    const heard: string[] = [];
    const end = await store.subscribe('news', (message) => heard.push(`1 ${message}`));
    const endOther = await store.subscribe('news', (message) => heard.push(`2 ${message}`));
    await store.subscribe('others', (message) => heard.push(message));
    await store.publish('news', 'hello');
    await expect.poll(() => heard).toEqual(['1 hello', '2 hello']);
    await endOther();
    await store.publish('news', 'again');
    await expect.poll(() => heard.slice(2)).toEqual(['1 again']);
    await end();
    await store.publish('news', 'nobody');
    await store.publish('others', 'last');
    await expect.poll(() => heard.slice(3)).toEqual(['last']);
  });

  it.skipIf(isLeftOut)('keeps texts of any characters, and long ones', async () => {
    const key = newKey();
    for (const text of ['', 'ü€😀\u0000\n', 'x'.repeat(100_000)]) {
      await store.set(key, text, life);
      expect(await store.get(key)).toBe(text);
    }
  });
});
