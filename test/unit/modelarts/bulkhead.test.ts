import { describe, expect, it } from 'vitest';
import { BulkheadFullError, createBulkhead } from '../../../src/modelarts/client/bulkhead.ts';

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
    const bulkhead = createBulkhead({ slots: 2, queue: 10 });
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
    const bulkhead = createBulkhead({ slots: 1, queue: 1 });
    const failing = bulkhead.run(() => Promise.reject(new Error('no')), wait());
    const next = bulkhead.run(async () => 'yes', wait());
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(bulkhead.inFlight).toBe(0);
  });

  it('turns away at once what does not fit into the queue', async () => {
    const bulkhead = createBulkhead({ slots: 1, queue: 1 });
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
    const bulkhead = createBulkhead({ slots: 1, queue: 5 });
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
    const bulkhead = createBulkhead({ slots: 1, queue: 5 });
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
