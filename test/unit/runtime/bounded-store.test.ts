import { describe, expect, it, vi } from 'vitest';
import { createBoundedStore, entryBytes } from '../../../src/runtime/bounded-store.ts';

const kibibyte = 1024;
/** an entry of this size takes a KiB */
const bytes = kibibyte - entryBytes;

describe('what is kept in a bounded store', () => {
  it('takes no more than its bytes, what was used longest ago giving way', () => {
    const store = createBoundedStore<string, object>({ maxBytes: 10 * kibibyte, callerShare: 1 });
    for (let index = 0; index < 10; index++) store.set(`key ${index}`, {}, { bytes, caller: 'a' });
    expect(store.get('key 0')).toBeDefined();
    store.set('key 10', {}, { bytes, caller: 'b' });
    expect(store.stats).toEqual({ entries: 10, bytes: 10 * kibibyte, maxBytes: 10 * kibibyte });
    expect(store.get('key 0')).toBeDefined();
    expect(store.get('key 1')).toBeUndefined();
  });

  it('is bounded for each caller, who pushes out nothing of others', () => {
    const store = createBoundedStore<string, object>({ maxBytes: 16 * kibibyte, callerShare: 1 / 4 });
    store.set('quiet', {}, { bytes, caller: 'quiet' });
    for (let index = 0; index < 1000; index++) store.set(`key ${index}`, {}, { bytes, caller: 'loud' });
    expect(store.bytesOf('loud')).toBe(4 * kibibyte);
    expect(store.get('quiet')).toBeDefined();
    expect(store.get('key 999')).toBeDefined();
  });

  it('keeps of one caller what they use, and lets go of what they do not', () => {
    const store = createBoundedStore<string, object>({ maxBytes: 16 * kibibyte, callerShare: 1 / 4 });
    for (let index = 0; index < 100; index++) {
      store.set(`key ${index}`, {}, { bytes, caller: 'a' });
      expect(store.get('key 0'), `after ${index}`).toBeDefined();
    }
  });

  it('keeps neither what is too large alone nor what was under its key before', () => {
    const store = createBoundedStore<string, object>({
      maxBytes: 16 * kibibyte,
      callerShare: 1 / 2,
      entryShare: 1 / 8,
    });
    expect(store.set('key', {}, { bytes, caller: 'a' })).toBe(true);
    expect(store.set('key', {}, { bytes: 2 * kibibyte, caller: 'a' })).toBe(false);
    expect(store.stats).toMatchObject({ entries: 0, bytes: 0 });
    expect(store.bytesOf('a')).toBe(0);
  });

  it('counts what another caller puts under a key against the other', () => {
    const store = createBoundedStore<string, object>({ maxBytes: 16 * kibibyte, callerShare: 1 / 4 });
    store.set('key', {}, { bytes, caller: 'a' });
    store.set('key', {}, { bytes, caller: 'b' });
    expect([store.bytesOf('a'), store.bytesOf('b')]).toEqual([0, kibibyte]);
  });

  it('is reported to its owner when it goes', () => {
    const left: string[] = [];
    const store = createBoundedStore<string, string>({
      maxBytes: 2 * kibibyte,
      callerShare: 1,
      onLeft: (value) => left.push(value),
    });
    for (const name of ['one', 'two', 'three']) store.set(name, name, { bytes, caller: 'a' });
    store.set('two', 'two anew', { bytes, caller: 'a' });
    expect(left).toEqual(['one']);
    store.delete('two');
    store.set('three', 'too large', { bytes: 3 * kibibyte, caller: 'a' });
    expect(left).toEqual(['one', 'two anew', 'three']);
  });

  it('goes after its time', async () => {
    // the clock of lru-cache is the process's own and cannot be set
    const store = createBoundedStore<string, object>({
      maxBytes: 16 * kibibyte,
      callerShare: 1,
      ttlMs: 20,
      purgesItself: true,
    });
    store.set('key', {}, { bytes, caller: 'a' });
    await vi.waitUntil(() => store.stats.entries === 0, { timeout: 5000 });
    expect(store.bytesOf('a')).toBe(0);
  });

  it('holds its bounds whatever 20,000 callers do', () => {
    const maxBytes = 256 * kibibyte;
    const store = createBoundedStore<string, object>({ maxBytes, callerShare: 1 / 16 });
    let largest = 0;
    for (let index = 0; index < 20_000; index++) {
      // a few ask much, most ask once, sizes differ
      const caller = index % 3 === 0 ? `loud ${index % 4}` : `quiet ${index}`;
      store.set(`key ${index}`, {}, { bytes: (index * 7919) % 3000, caller });
      store.get(`key ${(index * 31) % (index + 1)}`);
      if (index % 11 === 0) store.delete(`key ${index - 5}`);
      largest = Math.max(largest, store.stats.bytes, 16 * store.bytesOf(caller));
    }
    expect(largest).toBeLessThanOrEqual(maxBytes);
    expect(store.stats.bytes).toBeGreaterThan(maxBytes / 2);
  });
});
