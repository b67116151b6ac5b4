import { describe, expect, it } from 'vitest';
import {
  BulkheadFullError,
  type BulkheadOptions,
  createBulkhead,
} from '../../../src/modelarts/client/guard/bulkhead.ts';

/** A bulkhead as one caller sees it, who is alone. */
function bulkheadOfOne({ slots, queue }: { slots: number; queue: number }) {
  const bulkhead = createBulkhead({ slots, places: 8 * queue, placesOfOne: queue });
  const member = bulkhead.join({ isAccepted: true, projectId: 'project' });
  return {
    ...bulkhead,
    get inFlight() {
      return bulkhead.inFlight;
    },
    get waiting() {
      return bulkhead.waiting;
    },
    run: <T>(call: () => Promise<T>, waiting: Parameters<typeof bulkhead.run>[2]) =>
      bulkhead.run(member, call, waiting),
  };
}

const wait = () => ({ deadlineAt: performance.now() + 10_000 });

/** Calls that end when told. */
function held() {
  const ends: (() => void)[] = [];
  const call = () => new Promise<void>((resolve) => ends.push(resolve));
  return { ends, call };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a bulkhead', () => {
  it('makes so many calls at once, and the others in their order', async () => {
    const bulkhead = bulkheadOfOne({ slots: 2, queue: 10 });
    const { ends, call } = held();
    const order: number[] = [];
    const made = [0, 1, 2, 3, 4].map((index) =>
      bulkhead.run(() => {
        order.push(index);
        return call();
      }, wait()),
    );
    await settle();
    expect(order).toEqual([0, 1]);
    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([2, 3]);
    ends[1]?.();
    await settle();
    expect(order).toEqual([0, 1, 2]);
    expect(bulkhead.inFlight).toBe(2);
    for (let index = 0; index < 5; index += 1) {
      ends[index]?.();
      await settle();
    }
    await Promise.all(made);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([0, 0]);
  });

  it('gives the slot on when a call fails', async () => {
    const bulkhead = bulkheadOfOne({ slots: 1, queue: 1 });
    const failing = bulkhead.run(() => Promise.reject(new Error('no')), wait());
    const next = bulkhead.run(async () => 'yes', wait());
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(bulkhead.inFlight).toBe(0);
  });

  it('turns away at once what does not fit into the queue', async () => {
    const bulkhead = bulkheadOfOne({ slots: 1, queue: 1 });
    const { ends, call } = held();
    const made = [bulkhead.run(call, wait()), bulkhead.run(call, wait())];
    await expect(bulkhead.run(call, wait())).rejects.toBeInstanceOf(BulkheadFullError);
    ends[0]?.();
    await settle();
    ends[1]?.();
    await Promise.all(made);
    expect(bulkhead.inFlight).toBe(0);
  });

  it('drops who leaves, and who waited until the deadline, without making the call', async () => {
    const bulkhead = bulkheadOfOne({ slots: 1, queue: 5 });
    const { ends, call } = held();
    const first = bulkhead.run(call, wait());
    const leaving = new AbortController();
    const left = bulkhead.run(call, { ...wait(), signal: leaving.signal });
    const late = bulkhead.run(call, { deadlineAt: performance.now() + 20 });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ failure: 'ABORTED', wasSent: false });
    await expect(bulkhead.run(call, { ...wait(), signal: leaving.signal })).rejects.toMatchObject({
      failure: 'ABORTED',
    });
    await expect(late).rejects.toMatchObject({ failure: 'TIMEOUT', wasSent: false });
    expect(bulkhead.waiting).toBe(0);
    ends[0]?.();
    await first;
    expect(ends).toHaveLength(1);
    expect(bulkhead.inFlight).toBe(0);
  });

  it('turns away all that wait when it is asked to', async () => {
    const bulkhead = bulkheadOfOne({ slots: 1, queue: 5 });
    const { ends, call } = held();
    const first = bulkhead.run(call, wait());
    const waiting = [bulkhead.run(call, wait()), bulkhead.run(call, wait())];
    bulkhead.refuseWaiting(new Error('closed for now'));
    for (const refused of waiting) await expect(refused).rejects.toThrow('closed for now');
    ends[0]?.();
    await first;
    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([0, 0]);
  });
});

