import { describe, expect, it } from 'vitest';
import { createSharedReads, type Read } from '../../../src/modelarts/client/request-sharing.ts';
import { LazyAbortController } from '../../../src/runtime/abort.ts';

/** Reads that end when told. */
function held() {
  const shared = createSharedReads();
  const started: { end(answer: string): void; fail(error: Error): void; isAborted(): boolean }[] = [];
  const read = (options: Partial<Read<string>> = {}) =>
    shared.read<string>({
      key: 'k',
      scope: 's',
      start: (signal) =>
        new Promise((end, fail) => {
          started.push({ end, fail, isAborted: () => signal.aborted });
        }),
      ...options,
    });
  return { shared, started, read };
}

describe('shared reads', () => {
  it('join one on its way, and only one of their key', async () => {
    const { shared, started, read } = held();
    const answers = [read(), read(), read({ key: 'other' })];
    expect([started.length, shared.inFlight]).toEqual([2, 2]);
    started[0]?.end('a');
    started[1]?.end('b');
    expect(await Promise.all(answers)).toEqual(['a', 'a', 'b']);
    expect(shared.inFlight).toBe(0);
  });

  it('that must be fresh join none, and are joined by later ones', async () => {
    const { started, read } = held();
    const first = read();
    const fresh = read({ isFresh: true });
    const later = read();
    expect(started).toHaveLength(2);
    started[1]?.end('new');
    started[0]?.end('old');
    expect(await Promise.all([first, fresh, later])).toEqual(['old', 'new', 'new']);
  });

  it('do not join one that was asked for before a change', async () => {
    const { shared, started, read } = held();
    const before = read();
    shared.endSharing('another');
    read().catch(() => {});
    expect(started).toHaveLength(1);
    shared.endSharing('s');
    const after = read();
    expect(started).toHaveLength(2);
    started[0]?.end('old');
    started[1]?.end('new');
    expect([await before, await after]).toEqual(['old', 'new']);
  });

  it('fail together, each with the failure of the one call', async () => {
    const { started, read } = held();
    const reads = [read(), read({ failed: () => new Error('told otherwise') })];
    started[0]?.fail(new Error('failed'));
    const results = await Promise.allSettled(reads);
    expect(results.map((result) => result.status === 'rejected' && result.reason.message)).toEqual([
      'failed',
      'told otherwise',
    ]);
  });

  it('go on for those who stay, and end with the last', async () => {
    const { shared, started, read } = held();
    const [first, second] = [new LazyAbortController(), new LazyAbortController()];
    const reads = [read({ signal: first }), read({ signal: second })];
    const settled = Promise.allSettled(reads);
    first.abort();
    expect([started[0]?.isAborted(), shared.inFlight]).toEqual([false, 1]);
    second.abort();
    expect([started[0]?.isAborted(), shared.inFlight]).toEqual([true, 0]);
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('are not begun for a caller that has left', async () => {
    const { started, read } = held();
    const controller = new LazyAbortController();
    controller.abort();
    await expect(read({ signal: controller })).rejects.toMatchObject({ failure: 'ABORTED' });
    expect(started).toHaveLength(0);
  });
});
