import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { type Event, transports } from '../../support/subscription.ts';

const watch = `subscription($id: ID!) {
  notebookStatusChanged(id: $id, until: [STOPPED]) { kind status isFinal }
}`;
const stop = 'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }';

describe.each(transports)('a watch over %s', (_, subscribe) => {
  const bed = freshBed({ gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 40 } });
  let id = '';
  let seen: Event[] = [];
  let events: Promise<void>;
  let leaving: AbortController;

  const kinds = () => seen.map((event) => event.data?.notebookStatusChanged?.kind);

  beforeEach(async () => {
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
    seen = [];
    leaving = new AbortController();
    events = (async () => {
      for await (const event of subscribe(bed, watch, { variables: { id }, signal: leaving.signal })) seen.push(event);
    })();
    await expect.poll(() => seen.length).toBe(1);
  });
  afterEach(async () => {
    leaving.abort();
    await events.catch(() => {});
  });

  it('goes on when the account is not authorised for ModelArts, which 401 says of no token', async () => {
    await bed.fault({ name: 'refused', operation: 'showNotebook', code: 'ModelArts.0428' });
    await expect.poll(kinds).toEqual(['SNAPSHOT', 'UNREACHABLE']);
    await bed.clearFaults();
    await expect.poll(kinds).toEqual(['SNAPSHOT', 'UNREACHABLE', 'REACHABLE']);
    await bed.ask(stop, { id });
    await events;
    expect(seen.at(-1)).toMatchObject({ data: { notebookStatusChanged: { status: 'STOPPED', isFinal: true } } });
  });

  it.each([
    ['the window of a limit', { name: 'rate-limited', window: '1 minute' }],
    ['the Retry-After of a 503', { name: 'unavailable', retryAfterSeconds: 60 }],
  ])('makes one call within %s, and no other', async (_what, fault) => {
    await bed.fault({ ...fault, operation: 'showNotebook' });
    const struck = () => bed.exchanges.filter((exchange) => exchange.fault === fault.name).length;
    await expect.poll(struck).toBe(1);
    // ten polls and more at the usual pace
    await delay(600);
    expect(struck()).toBe(1);
    expect(kinds()).toEqual(['SNAPSHOT']);
  });
});
