import { describe, expect, it, vi } from 'vitest';
import { createResponseStore, type Remembered } from '../../src/server/fast/revalidation/response-store.ts';
import { RevalidationWorth } from '../../src/server/fast/revalidation/revalidation-worth.ts';

const answerOf = (characters: number): Remembered => ({
  text: 'x'.repeat(characters),
  reads: [
    {
      call: { operationId: 'showNotebook', method: 'GET', service: 'modelarts', path: '/v1/p/notebooks/n' },
      digest: 'd',
    },
  ],
});

describe('revalidated responses', () => {
  it('take no more than their bytes, the oldest giving way', () => {
    const store = createResponseStore({ maxBytes: 1 << 20 });
    for (let index = 0; index < 1000; index++) store.set(`key ${index}`, answerOf(5000), `caller ${index % 20}`);
    expect(store.stats.bytes).toBeLessThanOrEqual(1 << 20);
    expect(store.stats.entries).toBeGreaterThan(50);
    expect(store.get('key 0')).toBeUndefined();
    expect(store.get('key 999')).toBeDefined();
    store.close();
  });

  it('are not kept when one alone is too large, key included', () => {
    const store = createResponseStore({ maxBytes: 1 << 20 });
    store.set('large answer', answerOf(100_000), 'a');
    store.set('k'.repeat(100_000), answerOf(10), 'a');
    expect(store.stats).toMatchObject({ entries: 0, bytes: 0 });
    store.close();
  });

  it('of one caller push out none of another', () => {
    const store = createResponseStore({ maxBytes: 1 << 20 });
    store.set('quiet', answerOf(5000), 'quiet');
    for (let index = 0; index < 1000; index++) store.set(`key ${index}`, answerOf(5000), 'loud');
    expect(store.get('quiet')).toBeDefined();
    expect(store.stats.bytes).toBeLessThan((1 << 20) / 4 + 20_000);
    store.close();
  });

  it('are dropped after their time, without being asked for', async () => {
    // the cache's clock is the process's own and cannot be set
    const store = createResponseStore({ maxBytes: 1 << 20, maxAgeMs: 20 });
    store.set('key', answerOf(10), 'a');
    await vi.waitUntil(() => store.stats.entries === 0, { timeout: 15_000 });
    store.close();
  });
});

describe('revalidating responses', () => {
  it('is tried at first', () => {
    expect(new RevalidationWorth().isDue).toBe(true);
  });

  it('is given up when nothing stays the same, but for one in 32', () => {
    const worth = new RevalidationWorth();
    for (let time = 0; time < 30; time++) worth.compared(false);
    const tried = Array.from({ length: 320 }, () => worth.isDue).filter((isDue) => isDue);
    expect(tried).toHaveLength(10);
  });

  it('is taken up again when things no longer change', () => {
    const worth = new RevalidationWorth();
    for (let time = 0; time < 30; time++) worth.compared(false);
    for (let time = 0; time < 3; time++) worth.compared(true);
    expect(worth.isDue).toBe(true);
  });

  it('is not given up for a change now and then', () => {
    const worth = new RevalidationWorth();
    for (let time = 0; time < 100; time++) worth.compared(time % 3 === 0);
    expect(worth.isDue).toBe(true);
  });
});
