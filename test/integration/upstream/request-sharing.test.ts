import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed, projectId } from '../../support/bed.ts';
import { callsOf } from '../../support/follow.ts';
import { type SignedIn, startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { type ScriptedUpstream, sendJson, startUpstream } from '../../support/wire/scripted-upstream.ts';

const list = '{ notebooks { nodes { name status } } }';
const stop = 'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename ... on Error { message } } }';

describe('equal reads of one token that overlap', () => {
  const bed = freshBed({ gateway: { projectId: null } });
  let demo: SignedIn;

  beforeEach(async () => {
    demo = await bed.signIn('demo');
  });

  const slowList = (times: number) => bed.fault({ name: 'slow', operation: 'listNotebooks', delayMs: 400, times });
  const arrived = (count: number) => expect.poll(() => callsOf(bed, 'listNotebooks')).toBe(count);

  it('are one call', async () => {
    await createNotebook(bed, 'one', demo.headers);
    await slowList(1);
    const answers = await Promise.all(Array.from({ length: 20 }, () => bed.ask(list, {}, demo.headers)));
    expect(callsOf(bed, 'listNotebooks')).toBe(1);
    for (const { data } of answers) expect(data.notebooks.nodes).toMatchObject([{ name: 'one' }]);
  });

  it('are a call each when they come one after the other', async () => {
    for (let turn = 0; turn < 3; turn += 1) await bed.ask(list, {}, demo.headers);
    expect(callsOf(bed, 'listNotebooks')).toBe(3);
  });

  it('are a call each when they differ', async () => {
    await slowList(2);
    const other = '{ notebooks(filter: { name: "x" }) { nodes { name } } }';
    await Promise.all([bed.ask(list, {}, demo.headers), bed.ask(other, {}, demo.headers)]);
    expect(callsOf(bed, 'listNotebooks')).toBe(2);
  });

  it('are not shared with another token of the same user', async () => {
    const again = await bed.signIn('demo');
    await slowList(2);
    await Promise.all([demo, again].map(({ headers }) => bed.ask(list, {}, headers)));
    const tokens = bed.exchanges
      .filter(({ operationId }) => operationId === 'listNotebooks')
      .map(({ request }) => request.headers['x-auth-token']);
    expect(tokens.sort()).toEqual([demo.token, again.token].sort());
  });

  it('are not shared across a change made in between', async () => {
    const id = await createNotebook(bed, 'changing', demo.headers);
    await bed.advance(1000);
    await slowList(1);
    const before = bed.ask(list, {}, demo.headers);
    await arrived(1);
    expect((await bed.ask(stop, { id }, demo.headers)).data.stopNotebook.__typename).toBe('StopNotebookPayload');
    const after = await bed.ask(list, {}, demo.headers);
    expect(after.data.notebooks.nodes[0].status).toMatch(/^STOP/);
    await before;
    expect(callsOf(bed, 'listNotebooks')).toBe(2);
  });

  it('fail together, and are not remembered', async () => {
    await bed.fault({ name: 'internal', operation: 'listNotebooks', times: 1 });
    const asked = Array.from({ length: 5 }, () => bed.ask(list, {}, demo.headers));
    const codes = (await Promise.all(asked)).map(({ errors }) => errors?.[0]?.extensions.code);
    expect(codes).toContain('UPSTREAM_UNAVAILABLE');
    expect((await bed.ask(list, {}, demo.headers)).errors).toBeUndefined();
  });
});

describe('a shared read', () => {
  let upstream: ScriptedUpstream;
  let bed: TestBed;
  let release = (): void => {};

  beforeEach(async () => {
    upstream = await startUpstream((response) => {
      release = () => sendJson(response, { data: [], total: 0 });
    });
    const endpoints = { modelarts: upstream.url, iam: upstream.url };
    bed = await startTestBed({ gateway: { projectId, upstreamTimeoutMs: 600_000, endpoints } });
  });
  afterEach(async () => {
    await bed.close();
    await upstream.close();
  });

  /** A caller who can leave. */
  function caller() {
    const leaving = new AbortController();
    const answer = fetch(bed.gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': 'token-1' },
      body: JSON.stringify({ query: list }),
      signal: leaving.signal,
    }).then((response) => response.json());
    return { leave: () => leaving.abort(), answer };
  }

  /** Those the gateway has begun: each has joined the read, or made it. */
  async function runningQueries(): Promise<number> {
    const text = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
    return Number(/^modelarts_gateway_operations_running\{kind="query"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  it('goes on for the others when one caller leaves', async () => {
    const [leaver, stayer] = [caller(), caller()];
    await expect.poll(() => upstream.received.length).toBe(1);
    await expect.poll(runningQueries).toBe(2);
    leaver.leave();
    await expect(leaver.answer).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    expect(await stayer.answer).toEqual({ data: { notebooks: { nodes: [] } } });
    expect(upstream.received).toHaveLength(1);
  });

  it('closes the upstream connection when the last caller leaves', async () => {
    const callers = [caller(), caller(), caller()];
    await expect.poll(() => upstream.received.length).toBe(1);
    await expect.poll(runningQueries).toBe(3);
    const left = Promise.allSettled(callers.map(({ answer }) => answer));
    for (const { leave } of callers) leave();
    await upstream.hungUp;
    await left;
    expect(upstream.received).toHaveLength(1);
  });
});
