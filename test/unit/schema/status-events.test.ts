import { describe, expect, it } from 'vitest';
import type { ImageStatus } from '../../../src/modelarts/images.ts';
import { type StatusRules, statusEvents } from '../../../src/schema/events/status-events.ts';
import type { WatchEvent } from '../../../src/watch/watch-event.ts';

type Thing = { readonly status: ImageStatus };

const rules: StatusRules<Thing, ImageStatus> = {
  thing: 'thing',
  gone: 'DELETED',
  status: (thing) => thing.status,
  statusRaw: (thing) => thing.status.toLowerCase(),
  failReason: () => 'because',
};

const active = { status: 'ACTIVE' } as const;
const creating = { status: 'CREATING' } as const;
const at = { observedAt: 5, sequence: 'e-1' };

async function told(events: WatchEvent<Thing>[], until: ImageStatus[] = []) {
  const all = [];
  async function* given() {
    yield* events;
  }
  for await (const event of statusEvents(given(), { id: 'x', until: new Set(until), rules })) all.push(event);
  return all;
}

describe('statusEvents', () => {
  it('emits the state, its change, and the end', async () => {
    expect(
      await told([
        { kind: 'SNAPSHOT', items: [creating], ...at },
        { kind: 'MODIFIED', item: active, previous: creating, observedAt: 6, sequence: 'e-2' },
        { kind: 'REMOVED', previous: active, observedAt: 7, sequence: 'e-3' },
        { kind: 'SNAPSHOT', items: [creating], ...at },
      ]),
    ).toMatchObject([
      { kind: 'SNAPSHOT', id: 'x', status: 'CREATING', statusRaw: 'creating', previousStatus: null, isFinal: false },
      { kind: 'MODIFIED', status: 'ACTIVE', previousStatus: 'CREATING', failReason: null, sequence: 'e-2' },
      { kind: 'REMOVED', item: null, status: 'DELETED', previousStatus: 'ACTIVE', isFinal: true, sequence: 'e-3' },
    ]);
  });

  it.each([
    ['a status of until', 'ACTIVE', ['ACTIVE']],
    ['a failure, whatever until says', 'CREATE_FAILED', ['ACTIVE']],
    ['a status that means the end', 'DELETED', []],
  ] as const)('ends at %s', async (_what, status, until) => {
    const events = await told(
      [
        { kind: 'SNAPSHOT', items: [creating], ...at },
        { kind: 'MODIFIED', item: { status }, previous: creating, ...at },
        { kind: 'MODIFIED', item: creating, previous: { status }, ...at },
      ],
      [...until],
    );
    expect(events.map(({ isFinal }) => isFinal)).toEqual([false, true]);
    expect(events[1]?.failReason).toBe(status === 'CREATE_FAILED' ? 'because' : null);
  });

  it('says with which state ModelArts went out of reach, and that it is back', async () => {
    expect(
      await told(
        [
          { kind: 'UNREACHABLE', observedAt: 3, since: 1, error: null },
          { kind: 'SNAPSHOT', items: [active], ...at },
          { kind: 'UNREACHABLE', observedAt: 9, since: 5, error: null },
          { kind: 'REACHABLE', observedAt: 10 },
        ],
        [],
      ),
    ).toMatchObject([
      { kind: 'UNREACHABLE', status: 'UNKNOWN', statusRaw: '', item: null, unreachableSince: 1, sequence: null },
      { kind: 'SNAPSHOT', status: 'ACTIVE', unreachableSince: null },
      { kind: 'UNREACHABLE', status: 'ACTIVE', item: active, unreachableSince: 5, isFinal: false },
      { kind: 'REACHABLE', status: 'ACTIVE', unreachableSince: null, sequence: null },
    ]);
  });

  it('does not end for want of an answer, though the state it last knew is one of until', async () => {
    const events = await told(
      [
        { kind: 'MODIFIED', item: creating, previous: active, ...at },
        { kind: 'UNREACHABLE', observedAt: 9, since: 5, error: null },
        { kind: 'MODIFIED', item: active, previous: creating, ...at },
      ],
      ['ACTIVE'],
    );
    expect(events.map(({ kind }) => kind)).toEqual(['MODIFIED', 'UNREACHABLE', 'MODIFIED']);
  });

  it('fails for what is not there to begin with', async () => {
    await expect(told([{ kind: 'SNAPSHOT', items: [], ...at }])).rejects.toThrow('There is no thing x');
  });

  it('emits the end to a subscriber that comes back too late to hear of it', async () => {
    expect(await told([{ kind: 'SNAPSHOT', items: [], isReset: true, ...at }])).toMatchObject([
      { kind: 'REMOVED', status: 'DELETED', isReset: true, isFinal: true },
    ]);
  });

  it('emits the state, and what it was before, to a subscriber that read too slowly', async () => {
    expect(
      await told([
        { kind: 'SNAPSHOT', items: [creating], ...at },
        { kind: 'SNAPSHOT', items: [active], isReset: true, ...at },
      ]),
    ).toMatchObject([{ isReset: false }, { kind: 'SNAPSHOT', previousStatus: 'CREATING', isReset: true }]);
  });

  it('begins with the changes that were missed, without a snapshot', async () => {
    expect(await told([{ kind: 'ADDED', item: active, previous: null, ...at }])).toMatchObject([
      { kind: 'MODIFIED', status: 'ACTIVE', previousStatus: null },
    ]);
  });
});
