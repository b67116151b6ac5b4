import { describe, expect, it, vi } from 'vitest';
import { withBed } from '../../support/bed.ts';
import { expectNothingInternal } from '../../support/disclosure.ts';
import { callsOf, follow } from '../../support/follow.ts';
import type { Answer, TestBed } from '../../support/gateway.ts';
import { createNotebook, createNotebookMutation, notebookInput } from '../../support/notebooks.ts';

/** Of what comes late by the fault, or asks to wait longer; all else has time enough on a busy machine. */
const lateMs = 1000;
const lateFaults: ReadonlySet<string> = new Set(['hang', 'slow-drip', 'throttled']);
/** The fault is what a test is about, or its name. */
const timeoutFor = (about: unknown): number => {
  const name = typeof about === 'object' && about !== null && 'fault' in about ? String(about.fault) : String(about);
  return lateFaults.has(name) ? lateMs : 15_000;
};
const list = '{ notebooks { nodes { name status } } }';
const images = '{ images(first: 5) { nodes { name } } }';
const stop =
  'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename ... on StopNotebookPayload { notebook { name } } ... on Error { code } } }';
const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status notebook { name } } }';

type Row = {
  readonly fault: string;
  readonly options?: Record<string, unknown>;
  /** error code, or what is read in spite of the fault */
  readonly read: string;
  readonly write: string;
  /** kind of the first event after the snapshot, or the code that ends the subscription */
  readonly event: string;
};

