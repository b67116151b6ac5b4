import { beforeEach, describe, expect, it } from 'vitest';
import type { RecordedCall, SimulatorOptions } from '../../../src/simulator/simulator.ts';
import { freshBed, withBed } from '../../support/bed.ts';
import type { TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { collect, type Event, first, transports } from '../../support/subscription.ts';

const anyId = '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f';
const watch = `subscription($id: ID!, $until: [NotebookStatus!]) {
  notebookStatusChanged(id: $id, until: $until) {
    kind status previousStatus isFinal unreachableSince notebook { name failReason }
  }
}`;
const stop = 'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }';
const remove = 'mutation($id: ID!) { deleteNotebook(input: { id: $id }) { __typename } }';

const eventOf = (event: Event | undefined) => event?.data?.notebookStatusChanged;
const kinds = (events: readonly Event[]) => events.map((event) => eventOf(event)?.kind);

type Watched = { readonly bed: TestBed; readonly id: string };

/** With a notebook that runs, of a bed of its own. */
const withNotebook = <Args extends unknown[]>(
  test: (watched: Watched, ...args: Args) => Promise<void>,
  simulator: SimulatorOptions = {},
) =>
  withBed(
    async (bed, ...args: Args) => {
      const id = await createNotebook(bed, 'watched');
      await bed.advance(1000);
      await test({ bed, id }, ...args);
    },
    { gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 40 }, simulator },
  );

// nearly all of their time is waiting
describe.each(transports)('notebookStatusChanged over %s', { concurrent: true }, (_, subscribe) => {
  it(
    'ends at a status of until',
    withNotebook(async ({ bed, id }, { expect }) => {
      const seen: Event[] = [];
      const events = collect(record(subscribe(bed, watch, { variables: { id, until: ['STOPPED'] } }), seen));
      await expect.poll(() => seen.length).toBe(1);
      await bed.ask(stop, { id });
      expect(eventOf((await events).at(-1))).toMatchObject({ status: 'STOPPED', isFinal: true });
      expect(await bed.violations()).toEqual([]);
    }),
  );

  it(
    'ends with the first event when that is a status of until',
    withNotebook(async ({ bed, id }, { expect }) => {
      const events = await collect(subscribe(bed, watch, { variables: { id, until: ['RUNNING', 'STOPPED'] } }));
      expect(events.map(eventOf)).toMatchObject([{ kind: 'SNAPSHOT', status: 'RUNNING', isFinal: true }]);
    }),
  );

  it(
    'ends at a failure, whatever until says, and gives its reason',
    withNotebook(async ({ bed, id }, { expect }) => {
      const seen: Event[] = [];
      const events = collect(record(subscribe(bed, watch, { variables: { id, until: ['STOPPED'] } }), seen));
      await expect.poll(() => seen.length).toBe(1);
      await bed.force(id, { status: 'CREATE_FAILED', fail_reason: 'No storage left.' });
      expect(eventOf((await events).at(-1))).toMatchObject({
        kind: 'MODIFIED',
        status: 'CREATE_FAILED',
        isFinal: true,
        notebook: { failReason: 'No storage left.' },
      });
    }),
  );

  it(
    'ends when the notebook is gone',
    withNotebook(async ({ bed, id }, { expect }) => {
      const seen: Event[] = [];
      const events = collect(record(subscribe(bed, watch, { variables: { id } }), seen));
      await expect.poll(() => seen.length).toBe(1);
      await bed.ask(remove, { id });
      expect(eventOf((await events).at(-1))).toMatchObject({
        kind: 'REMOVED',
        status: 'DELETED',
        isFinal: true,
        notebook: null,
      });
    }),
  );

  it(
    'is NOT_FOUND for an id that does not exist',
    withNotebook(async ({ bed }, { expect }) => {
      const events = await collect(subscribe(bed, watch, { variables: { id: anyId } }));
      expect(events).toMatchObject([{ errors: [{ extensions: { code: 'NOT_FOUND', remedy: expect.any(String) } }] }]);
      expect(bed.gateway.watchStats().listeners).toBe(0);
    }),
  );

  it(
    'is BAD_USER_INPUT for what cannot be an id, without any upstream call',
    withNotebook(async ({ bed }, { expect }) => {
      const before = bed.exchanges.length;
      const events = await collect(subscribe(bed, watch, { variables: { id: '../flavors' } }));
      expect(events).toMatchObject([{ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }]);
      expect(bed.exchanges).toHaveLength(before);
    }),
  );

  it(
    'ends with UNAUTHENTICATED when the token ends',
    withNotebook(async ({ bed, id }, { expect }) => {
      const seen: Event[] = [];
      const events = collect(record(subscribe(bed, watch, { variables: { id } }), seen));
      await expect.poll(() => seen.length).toBe(1);
      await bed.advance(25 * 3_600_000);
      const all = await events;
      expect(all.at(-1)?.errors).toMatchObject([
        { extensions: { code: 'UNAUTHENTICATED', upstreamCode: 'APIGW.0301', remedy: expect.any(String) } },
      ]);
      expect(bed.gateway.watchStats()).toMatchObject({ watches: 0, listeners: 0 });
    }),
  );

  it.for(['unavailable', 'reset', 'malformed', 'html', 'internal'])(
    'goes on through %s, and shows it',
    withNotebook(async ({ bed, id }, name, { expect }) => {
      const seen: Event[] = [];
      const events = collect(record(subscribe(bed, watch, { variables: { id, until: ['STOPPED'] } }), seen));
      await expect.poll(() => seen.length).toBe(1);
      await bed.fault({ name, operation: 'showNotebook' });
      await expect.poll(() => seen.length).toBe(2);
      await bed.clearFaults();
      await expect.poll(() => seen.length).toBe(3);
      await bed.ask(stop, { id });
      const all = await events;
      expect(kinds(all).slice(0, 4)).toEqual(['SNAPSHOT', 'UNREACHABLE', 'REACHABLE', 'MODIFIED']);
      const [, unreachable] = all.map(eventOf);
      expect(unreachable).toMatchObject({ status: 'RUNNING', isFinal: false, notebook: { name: 'watched' } });
      expect(Date.parse(unreachable.unreachableSince)).toBeLessThanOrEqual(Date.now());
      expect(eventOf(all.at(-1))).toMatchObject({ status: 'STOPPED', isFinal: true });
    }),
  );

  it.sequential('goes on through 429, shows it, and leaves ModelArts alone as long as it asks', async ({ expect }) => {
    const arrivals: number[] = [];
    const observe = ({ fault }: RecordedCall) => {
      if (fault === 'throttled') arrivals.push(performance.now());
    };
    const test = async ({ bed, id }: Watched) => {
      const seen: Event[] = [];
      const events = collect(record(subscribe(bed, watch, { variables: { id, until: ['STOPPED'] } }), seen));
      await expect.poll(() => seen.length).toBe(1);
      await bed.fault({ name: 'throttled', operation: 'showNotebook', retryAfterSeconds: 1 });
      await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(2);
      expect(kinds(seen)).toEqual(['SNAPSHOT', 'UNREACHABLE']);
      expect(arrivals.length).toBeGreaterThan(1);
      const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThan(900);
      await bed.clearFaults();
      await expect.poll(() => seen.length).toBe(3);
      await bed.ask(stop, { id });
      expect(eventOf((await events).at(-1))).toMatchObject({ status: 'STOPPED', isFinal: true });
    };
    await withNotebook(test, { observe })();
  }, 30_000);

  it(
    'sees the lease run out',
    withNotebook(async ({ bed, id }, { expect }) => {
      const seen: Event[] = [];
      const events = collect(record(subscribe(bed, watch, { variables: { id, until: ['STOPPED'] } }), seen));
      await expect.poll(() => seen.length).toBe(1);
      await bed.advance(3_600_000);
      const all = (await events).map(eventOf);
      expect(all[0]).toMatchObject({ status: 'RUNNING' });
      expect(all.at(-1)).toMatchObject({ status: 'STOPPED', isFinal: true });
    }),
  );
});

