import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Breaker, BreakerOpenError, createBreaker } from '../../../src/modelarts/client/guard/circuit-breaker.ts';
import { TransportError, type TransportFailure } from '../../../src/modelarts/client/transport.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const answers = (status: number) => async () => ({ status });
const fails = (failure: TransportFailure) => async () => {
  throw new TransportError(failure, true);
};
const hangs = () => new Promise<{ status: number }>(() => {});

async function repeat(count: number, breaker: Breaker, call: () => Promise<{ status: number }>): Promise<void> {
  for (let index = 0; index < count; index += 1) await breaker.run(call).catch(() => {});
}

async function opened(options = {}): Promise<Breaker> {
  const breaker = createBreaker(options);
  await repeat(10, breaker, answers(503));
  expect(breaker.state).toBe('open');
  return breaker;
}

describe('a circuit breaker', () => {
  it.each<[string, () => Promise<{ status: number }>]>([
    ['500', answers(500)],
    ['503', answers(503)],
    ['time-outs', fails('TIMEOUT')],
    ['refused connections', fails('UNREACHABLE')],
    ['cut connections', fails('CUT')],
  ])('opens after ten answers that are %s, not nine', async (_, call) => {
    const breaker = createBreaker();
    await repeat(9, breaker, call);
    expect(breaker.state).toBe('closed');
    await repeat(1, breaker, call);
    expect(breaker.state).toBe('open');
  });

  it.each<[string, () => Promise<{ status: number }>]>([
    ['400', answers(400)],
    ['401', answers(401)],
    ['404', answers(404)],
    ['429', answers(429)],
    ['too large', fails('TOO_LARGE')],
    ['left by the caller', fails('ABORTED')],
  ])('stays closed however many are %s', async (_, call) => {
    const breaker = createBreaker();
    await repeat(100, breaker, call);
    expect(breaker.state).toBe('closed');
  });

  it('stays closed while half of the calls succeed', async () => {
    const breaker = createBreaker();
    for (let turn = 0; turn < 50; turn += 1) {
      await repeat(1, breaker, answers(200));
      await repeat(1, breaker, answers(500));
    }
    expect(breaker.state).toBe('closed');
  });

  it('makes no call while it is open, and says how long that is', async () => {
    const breaker = await opened();
    const call = vi.fn(answers(200));
    vi.advanceTimersByTime(400);
    await expect(breaker.run(call)).rejects.toBeInstanceOf(BreakerOpenError);
    await expect(breaker.run(call)).rejects.toMatchObject({ retryAfterMs: 600 });
    expect(call).not.toHaveBeenCalled();
  });

  it('lets one call probe after a second, and closes when it succeeds', async () => {
    const breaker = await opened();
    vi.advanceTimersByTime(1000);
    expect(breaker.refusalMs()).toBeNull();
    const probe = breaker.run(answers(404));
    expect(breaker.state).toBe('probing');
    await expect(breaker.run(answers(200))).rejects.toBeInstanceOf(BreakerOpenError);
    expect(await probe).toEqual({ status: 404 });
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state).toBe('closed');
  });

  it('opens again for a second when the probe fails or its caller leaves', async () => {
    for (const call of [answers(500), fails('UNREACHABLE'), fails('ABORTED')]) {
      const breaker = await opened();
      vi.advanceTimersByTime(1000);
      await breaker.run(call).catch(() => {});
      await vi.advanceTimersByTimeAsync(0);
      expect(breaker.state).toBe('open');
      expect(breaker.refusalMs()).toBe(1000);
    }
  });

  it('lets the next call probe within three seconds when a probe hangs', async () => {
    const breaker = await opened();
    vi.advanceTimersByTime(1000);
    void breaker.run(hangs);
    await vi.advanceTimersByTimeAsync(2999);
    expect(breaker.refusalMs()).not.toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(breaker.refusalMs()).toBeNull();
    expect(await breaker.run(answers(200))).toEqual({ status: 200 });
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state).toBe('closed');
  });

  it('closes for an API that answers, but slower than a probe is waited for', async () => {
    const breaker = await opened();
    vi.advanceTimersByTime(1000);
    const slow = () => new Promise<{ status: number }>((resolve) => setTimeout(resolve, 4000, { status: 200 }));
    const probe = breaker.run(slow);
    await vi.advanceTimersByTimeAsync(4000);
    expect(await probe).toEqual({ status: 200 });
    const first = breaker.run(slow);
    await vi.advanceTimersByTimeAsync(0);
    const second = breaker.run(slow);
    await vi.advanceTimersByTimeAsync(4000);
    expect(await first).toEqual({ status: 200 });
    await expect(second).resolves.toEqual({ status: 200 });
    expect(breaker.state).toBe('closed');
  });

  it('calls back when it opens', async () => {
    const onOpen = vi.fn();
    await opened({ onOpen });
    expect(onOpen).toHaveBeenCalledTimes(1);
  });
});