const fine = 'fine';
const rows: readonly Row[] = [
  { fault: 'hang', read: 'UPSTREAM_TIMEOUT', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'slow-drip', read: 'UPSTREAM_TIMEOUT', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'gateway-timeout', read: 'UPSTREAM_TIMEOUT', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'reset', read: 'UPSTREAM_UNAVAILABLE', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'reset-after', read: 'UPSTREAM_UNAVAILABLE', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'lost-answer', read: 'UPSTREAM_UNAVAILABLE', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'bad-gateway', read: 'UPSTREAM_UNAVAILABLE', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'unavailable', read: 'UPSTREAM_UNAVAILABLE', write: 'UPSTREAM_UNAVAILABLE', event: 'UNREACHABLE' },
  { fault: 'internal', read: 'UPSTREAM_UNAVAILABLE', write: 'UPSTREAM_UNAVAILABLE', event: 'UNREACHABLE' },
  { fault: 'throttled', read: 'RATE_LIMITED', write: 'RATE_LIMITED', event: 'UNREACHABLE' },
  { fault: 'unauthorised', read: 'UNAUTHENTICATED', write: 'UNAUTHENTICATED', event: 'UNAUTHENTICATED' },
  { fault: 'malformed', read: 'UPSTREAM_INVALID', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'html', read: 'UPSTREAM_INVALID', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'empty', read: 'UPSTREAM_INVALID', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  { fault: 'oversize', read: 'UPSTREAM_INVALID', write: 'OUTCOME_UNKNOWN', event: 'UNREACHABLE' },
  {
    fault: 'wrong-type',
    options: { as: 'string' },
    read: 'UPSTREAM_INVALID',
    write: 'OUTCOME_UNKNOWN',
    event: 'UNREACHABLE',
  },
  { fault: 'slow', options: { delayMs: 50 }, read: fine, write: fine, event: fine },
];

/** With a notebook that runs. */
const withNotebook =
  <Args extends unknown[]>(
    test: (bed: TestBed, id: string, ...args: Args) => Promise<void>,
    timeoutMs: number | null = null,
  ) =>
  (...args: Args) =>
    withBed(
      async (bed) => {
        const id = await createNotebook(bed, 'steady');
        await bed.advance(1000);
        await test(bed, id, ...args);
      },
      {
        gateway: { upstreamTimeoutMs: timeoutMs ?? timeoutFor(args[0]), pollIntervalMs: 20, pollIdleIntervalMs: 20 },
      },
    )();

// nearly all of their time is waiting
describe.concurrent('an upstream whose answers are broken', () => {
  it.each(rows)(
    'by $fault makes a read $read',
    withNotebook(async (bed, _id, { fault, options, read }: Row) => {
      await bed.fault({ name: fault, operation: 'listNotebooks', ...options });
      const answer = await bed.ask(list);
      expect(answer.errors?.[0]?.extensions.code ?? fine).toBe(read);
      expectNothingInternal(bed, answer);
    }),
  );

  it.each(rows)(
    'by $fault makes a change $write, which is sent once',
    withNotebook(async (bed, id, { fault, options, write }: Row) => {
      await bed.fault({ name: fault, operation: 'stopNotebook', ...options });
      const answer = await bed.ask(stop, { id });
      expect(answer.data.stopNotebook.code ?? fine).toBe(write);
      expect(callsOf(bed, 'stopNotebook')).toBe(1);
      expectNothingInternal(bed, answer);
    }),
  );

  it.each(rows)(
    'by $fault makes a subscription emit $event, and go on if it can',
    withNotebook(async (bed, id, { fault, options, event }: Row) => {
      const follower = follow(bed, watch, { id });
      expect(await follower.next()).toMatchObject({ kind: 'SNAPSHOT', notebook: { name: 'steady' } });
      await bed.fault({ name: fault, operation: 'showNotebook', ...options });
      if (event === 'UNAUTHENTICATED') {
        await expect(follower.next()).rejects.toThrow(event);
        return;
      }
      if (event === 'UNREACHABLE') {
        expect(await follower.next()).toMatchObject({ kind: event, status: 'RUNNING', notebook: { name: 'steady' } });
        await bed.clearFaults();
        expect(await follower.next()).toMatchObject({ kind: 'REACHABLE', status: 'RUNNING' });
      }
      await bed.force(id, { status: 'ERROR' });
      expect(await follower.next()).toMatchObject({ kind: 'MODIFIED', status: 'ERROR' });
      await follower.leave();
    }),
  );

  it.each(['hang', 'unavailable', 'reset'])(
    'by %s is called no longer, and is called again once it answers',
    withNotebook(async (bed, _id, name: string) => {
      await bed.fault({ name, operation: 'listNotebooks' });
      const codeOf = async (): Promise<string | undefined> => (await bed.ask(list)).errors?.[0]?.extensions.code;
      // one after the other: at once they would be one call
      for (let turn = 0; turn < 12; turn += 1) await codeOf();
      /** An answer that cost no call; the breaker lets one through each second. */
      const refused = async (asked: () => Promise<Answer>): Promise<Answer> => {
        for (let turn = 0; turn < 5; turn += 1) {
          const before = bed.exchanges.length;
          const answer = await asked();
          if (callsOf(bed, 'listNotebooks', before) + callsOf(bed, 'createNotebook', before) === 0) return answer;
        }
        throw new Error('each was sent');
      };
      const answer = await refused(() => bed.ask(list));
      expect(answer.errors).toMatchObject([
        { extensions: { code: 'UPSTREAM_UNAVAILABLE', retryable: true, retryAfterSeconds: 1 } },
      ]);
      expectNothingInternal(bed, answer);
      const create = await refused(() => bed.ask(createNotebookMutation, { input: notebookInput('refused') }));
      expect(create.data.createNotebook).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
      expect((await bed.ask(images)).errors).toBeUndefined();

      await bed.clearFaults();
      await vi.waitUntil(async () => (await codeOf()) === undefined, { timeout: 15_000, interval: 50 });
    }),
    30_000,
  );
});

describe('an upstream that is broken in part', () => {
  /** so long that all are on their way before the first is given up */
  const hangMs = 3000;

  it(
    'in one item never loses the page',
    withNotebook(async (bed) => {
      await createNotebook(bed, 'second');
      for (const item of [{ id: null }, { status: 7, create_at: 'soon', lease: [], volume: 'none' }]) {
        await bed.fault({ name: 'merge', operation: 'listNotebooks', item });
        const { data, errors } = await bed.ask(list);
        expect([errors, data?.notebooks.nodes.length]).toEqual([undefined, 'status' in item ? 2 : 0]);
        await bed.clearFaults();
      }
      await bed.fault({
        name: 'merge',
        operation: 'listNotebooks',
        body: { data: [7, null, 'x', {}, { id: 'nb-1' }] },
      });
      const { data, errors } = await bed.ask('{ notebooks { nodes { notebookId } } }');
      expect([errors, data?.notebooks.nodes]).toEqual([undefined, [{ notebookId: 'nb-1' }]]);
    }),
  );

  it(
    'by an API that hangs leaves the others unharmed',
    { timeout: 60_000 },
    withNotebook(async (bed) => {
      const medianOf = async (): Promise<number> => {
        const spans: number[] = [];
        for (let turn = 0; turn < 40; turn += 1) {
          const startedAt = performance.now();
          expect((await bed.ask(images)).errors).toBeUndefined();
          spans.push(performance.now() - startedAt);
        }
        return spans.sort((a, b) => a - b)[20] ?? Number.NaN;
      };
      await bed.fault({ name: 'hang', operation: 'showNotebook' });
      let isOver = false;
      const hanging = Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          while (!isOver) {
            await bed.ask('query($id: ID!) { notebook(id: $id) { name } }', { id: `nb-${index}` });
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        }),
      );
      await expect.poll(() => callsOf(bed, 'showNotebook')).toBeGreaterThan(50);
      const during = await medianOf();
      isOver = true;
      await hanging;
      // a call that waited behind the hanging ones would take the whole deadline
      expect(during).toBeLessThan(hangMs / 2);
    }, hangMs),
  );
});
