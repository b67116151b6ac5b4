import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callsOf, type Follower, follow } from '../../support/follow.ts';
import { type SignedIn, startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { whenStill } from '../../support/when-still.ts';

const intervalMs = 100;
const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { status } }';
const watchAll = 'subscription { notebooksChanged { kind notebooks { notebookId status } notebook { status } } }';
const watchImages = 'subscription($id: ID!) { imageStatusChanged(id: $id) { status } }';
const change = (verb: string) =>
  `mutation($id: ID!) { ${verb}Notebook(input: { id: $id }) { __typename ... on Error { code } } }`;

describe('a change made with another token of the project', { timeout: 60_000 }, () => {
  let bed: TestBed;
  let maker: SignedIn;
  let id = '';
  let followers: Follower[] = [];
  const callsByToken = new Map<string, number>();

  const start = (query: string, token: string, variables: Record<string, unknown> = { id }): Follower => {
    const follower = follow(bed, query, variables, { token });
    followers.push(follower);
    return follower;
  };
  const ask = (verb: string, options = maker.headers) => bed.ask(change(verb), { id }, options);
  const callsWith = (token: string): number => callsByToken.get(token) ?? 0;

  /** Once what followed from the beginning of a test is over; how many calls there were. */
  const still = (): Promise<number> => whenStill(() => bed.exchanges.length, 3 * intervalMs);

  beforeEach(async () => {
    followers = [];
    callsByToken.clear();
    const exchanges: TestBed['exchanges'] = [];
    const started = await startTestBed({
      gateway: { pollIntervalMs: intervalMs, pollIdleIntervalMs: 600_000 },
      simulator: {
        speed: 1,
        observe(exchange) {
          exchanges.push(exchange);
          const token = String(exchange.request.headers['x-auth-token']);
          callsByToken.set(token, callsWith(token) + 1);
        },
      },
    });
    bed = { ...started, exchanges };
    maker = await bed.signIn('demo');
    id = await createNotebook(bed, 'watched', maker.headers);
    await bed.advance(600_000);
  });
  afterEach(async () => {
    await Promise.all(followers.map((follower) => follower.leave()));
    await bed.close();
  });

  it('is emitted at once, and so is all that follows from it', async () => {
    await ask('stop');
    await bed.advance(600_000);
    const { token } = await bed.signIn('demo');
    const events = start(watch, token);
    expect(await events.next()).toEqual({ status: 'STOPPED' });
    await ask('start');
    expect(await events.next()).toEqual({ status: 'STARTING' });
    await bed.advance(600_000);
    expect(await events.next()).toEqual({ status: 'RUNNING' });
  });

  it('is emitted after a read with the token of the subscriber', async () => {
    const colleague = await bed.signIn('colleague');
    const events = start(watch, colleague.token);
    await events.next();
    const before = callsWith(colleague.token);
    await ask('stop');
    expect(await events.next()).toEqual({ status: 'STOPPING' });
    expect(callsWith(colleague.token)).toBeGreaterThan(before);
  });

  it('is emitted to who watches all when it is a create', async () => {
    const { token } = await bed.signIn('demo');
    const events = start(watchAll, token, {});
    expect((await events.next()).notebooks).toHaveLength(1);
    await createNotebook(bed, 'second', maker.headers);
    expect(await events.next()).toMatchObject({ kind: 'ADDED' });
  });

  it('costs another project, and watches of what it does not touch, no call', async () => {
    const [team, stranger] = [await bed.signIn('demo', 'eu-de_team'), await bed.signIn('stranger')];
    const { token } = await bed.signIn('demo');
    const images = start(watchImages, token, { id: 'e1a07296-22a8-4f05-8bc8-e936c8e54090' });
    const others = [start(watchAll, team.token, {}), start(watchAll, stranger.token, {}), images];
    for (const events of others) await events.next();
    await still();
    const before = [team.token, stranger.token, token].map(callsWith);
    await ask('stop');
    await sleep(1000);
    expect([team.token, stranger.token, token].map(callsWith)).toEqual(before);
  });

  it('that ModelArts refuses, or the gateway, makes nobody poll', async () => {
    const { token } = await bed.signIn('demo');
    await start(watch, token).next();
    await still();
    const before = callsWith(token);
    expect((await ask('start')).data.startNotebook).toMatchObject({ code: 'CONFLICT' });
    await bed.fault({ name: 'unavailable', operation: 'stopNotebook', times: 1 });
    expect((await ask('stop')).data.stopNotebook).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect((await bed.ask(change('stop'), { id: 'no id' }, maker.headers)).data.stopNotebook.code).toBe(
      'BAD_USER_INPUT',
    );
    await sleep(1000);
    expect(callsWith(token)).toBe(before);
  });

  it('whose answer was lost makes everybody poll, for it may have been made', async () => {
    const { token } = await bed.signIn('demo');
    const events = start(watch, token);
    await events.next();
    await bed.fault({ name: 'lost-answer', operation: 'stopNotebook', times: 1 });
    expect((await ask('stop')).data.stopNotebook).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await events.next()).toEqual({ status: 'STOPPING' });
  });

  it('costs who made it no poll beside the one they had before', async () => {
    const events = start(watch, maker.token);
    await events.next();
    const before = await still();
    await bed.ask(
      'mutation($id: ID!) { updateNotebook(input: { id: $id, name: "other" }) { __typename } }',
      { id },
      maker.headers,
    );
    await sleep(500);
    expect(callsOf(bed, 'showNotebook', before)).toBe(1);
  });

  it('makes no watch poll to which no one listens', async () => {
    const { token } = await bed.signIn('demo');
    const events = start(watch, token);
    await events.next();
    await events.leave();
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
    const before = callsWith(token);
    await ask('stop');
    await sleep(500);
    expect(callsWith(token)).toBe(before);
  });

  it('makes 200 watches of other tokens poll soon, each with its own token', async () => {
    const tokens: string[] = [];
    for (let index = 0; index < 200; index += 1) tokens.push((await bed.signIn('demo')).token);
    const all = tokens.map((token) => start(watch, token));
    await Promise.all(all.map((events) => events.next()));
    expect(bed.gateway.watchStats().watches).toBe(200);
    await still();
    const before = tokens.map(callsWith);
    await ask('stop');
    for (const events of all) expect(await events.next()).toEqual({ status: 'STOPPING' });
    expect(tokens.filter((token, index) => callsWith(token) === before[index])).toEqual([]);
  });

  it('costs four polls an interval at most, however many changes there are', async () => {
    const { token } = await bed.signIn('demo');
    await start(watch, token).next();
    await still();
    const before = callsWith(token);
    const startedAt = performance.now();
    for (let index = 0; index < 60; index += 1) {
      const description = `number ${index}`;
      await bed.ask(
        'mutation($id: ID!, $d: String) { updateNotebook(input: { id: $id, description: $d }) { __typename } }',
        { id, d: description },
        maker.headers,
      );
    }
    await sleep(200);
    const intervals = (performance.now() - startedAt) / intervalMs;
    expect(callsWith(token) - before).toBeGreaterThan(0);
    expect(callsWith(token) - before).toBeLessThanOrEqual(4 * intervals + 1);
  });
});
