import { describe, expect, it } from 'vitest';
import { Answer } from '../../../src/modelarts/client/answer.ts';
import type { Call } from '../../../src/modelarts/client/call.ts';
import { createCallerReads } from '../../../src/modelarts/client/caller-reads.ts';
import { TokenStandings } from '../../../src/modelarts/client/token-standing.ts';
import { ForbiddenError, OutcomeUnknownError } from '../../../src/modelarts/wire/errors.ts';

const list: Call = { operationId: 'listImage', method: 'GET', service: 'modelarts', path: '/v1/theirs/images' };
const remove: Call = {
  operationId: 'deleteImage',
  method: 'DELETE',
  service: 'modelarts',
  path: '/v1/theirs/images/i',
};
const elsewhere: Call = { ...list, path: '/v1/another/images' };
const origin = { operationId: 'deleteImage', requestId: 'r' };

/** @param options.isHeld nothing is answered before `answer` is called */
function open({ isHeld = false } = {}) {
  const standings = new TokenStandings(60_000);
  standings.accept('victim', performance.now());
  const reads = createCallerReads({ catalogTtlMs: 60_000, standings });
  let calls = 0;
  let answer = (): void => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const read = (call: Call = list) =>
    reads.read('victim', call, {
      signal: undefined,
      isFresh: false,
      send: async () => {
        calls += 1;
        if (isHeld) await held;
        return new Answer({ status: 200, headers: {}, body: Buffer.from('{"data":[]}') });
      },
      failed: (error) => error,
    });
  const fail = (error: Error) => reads.change('stranger', remove, () => Promise.reject(error)).catch(() => {});
  return { reads, read, fail, answer: () => answer(), calls: () => calls };
}

describe("what a project's callers keep", () => {
  it('is ended by a change that was accepted, whoever made it', async () => {
    const { reads, read, calls } = open();
    await read();
    await reads.change('stranger', remove, async () => {});
    await read();
    expect(calls()).toBe(2);
  });

  it('is not ended by a change that was refused', async () => {
    const { read, fail, calls } = open();
    await read();
    await fail(new ForbiddenError('no', origin));
    await read();
    expect(calls()).toBe(1);
  });

  it('is ended by a change whose answer was lost, of a caller who was answered in the project before, and of no other', async () => {
    const { reads, read, fail, calls } = open();
    await read();
    await fail(new OutcomeUnknownError('lost', origin));
    await read();
    expect(calls()).toBe(1);
    reads.accept('stranger', elsewhere);
    await fail(new OutcomeUnknownError('lost', origin));
    await read();
    expect(calls()).toBe(1);
    reads.accept('stranger', list);
    await fail(new OutcomeUnknownError('lost', origin));
    await read();
    expect(calls()).toBe(2);
  });

  it('is shared on its way, through a change that is refused meanwhile', async () => {
    const { read, fail, calls, answer } = open({ isHeld: true });
    const reading = { ...list, operationId: 'listNotebooks' };
    const first = read(reading);
    await fail(new ForbiddenError('no', origin));
    const second = read(reading);
    answer();
    expect(await second).toBe(await first);
    expect(calls()).toBe(1);
  });

  it('is not shared through one that was accepted', async () => {
    const { reads, read, calls, answer } = open({ isHeld: true });
    const reading = { ...list, operationId: 'listNotebooks' };
    const first = read(reading);
    await reads.change('stranger', remove, async () => {});
    const second = read(reading);
    answer();
    await Promise.all([first, second]);
    expect(calls()).toBe(2);
  });

  it('is not kept where it was on its way while a change was accepted, and is in other projects', async () => {
    const { reads, read, calls, answer } = open({ isHeld: true });
    const onTheirWay = [read(list), read(elsewhere)];
    await reads.change('stranger', remove, async () => {});
    answer();
    await Promise.all(onTheirWay);
    await read(elsewhere);
    expect(calls()).toBe(2);
    await read(list);
    expect(calls()).toBe(3);
  });
});
