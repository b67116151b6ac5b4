import { beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src/modelarts/client/client.ts';
import { ForbiddenError, NotFoundError, UpstreamUnavailableError } from '../../../src/modelarts/wire/errors.ts';
import { frugalPoll } from '../../../src/schema/events/poll-source.ts';

type Thing = { readonly id: string; readonly isStarting: boolean; readonly isDetail: boolean };

const session: Session = {
  token: null,
  requestId: '',
  send: () => Promise.reject(new Error('not called')),
  drift: () => {},
};

/** What the upstream has; `others` can be read by id only. */
let own: Map<string, { isStarting: boolean }>;
let others: Set<string>;
let failures: Map<string, Error>;
let calls: string[];
let poll: (interest: string[] | null) => Promise<readonly Thing[]>;

beforeEach(() => {
  own = new Map(['a', 'b', 'c', 'd'].map((id) => [id, { isStarting: false }]));
  others = new Set();
  failures = new Map();
  calls = [];
  const read = frugalPoll<Thing>(() => session, {
    id: (thing) => thing.id,
    one: async (_session, id) => {
      calls.push(`one ${id}`);
      const failure = failures.get(id);
      if (failure !== undefined) throw failure;
      if (!own.has(id) && !others.has(id)) throw new NotFoundError('gone');
      return { id, isStarting: own.get(id)?.isStarting ?? false, isDetail: true };
    },
    all: () => ({
      limits: [10],
      id: (thing) => thing.id,
      fetch: async (offset, limit) => {
        calls.push('list');
        const items = [...own].map(([id, thing]) => ({ id, ...thing, isDetail: false }));
        const page = items.slice(offset, offset + limit);
        return { items: page, received: page.length, total: items.length };
      },
    }),
    needsDetail: (thing) => thing.isStarting,
  });
  poll = (interest) => {
    calls = [];
    return read({ signal: new AbortController().signal, interest: interest && new Set(interest) });
  };
});

const idsOf = (things: readonly Thing[]) => things.map(({ id }) => id).sort();
const detailsOf = (things: readonly Thing[]) =>
  things
    .filter(({ isDetail }) => isDetail)
    .map(({ id }) => id)
    .sort();

describe('frugalPoll', () => {
  it('reads one item by itself', async () => {
    expect(idsOf(await poll(['a']))).toEqual(['a']);
    expect(calls).toEqual(['one a']);
  });

  it('reads two items, or all, with one list', async () => {
    expect(idsOf(await poll(['a', 'b']))).toEqual(['a', 'b', 'c', 'd']);
    expect(calls).toEqual(['list']);
    await poll(null);
    expect(calls).toEqual(['list']);
  });

  it('reads by themselves what the list does not hold, and from then on all when that is cheaper', async () => {
    others.add('x');
    expect(idsOf(await poll(['a', 'x']))).toContain('x');
    expect(calls).toEqual(['list', 'one x']);
    await poll(['a', 'x']);
    expect(calls).toEqual(['one a', 'one x']);
    await poll(['a', 'b', 'x']);
    expect(calls).toEqual(['list', 'one x']);
  });

  it('reads beside the list what it shows too little of, when somebody wants it', async () => {
    own.set('a', { isStarting: true });
    own.set('d', { isStarting: true });
    expect(detailsOf(await poll(['a', 'b', 'c']))).toEqual(['a']);
    expect(calls).toEqual(['list', 'one a']);
    expect(detailsOf(await poll(null))).toEqual(['a', 'd']);
  });

  it('reads items that all start by themselves, and with a list again once they have started', async () => {
    for (const id of ['a', 'b']) own.set(id, { isStarting: true });
    await poll(['a', 'b']);
    expect(calls).toEqual(['list', 'one a', 'one b']);
    await poll(['a', 'b']);
    expect(calls).toEqual(['one a', 'one b']);
    for (const id of ['a', 'b']) own.set(id, { isStarting: false });
    await poll(['a', 'b']);
    expect(calls).toEqual(['one a', 'one b']);
    await poll(['a', 'b']);
    expect(calls).toEqual(['list']);
  });

  it('bounds the details of a whole list', async () => {
    for (let number = 0; number < 30; number++) own.set(`s${number}`, { isStarting: true });
    const all = await poll(null);
    expect(all).toHaveLength(34);
    expect(detailsOf(all)).toHaveLength(10);
  });

  it('takes into account how many pages the list has', async () => {
    for (let number = 0; number < 15; number++) own.set(`n${number}`, { isStarting: false });
    await poll(['a', 'b']);
    expect(calls).toEqual(['list', 'list']);
    await poll(['a', 'b']);
    expect(calls).toEqual(['one a', 'one b']);
    await poll(['a', 'b', 'c']);
    expect(calls).toEqual(['list', 'list']);
  });

  it('leaves out what is gone, also between list and detail', async () => {
    own.set('a', { isStarting: true });
    failures.set('a', new NotFoundError('gone'));
    expect(idsOf(await poll(['a', 'b', 'nobody']))).toEqual(['b', 'c', 'd']);
  });

  it('does not let an item the caller may not read spoil the others', async () => {
    failures.set('x', new ForbiddenError('not yours'));
    expect(idsOf(await poll(['a', 'b', 'x']))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not take an item for gone that was read before', async () => {
    others.add('x');
    await poll(['a', 'x']);
    failures.set('x', new ForbiddenError('no longer yours'));
    await expect(poll(['a', 'x'])).rejects.toThrow('no longer yours');
  });

  it('keeps what the list says of an item whose detail the caller may not read', async () => {
    own.set('a', { isStarting: true });
    failures.set('a', new ForbiddenError('not yours'));
    await poll(null);
    const all = await poll(null);
    expect(idsOf(all)).toContain('a');
    expect(detailsOf(all)).toEqual([]);
  });

  it('fails when a read fails', async () => {
    failures.set('a', new UpstreamUnavailableError('down'));
    await expect(poll(['a'])).rejects.toThrow('down');
  });
});
