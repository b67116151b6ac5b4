import { createClient } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { projectId, sharedBed } from '../../support/bed.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { collect, type Event, type SubscriptionOptions, sse, websocket } from '../../support/subscription.ts';

/** Events of a subscription on a single connection of graphql-sse. */
async function* single(bed: TestBed, query: string, options: SubscriptionOptions = {}): AsyncGenerator<Event> {
  const client = createClient({
    url: `${bed.gateway.url}/stream`,
    singleConnection: true,
    headers: { 'x-auth-token': options.token ?? bed.simulator.demo.token },
    retryAttempts: 0,
  });
  options.signal?.addEventListener('abort', () => client.dispose());
  try {
    for await (const event of client.iterate({ query, variables: options.variables ?? {} })) yield event as Event;
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  } finally {
    client.dispose();
  }
}

const transports = [
  ['sse', sse],
  ['sse_single', single],
  ['websocket', websocket],
] as const;

const status = 'subscription($id: ID!) { notebookStatusChanged(id: $id, until: [STOPPED]) { kind status } }';
const list = 'subscription { notebooksChanged { kind } }';

/** Samples of what /metrics says of subscriptions, by name and labels. */
async function samples(bed: TestBed): Promise<Record<string, number>> {
  const text = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = /^modelarts_gateway_(\S*(?:subscription|event_delivery)\S*) (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, Number(value)] as const];
  });
  return Object.fromEntries(lines);
}

const ended = (transport: string, reason: string): string =>
  `subscriptions_ended_total{transport="${transport}",reason="${reason}"}`;

describe.each(transports)('the metrics of subscriptions over %s', (transport, over) => {
  const bed = sharedBed();

  /** how often one ended for a reason */
  const ends = async (reason: string): Promise<number> => (await samples(bed))[ended(transport, reason)] ?? 0;
  const open = async (): Promise<number> => (await samples(bed))[`subscriptions_open{transport="${transport}"}`] ?? 0;

  it('show it open, count its events, and how long after the answer of ModelArts they were sent', async () => {
    const id = await createNotebook(bed, `counted-${transport}`);
    await expect
      .poll(
        async () => (await bed.ask('query($id: ID!) { notebook(id: $id) { status } }', { id })).data.notebook.status,
      )
      .toBe('RUNNING');
    const before = await samples(bed);
    const events = over(bed, status, { variables: { id } });
    await events.next();
    expect(await open()).toBe(1);
    await bed.force(id, { status: 'STOPPED' });
    const heard = 1 + (await collect(events)).length;
    await expect.poll(open).toBe(0);
    const after = await samples(bed);
    const growth = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    expect(growth(`subscription_events_total{transport="${transport}"}`)).toBe(heard);
    const delivered = `event_delivery_seconds_count{transport="${transport}"}`;
    expect(growth(delivered)).toBeGreaterThan(0);
    expect(growth(delivered)).toBeLessThanOrEqual(heard);
    expect(growth(ended(transport, 'completed'))).toBe(1);
  });

  it('count one whose client left', async () => {
    const leaving = new AbortController();
    const before = await ends('client');
    const events = over(bed, list, { signal: leaving.signal });
    await events.next();
    leaving.abort();
    await events.return(undefined);
    await expect.poll(() => ends('client')).toBe(before + 1);
  });

  it('count one that ended with an error', async () => {
    const variables = { id: '00000000-0000-4000-8000-000000000000' };
    await collect(over(bed, status, { variables })).catch(() => {});
    await expect.poll(() => ends('error')).toBe(1);
    expect(await open()).toBe(0);
  });

  it('count one whose token was revoked', async () => {
    const { token } = await bed.signIn('demo');
    const events = over(bed, list, { token });
    await events.next();
    await bed.revoke(token);
    await collect(events).catch(() => {});
    await expect.poll(() => ends('token')).toBe(1);
  });

  it('count one that a limit refused', async () => {
    const limited = await startTestBed({
      gateway: { projectId },
      rates: { subscriptions: 1, addressSubscriptions: 1 },
    });
    await limited.ask('{ notebooks { totalCount } }');
    const leaving = new AbortController();
    const events = over(limited, list, { signal: leaving.signal });
    await events.next();
    await collect(over(limited, list)).catch(() => {});
    await expect.poll(async () => (await samples(limited))[ended(transport, 'limit')]).toBe(1);
    leaving.abort();
    await events.return(undefined);
    await limited.close();
  });

  it('say in the log that one ended with the gateway', async () => {
    const closing = await startTestBed({ gateway: { projectId } });
    const events = over(closing, list);
    await events.next();
    await Promise.all([closing.close(), collect(events).catch(() => {})]);
    const line = closing.logLines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'subscription ended');
    expect(line).toMatchObject({ transport, ended: 'shutdown', events: 1 });
  });
});
