import { describe, expect, it } from 'vitest';
import { LazyAbortController } from '../../../src/runtime/abort.ts';

describe('an abort', () => {
  it('is reported to functions and objects, once each, in their order', () => {
    const controller = new LazyAbortController();
    const told: string[] = [];
    const first = () => told.push('first');
    controller.addEventListener('abort', first);
    controller.addEventListener('abort', { handleEvent: () => told.push('second') });
    controller.addEventListener('abort', first);
    controller.addEventListener('abort', () => told.push('third'));
    controller.abort();
    controller.abort();
    expect(told).toEqual(['first', 'second', 'third']);
    expect(controller.aborted).toBe(true);
  });

  it.each([0, 1, 2])('is not reported to a listener that was taken away, the one at %i of three', (index) => {
    const controller = new LazyAbortController();
    const told: number[] = [];
    const listeners = [0, 1, 2].map((number) => ({ handleEvent: () => told.push(number) }));
    for (const listener of listeners) controller.addEventListener('abort', listener);
    controller.removeEventListener('abort', listeners[index] as (typeof listeners)[number]);
    controller.abort();
    expect(told).toEqual([0, 1, 2].filter((number) => number !== index));
  });

  it('is reported to one that came when another had gone', () => {
    const controller = new LazyAbortController();
    const told: string[] = [];
    const gone = () => told.push('gone');
    controller.addEventListener('abort', gone);
    controller.removeEventListener('abort', gone);
    controller.addEventListener('abort', () => told.push('here'));
    controller.abort();
    expect(told).toEqual(['here']);
  });

  it('aborts a real signal, asked for before or after', () => {
    const early = new LazyAbortController();
    const { signal } = early;
    expect(signal.aborted).toBe(false);
    early.abort();
    expect(signal.aborted).toBe(true);
    const late = new LazyAbortController();
    late.abort();
    expect(late.signal.aborted).toBe(true);
  });
});