describe('a bulkhead that several callers share', () => {
  const options: BulkheadOptions = { slots: 64, places: 4096, placesOfOne: 512 };

  /** Callers whose calls run until the test ends them. */
  function crowd() {
    const bulkhead = createBulkhead(options);
    /** whose calls began, in order */
    const begun: string[] = [];
    const running: { readonly of: string; readonly end: () => void }[] = [];
    const refused: string[] = [];
    const caller = (name: string, standing: { isAccepted?: boolean; projectId?: string | null } = {}) => {
      const member = bulkhead.join({ isAccepted: true, projectId: name, ...standing });
      return {
        member,
        async ask(count: number): Promise<void> {
          for (let made = 0; made < count; made++) {
            const call = () =>
              new Promise<void>((end) => {
                begun.push(name);
                running.push({ of: name, end });
              });
            bulkhead.run(member, call, wait()).catch(() => refused.push(name));
          }
          await settle();
        },
      };
    };
    return {
      bulkhead,
      begun,
      refused,
      caller,
      of: (name: string) => running.filter((call) => call.of === name).length,
      async end(name: string, count = 1): Promise<void> {
        for (let ended = 0; ended < count; ended++) {
          const index = running.findIndex((call) => call.of === name);
          running.splice(index, 1)[0]?.end();
          await settle();
        }
      },
    };
  }

  it('lets one alone have most slots, and keeps some for whoever comes', async () => {
    const { caller, of, bulkhead } = crowd();
    await caller('hog').ask(200);
    expect(of('hog')).toBe(53);
    expect(bulkhead.waiting).toBe(147);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await caller(name).ask(1);
    expect(bulkhead.inFlight).toBe(58);
    expect(bulkhead.waiting).toBe(147);
  });

  it('gives slots that become free to the other, until both have as many', async () => {
    const { caller, of, end, begun } = crowd();
    await caller('hog').ask(400);
    await caller('other').ask(100);
    expect(of('other')).toBeGreaterThan(0);
    begun.length = 0;
    await end('hog', 26);
    expect(begun.filter((name) => name === 'hog').length).toBeLessThanOrEqual(2);
    expect(of('other')).toBeGreaterThan(25);
    begun.length = 0;
    // from now on both get one for one
    for (let turn = 0; turn < 10; turn++) {
      await end('hog');
      await end('other');
    }
    const ofOther = begun.filter((name) => name === 'other').length;
    expect([9, 10, 11]).toContain(ofOther);
    expect(begun).toHaveLength(20);
  });

  it('has callers of one project share what the project gets', async () => {
    const { caller, of, bulkhead } = crowd();
    for (const name of ['one', 'two', 'three']) await caller(name, { projectId: 'shared' }).ask(100);
    await caller('elsewhere').ask(4);
    expect(of('elsewhere')).toBeGreaterThanOrEqual(1);
    expect(of('one') + of('two') + of('three')).toBeLessThan(64);
    expect(bulkhead.waiting).toBeGreaterThan(0);
  });

  it('refuses a caller what is beyond its own share of places, and nobody else', async () => {
    const { caller, refused } = crowd();
    await caller('hog').ask(53 + 512 + 100);
    expect(refused).toEqual(Array.from({ length: 100 }, () => 'hog'));
    for (let index = 0; index < 5; index++) await caller(`other-${index}`).ask(100);
    expect(refused).toHaveLength(100);
  });

  it('has strangers use eight slots of their own, each two, and never those of others', async () => {
    const { caller, of, bulkhead } = crowd();
    await caller('invented', { isAccepted: false }).ask(240);
    expect(of('invented')).toBe(2);
    for (let index = 0; index < 20; index++) await caller(`invented-${index}`, { isAccepted: false }).ask(240);
    expect(bulkhead.inFlight).toBe(8);
    await caller('known').ask(53);
    expect(of('known')).toBe(53);
    expect(bulkhead.inFlight).toBe(61);
  });

  it('finds room for one more stranger, however much the others ask for', async () => {
    const { caller, refused, end, begun } = crowd();
    for (let index = 0; index < 20; index++) await caller(`invented-${index}`, { isAccepted: false }).ask(240);
    expect(refused.length).toBeGreaterThan(0);
    await caller('new', { isAccepted: false }).ask(1);
    expect(refused).not.toContain('new');
    // it waits for one call of each of the others at most
    for (let turn = 0; turn < 21 && !begun.includes('new'); turn++) {
      const [name = ''] = begun.slice(-1);
      await end(name);
    }
    expect(begun).toContain('new');
  });

  it('lets a stranger that is accepted have a full share at once', async () => {
    const { caller, of, bulkhead } = crowd();
    const { member, ask } = caller('new', { isAccepted: false });
    await ask(60);
    expect(of('new')).toBe(2);
    bulkhead.rejoin(member, { isAccepted: true, projectId: 'new' });
    await settle();
    expect(of('new')).toBe(53);
  });

  it('counts nothing twice and forgets nothing when callers come, leave and change their standing', async () => {
    const { caller, end, of, bulkhead } = crowd();
    const { member, ask } = caller('new', { isAccepted: false });
    await ask(5);
    bulkhead.rejoin(member, { isAccepted: true, projectId: 'p' });
    bulkhead.rejoin(member, { isAccepted: true, projectId: null });
    await settle();
    bulkhead.rejoin(member, { isAccepted: false, projectId: null });
    await end('new', 5);
    expect([of('new'), bulkhead.inFlight, bulkhead.waiting]).toEqual([0, 0, 0]);
    expect([member.inFlight, member.waiting, member.group.inFlight, member.group.waiting]).toEqual([0, 0, 0, 0]);
    await caller('other').ask(53);
    expect(of('other')).toBe(53);
  });
});
