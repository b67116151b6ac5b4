import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHeartbeat } from '../../../src/server/streams/heartbeat.ts';
import { nextFrame } from '../../../src/server/streams/sse-frame.ts';

const intervalMs = 12_000;

/** What of a response the heartbeat uses. */
const stream = (writableNeedDrain = false) => {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  return { written, response: { writableNeedDrain, write } as unknown as ServerResponse };
};

describe('the heartbeat of event streams', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is a comment at each interval on each stream, by one timer', () => {
    const heartbeat = createHeartbeat(intervalMs);
    const streams = Array.from({ length: 100 }, () => stream());
    for (const { response } of streams) heartbeat.add(response);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(2 * intervalMs);
    for (const { written } of streams) expect(written).toEqual([':\n\n', ':\n\n']);
  });

  it('leaves out a stream whose client has not taken the last event', () => {
    const heartbeat = createHeartbeat(intervalMs);
    const [prompt, stalled] = [stream(), stream(true)];
    heartbeat.add(prompt.response);
    heartbeat.add(stalled.response);
    vi.advanceTimersByTime(intervalMs);
    expect([prompt.written.length, stalled.written.length]).toEqual([1, 0]);
  });

  it('stops with the last stream, and begins anew with another', () => {
    const heartbeat = createHeartbeat(intervalMs);
    const [one, other] = [stream(), stream()];
    heartbeat.add(one.response);
    heartbeat.add(other.response);
    heartbeat.remove(one.response);
    expect(vi.getTimerCount()).toBe(1);
    heartbeat.remove(other.response);
    heartbeat.remove(other.response);
    expect(vi.getTimerCount()).toBe(0);
    heartbeat.add(one.response);
    vi.advanceTimersByTime(intervalMs);
    expect(one.written).toHaveLength(1);
  });
});

describe('the frame of a result', () => {
  const textOf = (result: object) => ({ text: JSON.stringify(result), isFailure: false });

  it('is written once for all who are sent that result', () => {
    const result = { data: { field: 1 } };
    expect(nextFrame(result, 'a-1', textOf).bytes.toString()).toBe(
      'event: next\nid: a-1\ndata: {"data":{"field":1}}\n\n',
    );
    expect(nextFrame(result, 'a-1', textOf)).toBe(nextFrame(result, 'a-1', textOf));
  });

  it('has the resume point it is asked for', () => {
    const result = { data: null };
    expect(nextFrame(result, 'a-1', textOf).bytes.toString()).toContain('id: a-1\n');
    expect(nextFrame(result, 'a-2', textOf).bytes.toString()).toContain('id: a-2\n');
    expect(nextFrame(result, null, textOf).bytes.toString()).toBe('event: next\ndata: {"data":null}\n\n');
  });
});
