import { describe, expect, it } from 'vitest';
import { atEndOfTurn } from '../../../src/runtime/batched-writes.ts';

const turnOver = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the end of a turn', () => {
  it('runs all tasks in their order, after what the turn itself does', async () => {
    const done: string[] = [];
    atEndOfTurn(() => done.push('first'));
    atEndOfTurn(() => done.push('second'));
    await Promise.resolve().then(() => done.push('microtask'));
    expect(done).toEqual(['microtask']);
    await turnOver();
    expect(done).toEqual(['microtask', 'first', 'second']);
  });

  it('leaves what a task adds to the next turn', async () => {
    const done: string[] = [];
    atEndOfTurn(() => {
      done.push('now');
      atEndOfTurn(() => done.push('later'));
    });
    await turnOver();
    expect(done).toEqual(['now']);
    await turnOver();
    expect(done).toEqual(['now', 'later']);
  });
});
