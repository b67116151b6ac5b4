import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createCallers } from '../../../src/modelarts/client/guard/callers.ts';
import type { GuardedCaller } from '../../../src/modelarts/client/guard/guarded-caller.ts';
import { createGuards } from '../../../src/modelarts/client/guard/upstream-guard.ts';
import { TransportError } from '../../../src/modelarts/client/transport.ts';

/** Callers that upstreams know, each of a project of its own. */
function callersOf() {
  const callers = createCallers<GuardedCaller>();
  return (name: string) => {
    const caller = callers.of(name);
    callers.answered(caller, 200, `project of ${name}`);
    return caller;
  };
}
let callerOf = callersOf();
beforeEach(() => {
  callerOf = callersOf();
});
const passing = (of = callerOf('one')) => ({ deadlineAt: performance.now() + 10_000, origin: {}, caller: of });
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
  ])('has a breaker of its own when the API %s several projects', async (_, call, state) => {
    const guards = createGuards({ slots: 64 });
    for (let made = 0; made < 20; made++) {
      await guards.pass('images', call, passing(callerOf(`caller ${made % 4}`))).catch(() => {});
      await settle();
    }
    expect(guards.stats()).toMatchObject([{ api: 'images', breaker: state }]);
    // of its own
    expect(await guards.pass('notebooks', answers(200), passing())).toEqual({ status: 200 });
  });

  it('refuses a caller whose calls fail, and no other', async () => {
    const guards = createGuards({ slots: 64 });
    let made = 0;
    const failing = async () => {
      made += 1;
      return { status: 500 };
    };
    for (let asked = 0; asked < 40; asked++) {
      await guards.pass('notebooks', failing, passing(callerOf('failing'))).catch(() => {});
      expect(await guards.pass('notebooks', answers(200), passing(callerOf(`other ${asked % 5}`)))).toEqual({
        status: 200,
      });
      await settle();
    }
    expect(made).toBe(10);
    expect(guards.stats()).toMatchObject([{ breaker: 'closed', callersRefused: 1 }]);
    const refused = guards.pass('notebooks', failing, passing(callerOf('failing')));
    await expect(refused).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfterSeconds: 1 });
    expect(await guards.pass('images', answers(200), passing(callerOf('failing')))).toEqual({ status: 200 });
  });

  it('refuses nobody else although three projects fail ten times as often as the others ask', async () => {
    const guards = createGuards({ slots: 64 });
    for (let asked = 0; asked < 300; asked++) {
      const failing = asked % 10 > 0;
      const caller = callerOf(failing ? `failing ${asked % 3}` : 'other');
      const passed = guards.pass('notebooks', answers(failing ? 503 : 200), passing(caller));
      if (failing) await passed.catch(() => {});
      else expect(await passed).toEqual({ status: 200 });
      await settle();
    }
    expect(guards.stats()).toMatchObject([{ breaker: 'closed', callersRefused: 3 }]);
  });

  it('turns away what a caller has waiting when its calls fail, and nothing of others', async () => {
    const guards = createGuards({ slots: 16 });
    const open: (() => void)[] = [];
    const failing = () => new Promise<{ status: number }>((end) => open.push(() => end({ status: 500 })));
    const ended = Array.from({ length: 200 }, () =>
      guards.pass('notebooks', failing, passing(callerOf('failing'))).then(
        ({ status }) => status,
        (error: { code: string }) => error.code,
      ),
    );
    const { promise, end } = held();
    const others = [0, 1].map((index) => guards.pass('notebooks', () => promise, passing(callerOf(`other ${index}`))));
    await settle();
    const begun = open.length;
    expect(begun).toBeLessThan(16);
    // whatever is let in meanwhile fails too
    for (let failed = 0; failed < 10; failed++) open[failed]?.();
    await settle();
    expect(open.length).toBeLessThanOrEqual(begun + 10);
    end({ status: 200 });
    expect(await Promise.all(others)).toEqual([{ status: 200 }, { status: 200 }]);
    for (const fail of open) fail();
    const codes = await Promise.all(ended);
    expect(codes.filter((code) => code === 'UPSTREAM_UNAVAILABLE')).toHaveLength(200 - open.length);
    expect(guards.stats()).toMatchObject([{ inFlight: 0, waiting: 0, breaker: 'closed' }]);
  });

  it('lets a caller of its own failing calls in again when one of them succeeds', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const guards = createGuards({ slots: 64 });
      const caller = callerOf('failing');
      for (let made = 0; made < 10; made++) {
        await guards.pass('notebooks', answers(500), passing(caller));
        await settle();
      }
      await expect(guards.pass('notebooks', answers(200), passing(caller))).rejects.toThrow();
      vi.setSystemTime(Date.now() + 1001);
      expect(await guards.pass('notebooks', answers(200), passing(caller))).toEqual({ status: 200 });
      await settle();
      expect(guards.stats()).toMatchObject([{ callersRefused: 0 }]);
      expect(await guards.pass('notebooks', answers(204), passing(caller))).toEqual({ status: 204 });
    } finally {
      vi.useRealTimers();
    }
  });
});
