import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLObjectType } from 'graphql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { startTestBed, type TestBed } from '../support/gateway.ts';
import { createNotebook } from '../support/notebooks.ts';
import { type Event, type SubscriptionOptions, sse, websocket } from '../support/subscription.ts';
import { whenStill } from '../support/when-still.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const watch = `subscription($id: ID!, $until: [NotebookStatus!]) {
  notebookStatusChanged(id: $id, until: $until) { statusRaw isFinal sequence }
}`;
const watchStatus = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { statusRaw status } }';
const watchAll = 'subscription { notebooksChanged { kind notebookId } }';

/** how often a field was resolved, of which the subscriptions of a test select one */
let executions = 0;

/** Counts from inside the schema: calls do not tell, for equal reads at the same time share one. */
function counted(typeName: string, fieldName: string): () => void {
  const field = (schema.getType(typeName) as GraphQLObjectType).getFields()[fieldName];
  if (field === undefined) throw new Error(`no ${typeName}.${fieldName}`);
  const { resolve } = field;
  field.resolve = (...args: Parameters<GraphQLFieldResolver<unknown, unknown>>) => {
    executions += 1;
    return (resolve ?? defaultFieldResolver)(...args);
  };
  return () => {
    if (resolve) field.resolve = resolve;
    else delete field.resolve;
  };
}

type Follower = { readonly heard: Event[]; readonly leave: () => void };

describe('subscribers of one notebook', () => {
  let bed: TestBed;
  let id = '';
  let followers: Follower[] = [];
  const restore = [
    counted('NotebookStatusEvent', 'statusRaw'),
    counted('LeaseEvent', 'kind'),
    counted('NotebooksEvent', 'kind'),
  ];

  beforeAll(async () => {
    bed = await startTestBed({ gateway: { projectId } });
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
  });
  afterAll(async () => {
    await bed.close();
    for (const undo of restore) undo();
  });
  beforeEach(async () => {
    followers = [];
    await bed.force(id, { status: 'RUNNING' });
  });
  afterEach(async () => {
    for (const { leave } of followers) leave();
    // the next test begins with a new look at the notebook
    await expect.poll(() => bed.gateway.watchStats().watches).toBe(0);
  });

  async function follow(transport: typeof sse, query: string, options: SubscriptionOptions = {}): Promise<Follower> {
    const leaving = new AbortController();
    const follower: Follower = { heard: [], leave: () => leaving.abort() };
    followers.push(follower);
    const events = transport(bed, query, { variables: { id }, signal: leaving.signal, ...options });
    const read = async () => {
      for await (const event of events) follower.heard.push(event);
    };
    read().catch(() => {});
    await expect.poll(() => follower.heard.length).toBeGreaterThan(0);
    return follower;
  }
  const crowd = (size: number, query: string) =>
    Promise.all(Array.from({ length: size }, (_, index) => follow(index % 2 ? sse : websocket, query)));

  /** Forces a change and gives the executions it took until everybody heard it. */
  async function executionsOf(everybody: readonly Follower[], reason: string, status = 'STOPPED'): Promise<number> {
    // whatever is late of the beginning
    const before = await whenStill(() => executions, 300);
    const counts = everybody.map(({ heard }) => heard.length);
    await bed.force(id, { status, fail_reason: reason });
    await expect.poll(() => everybody.every(({ heard }, index) => heard.length > (counts[index] ?? 0))).toBe(true);
    return executions - before;
  }
  const last = ({ heard }: Follower) => Object.values<Record<string, unknown>>(heard.at(-1)?.data ?? {})[0] ?? {};

  it('have each event executed once for all who ask the same, over both transports', async () => {
    const everybody = await crowd(20, watch);
    expect(await executionsOf(everybody, 'once')).toBe(1);
    for (const follower of everybody) expect(last(follower)).toEqual(last(everybody[0] as Follower));
  });

  it('have an event executed once for each token', async () => {
    const { token } = await bed.signIn('demo', 'eu-de');
    const everybody = await crowd(6, watch);
    everybody.push(await follow(sse, watch, { token }), await follow(websocket, watch, { token }));
    expect(await executionsOf(everybody, 'twice')).toBe(2);
  });

  it('get what they selected, each document its own', async () => {
    const [some, others] = [await crowd(4, watch), await crowd(4, watchStatus)];
    expect(await executionsOf([...some, ...others], 'apart')).toBe(2);
    for (const follower of some) expect(Object.keys(last(follower))).toContain('sequence');
    for (const follower of others) expect(Object.keys(last(follower))).toEqual(['statusRaw', 'status']);
  });

  it('end at the status that each named', async () => {
    const going = await crowd(4, watch);
    const ending = await Promise.all([
      follow(sse, watch, { variables: { id, until: ['STOPPED'] } }),
      follow(websocket, watch, { variables: { id, until: ['STOPPED'] } }),
    ]);
    expect(await executionsOf([...going, ...ending], 'ends')).toBe(2);
    for (const follower of going) expect(last(follower).isFinal).toBe(false);
    for (const follower of ending) expect(last(follower).isFinal).toBe(true);
  });

  it.each([
    ['notebooksChanged', watchAll],
    ['leaseExpiring', 'subscription($id: ID!) { leaseExpiring(id: $id) { kind isReset } }'],
  ])('have the events of %s executed once for all of them', async (_field, query) => {
    expect(await executionsOf(await crowd(8, query), 'also')).toBe(1);
  });

  it('get the resume point of each event as its id', async () => {
    const everybody = await crowd(4, watch);
    const response = await fetch(bed.gateway.url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-auth-token': bed.simulator.demo.token,
      },
      body: JSON.stringify({ query: watch, variables: { id } }),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (found: string) => {
      while (!text.includes(found)) text += (await reader?.read())?.value ?? '';
    };
    await until('RUNNING');
    await executionsOf(everybody, 'numbered');
    await until('STOPPED');
    const frames = text.split('\n\n').filter((frame) => frame.startsWith('event: next'));
    expect(frames).toHaveLength(2);
    for (const frame of frames) {
      const { sequence } = JSON.parse(frame.split('data: ')[1] ?? '').data.notebookStatusChanged;
      expect(/^id: (.+)$/m.exec(frame)?.[1]).toBe(sequence);
    }
    await reader?.cancel();
  });

  it('get their event though the one whose connection made the reads leaves amid them', async () => {
    const query = `subscription($id: ID!) { notebookStatusChanged(id: $id) {
      statusRaw notebook { storageMounts { mountPath } }
    } }`;
    const leaving = await follow(sse, query);
    const staying = [await follow(sse, query), await follow(websocket, query)];
    await bed.fault({ name: 'slow', operation: 'listAttachableObss', delayMs: 1500 });
    const heard = executionsOf(staying, 'without one', 'RUNNING');
    // the reads for the event have begun
    await expect.poll(() => bed.exchanges.some(({ fault }) => fault === 'slow')).toBe(true);
    leaving.leave();
    await heard;
    await bed.clearFaults();
    for (const { heard: events } of staying) expect(events.at(-1)).not.toHaveProperty('errors');
  });
});
