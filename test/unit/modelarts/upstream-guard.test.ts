import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../src/modelarts/client/transport.ts';
import { createGuards } from '../../../src/modelarts/client/upstream-guard.ts';

const passing = () => ({ deadlineAt: performance.now() + 10_000, origin: {} });
const settle = () => new Promise((resolve) => setImmediate(resolve));

const answers = (status: number) => async () => ({ status });
const fails = (failure: 'UNREACHABLE' | 'ABORTED') => () => Promise.reject(new TransportError(failure, false));

/** An answer that comes when told. */
function held() {
  let end: (answer: { status: number }) => void = () => {};
  const promise = new Promise<{ status: number }>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

describe('the guard of an API', () => {
  it('gives the place of a call back, however it ends', async () => {
    const guards = createGuards({ slots: 2 });
    for (const call of [answers(200), answers(404), fails('ABORTED'), answers(200), fails('ABORTED')]) {
      await guards.pass('notebooks', call, passing()).catch(() => {});
      await settle();
      expect(guards.stats()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
    }
  });

  it('lets a call wait for the place of another', async () => {
    const guards = createGuards({ slots: 1 });
    const { promise, end } = held();
    const first = guards.pass('notebooks', () => promise, passing());
    const second = guards.pass('notebooks', answers(204), passing());
    await settle();
    expect(guards.stats()).toMatchObject([{ inFlight: 1, waiting: 1 }]);
    end({ status: 200 });
    expect([await first, await second]).toEqual([{ status: 200 }, { status: 204 }]);
  });

  it.each([
    ['cannot be reached', fails('UNREACHABLE'), 'open'],
    ['answers with 500', answers(500), 'open'],
    ['is left by its callers', fails('ABORTED'), 'closed'],
    ['refuses', answers(404), 'closed'],
  ])('has a breaker of its own when the API %s', async (_, call, state) => {
    const guards = createGuards({ slots: 64 });
    for (let made = 0; made < 20; made++) {
      await guards.pass('images', call, passing()).catch(() => {});
      await settle();
    }
    expect(guards.stats()).toMatchObject([{ api: 'images', breaker: state }]);
    // of its own
    expect(await guards.pass('notebooks', answers(200), passing())).toEqual({ status: 200 });
  });
});