describe.each(transports)('with ten minutes between polls, over %s', (_, subscribe) => {
  const bed = freshBed({ gateway: { pollIntervalMs: 600_000, pollIdleIntervalMs: 600_000 } });
  let id = '';

  beforeEach(async () => {
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
  });

  it('a subscriber hears of our own change at once', async () => {
    const seen: Event[] = [];
    const leaving = new AbortController();
    const events = collect(record(subscribe(bed, watch, { variables: { id }, signal: leaving.signal }), seen));
    await expect.poll(() => seen.length).toBe(1);
    await bed.ask(stop, { id });
    await expect.poll(() => seen.length, { interval: 5 }).toBe(2);
    expect(eventOf(seen[1])).toMatchObject({ kind: 'MODIFIED', status: 'STOPPING', previousStatus: 'RUNNING' });
    leaving.abort();
    await events;
  });

  it('a second subscriber gets its first event without waiting for the next poll', async () => {
    const leaving = new AbortController();
    const kept = subscribe(bed, watch, { variables: { id }, signal: leaving.signal });
    await kept.next();
    expect(eventOf(await first(subscribe(bed, watch, { variables: { id } })))).toMatchObject({ kind: 'SNAPSHOT' });
    leaving.abort();
    await collect(kept);
  });

  it('leaving is noticed at once, though no event is due', async () => {
    const leaving = new AbortController();
    const events = subscribe(bed, watch, { variables: { id }, signal: leaving.signal });
    await events.next();
    const rest = collect(events);
    expect(bed.gateway.watchStats().listeners).toBe(1);
    leaving.abort();
    await rest;
    await expect.poll(() => bed.gateway.watchStats().listeners, { interval: 5 }).toBe(0);
  });
});

/** Keeps what passes, for a look before the end. */
async function* record<T>(events: AsyncIterable<T>, seen: T[]): AsyncGenerator<T> {
  for await (const event of events) {
    seen.push(event);
    yield event;
  }
}
