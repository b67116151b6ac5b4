import { describe, expect, it } from 'vitest';
import { Departure } from '../../../src/runtime/abort.ts';

describe('a departure', () => {
  it('is told to functions and objects, once each, in their order', () => {
    const departure = new Departure();
    const told: string[] = [];
    const first = () => told.push('first');
    departure.addEventListener('abort', first);
    departure.addEventListener('abort', { handleEvent: () => told.push('second') });
    departure.addEventListener('abort', first);
    departure.addEventListener('abort', () => told.push('third'));
    departure.abort();
    departure.abort();
    expect(told).toEqual(['first', 'second', 'third']);
    expect(departure.aborted).toBe(true);
  });

  it.each([0, 1, 2])('is not told to a listener that was taken away, the one at %i of three', (index) => {
    const departure = new Departure();
    const told: number[] = [];
    const listeners = [0, 1, 2].map((number) => ({ handleEvent: () => told.push(number) }));
    for (const listener of listeners) departure.addEventListener('abort', listener);
    departure.removeEventListener('abort', listeners[index] as (typeof listeners)[number]);
    departure.abort();
    expect(told).toEqual([0, 1, 2].filter((number) => number !== index));
  });

  it('is told to one that came when another had gone', () => {
    const departure = new Departure();
    const told: string[] = [];
    const gone = () => told.push('gone');
    departure.addEventListener('abort', gone);
    departure.removeEventListener('abort', gone);
    departure.addEventListener('abort', () => told.push('here'));
    departure.abort();
    expect(told).toEqual(['here']);
  });

  it('aborts a real signal, asked for before or after', () => {
    const early = new Departure();
    const { signal } = early;
    expect(signal.aborted).toBe(false);
    early.abort();
    expect(signal.aborted).toBe(true);
    const late = new Departure();
    late.abort();
    expect(late.signal.aborted).toBe(true);
  });
});
