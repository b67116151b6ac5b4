import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { callsOf } from '../../support/follow.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { type Event, transports } from '../../support/subscription.ts';

const watchList = 'subscription { notebooksChanged { kind } }';
const watchOne = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status } }';
const forbidden = {
  name: 'error',
  status: 403,
  body: { error_code: 'ModelArts.0108', error_msg: 'You do not have permission to perform this operation.' },
};
const subscribers = 20;

describe.each(transports)('a watch over %s', (_, subscribe) => {
  const bed = freshBed({ gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 40 } });
  let id = '';
  let leaving: AbortController;

  beforeEach(async () => {
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
    leaving = new AbortController();
    setMaxListeners(0, leaving.signal);
  });
  afterEach(() => leaving.abort());

  function read(query: string, variables: Record<string, unknown> = {}): Event[] {
    const events: Event[] = [];
    (async () => {
      for await (const event of subscribe(bed, query, { variables, signal: leaving.signal })) events.push(event);
    })().catch((error: unknown) => events.push({ errors: [error] }));
    return events;
  }
  const codeOf = (events: readonly Event[]): unknown => events.at(-1)?.errors?.[0]?.extensions?.code;

  it('whose list is refused ends with FORBIDDEN for all its subscribers, after one poll', async () => {
    const all = Array.from({ length: subscribers }, () => read(watchList));
    for (const events of all) await expect.poll(() => events.length).toBeGreaterThan(0);
    const before = bed.exchanges.length;
    await bed.fault({ ...forbidden, operation: 'listNotebooks' });
    for (const events of all) {
      await expect.poll(() => codeOf(events)).toBe('FORBIDDEN');
      expect(events.map((event) => event.data?.notebooksChanged?.kind)).not.toContain('UNREACHABLE');
    }
    expect(bed.gateway.watchStats()).toMatchObject({ watches: 0, listeners: 0 });
    const refused = bed.exchanges.slice(before).filter(({ fault }) => fault === 'error');
    expect(refused).toHaveLength(1);
  });

  it('whose list is refused from the start ends for a subscriber at once', async () => {
    await bed.fault({ ...forbidden, operation: 'listNotebooks' });
    const events = read(watchList);
    await expect.poll(() => events.length).toBe(1);
    expect(events[0]?.errors?.[0].extensions).toMatchObject({ code: 'FORBIDDEN', upstreamCode: 'ModelArts.0108' });
    expect(callsOf(bed, 'listNotebooks')).toBe(1);
  });

  it.each([
    ['from the start', false],
    ['after it was seen', true],
  ])('of one notebook that is refused %s ends with FORBIDDEN', async (_when, isSeen) => {
    if (!isSeen) await bed.fault({ ...forbidden, operation: 'showNotebook' });
    const events = read(watchOne, { id });
    await expect.poll(() => events.length).toBe(1);
    if (isSeen) await bed.fault({ ...forbidden, operation: 'showNotebook' });
    await expect.poll(() => codeOf(events)).toBe('FORBIDDEN');
    expect(bed.gateway.watchStats()).toMatchObject({ watches: 0, listeners: 0 });
  });

  it('that fails otherwise polls for all its subscribers at once, and goes on when it is over', async () => {
    const all = Array.from({ length: subscribers }, () => read(watchList));
    for (const events of all) await expect.poll(() => events.length).toBeGreaterThan(0);
    const [pollsBefore, callsBefore] = [bed.gateway.watchStats().polls, callsOf(bed, 'listNotebooks')];
    await bed.fault({ name: 'internal', operation: 'listNotebooks' });
    const kinds = (events: readonly Event[]) => events.map((event) => event.data?.notebooksChanged?.kind);
    for (const events of all) await expect.poll(() => kinds(events)).toContain('UNREACHABLE');
    const calls = callsOf(bed, 'listNotebooks') - callsBefore;
    // of the newest the call may be made, and the poll not counted yet
    expect(calls).toBeLessThanOrEqual(bed.gateway.watchStats().polls - pollsBefore + 1);
    await bed.clearFaults();
    for (const events of all) await expect.poll(() => kinds(events), { timeout: 5000 }).toContain('REACHABLE');
  });
});
