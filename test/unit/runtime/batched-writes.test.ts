import { describe, expect, it } from 'vitest';
import { writeTogether } from '../../../src/runtime/batched-writes.ts';

const turnOver = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a batch of writes', () => {
  it('runs in the order it was given, after what the event loop is at', async () => {
    const done: string[] = [];
    writeTogether(() => done.push('first'));
    writeTogether(() => done.push('second'));
    await Promise.resolve().then(() => done.push('microtask'));
    expect(done).toEqual(['microtask']);
    await turnOver();
    expect(done).toEqual(['microtask', 'first', 'second']);
  });

  it('has what a task adds wait for the next time', async () => {
    const done: string[] = [];
    writeTogether(() => {
      done.push('now');
      writeTogether(() => done.push('later'));
    });
    await turnOver();
    expect(done).toEqual(['now']);
    await turnOver();
    expect(done).toEqual(['now', 'later']);
  });
});
