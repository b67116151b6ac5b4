import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { type Fleet, type FleetOptions, startFleet, type Told } from '../../support/replicas/fleet.ts';
import { isRedisMissing, type RedisServer, startRedis } from '../../support/replicas/redis-server.ts';
import { whenStill } from '../../support/when-still.ts';

const status = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status previousStatus } }';
const stop = 'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }';
const startAgain = 'mutation($id: ID!) { startNotebook(input: { id: $id }) { __typename } }';
const remove = 'mutation($id: ID!) { deleteNotebook(input: { id: $id }) { __typename } }';

/** The statuses told, each once. */
const statuses = ({ events }: Told): string[] =>
  events.map((event) => event.status).filter((value, index, all) => value !== all[index - 1]);

describe.skipIf(isRedisMissing)('replicas with one Redis', () => {
  let redis: RedisServer;
  let fleet: Fleet;
  let id = '';

  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    // first: a gateway that cannot be closed must not leave a server behind
    await redis.close();
    await fleet.close();
  });

  /** A fleet that shares, and a notebook in it that is RUNNING. */
  async function start(options: Omit<FleetOptions, 'redis' | 'count'> & { count?: number } = {}): Promise<void> {
    fleet = await startFleet({ count: 2, ...options, redis });
    await allAre('sharing');
    id = await createNotebook(fleet.bed, 'watched');
    await fleet.bed.advance(60_000);
  }

  const allAre = (state: string) =>
    expect
      .poll(async () => (await Promise.all(fleet.replicas.map((replica) => replica.health()))).map((h) => h.replicas))
      .toEqual(fleet.replicas.map(() => state));

  /** Subscribes on every replica; resolves when all have their state. */
  async function watchEverywhere(): Promise<Told[]> {
    const told = fleet.replicas.map((replica) => replica.watch(status, { id }));
    for (const { events } of told) await expect.poll(() => events.length).toBeGreaterThan(0);
    return told;
  }

  /** Each for itself, two replicas or more would make at least twice as many polls in that time. */
  async function expectOnePoll(intervalMs: number): Promise<void> {
    const [before, startedAt] = [fleet.pollTimes.length, performance.now()];
    await expect.poll(() => fleet.pollTimes.length - before).toBeGreaterThanOrEqual(10);
    // jitter takes up to a tenth off an interval, one may be under way at either end, and one follows from what was created
    // a moment ago
    const intervals = (performance.now() - startedAt) / (0.9 * intervalMs);
    expect(fleet.pollTimes.length - before).toBeLessThanOrEqual(intervals + 3);
  }

  it('make one poll in all', async () => {
    await start({ count: 3, gateway: { pollIntervalMs: 300, pollIdleIntervalMs: 300 } });
    const told = await watchEverywhere();
    expect(told.map(statuses)).toEqual(told.map(() => ['RUNNING']));
    await expectOnePoll(300);
    await fleet.bed.force(id, { status: 'FROZEN' });
    for (const each of told) await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'FROZEN']);
  });

  it('poll at once after a change made through another one', async () => {
    await start({ gateway: { pollIntervalMs: 600_000, pollIdleIntervalMs: 600_000 }, simulator: { speed: 1 } });
    const [first, second] = fleet.replicas;
    const told = first?.watch(status, { id });
    await expect.poll(() => told && statuses(told)).toEqual(['RUNNING']);
    await second?.ask(stop, { id });
    await expect.poll(() => told && statuses(told)).toEqual(['RUNNING', 'STOPPING']);
  });

  it('poll watches of all tokens of the project after a change made through another one', async () => {
    const heard = await redis.listenIn();
    await start({ gateway: { pollIntervalMs: 100, pollIdleIntervalMs: 600_000 }, simulator: { speed: 1 } });
    const [first, second] = fleet.replicas;
    const { token } = await fleet.bed.signIn('demo');
    const told = await watchEverywhere();
    const before = await whenStill(() => fleet.pollTimes.length, 300);
    const startedAt = performance.now();
    await second?.ask(stop, { id }, token);
    for (const each of told) {
      await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'STOPPING']);
    }
    // the replicas share it: one poll, or two when a follower was faster, then those of what is in transition
    const intervals = (performance.now() - startedAt) / (0.9 * 100);
    expect(fleet.pollTimes.length - before).toBeLessThanOrEqual(intervals + 3);
    await fleet.bed.advance(60_000);
    for (const each of told) await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'STOPPING', 'STOPPED']);
    await first?.ask(startAgain, { id }, token);
    for (const each of told) {
      await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'STOPPING', 'STOPPED', 'STARTING']);
    }
    heard.close();
    const all = heard.lines.join('\n');
    expect(all).toContain('"type":"change"');
    for (const secret of [token, fleet.bed.simulator.demo.token]) expect(all.includes(secret)).toBe(false);
  });

  it('poll no watch after a change that was refused, or in another project', async () => {
    await start({ gateway: { pollIntervalMs: 100, pollIdleIntervalMs: 600_000 }, simulator: { speed: 1 } });
    await watchEverywhere();
    const { token } = await fleet.bed.signIn('demo');
    const stranger = await fleet.bed.signIn('stranger');
    const made = await createNotebook(fleet.bed, 'elsewhere', {
      ...stranger.headers,
      'x-project-id': stranger.projectId,
    });
    const before = await whenStill(() => fleet.bed.exchanges.length, 300);
    const refused = await fleet.replicas[1]?.ask(startAgain, { id }, token);
    expect(refused).toMatchObject({ startNotebook: { __typename: 'ConflictError' } });
    await fleet.bed.ask(remove, { id: made }, { ...stranger.headers, 'x-project-id': stranger.projectId });
    await sleep(600);
    const calls = fleet.bed.exchanges.slice(before).map(({ request }) => request.headers['x-auth-token']);
    expect(calls).not.toContain(fleet.bed.simulator.demo.token);
    expect(calls.length).toBeGreaterThan(0);
  });

  it('give a newcomer no state that ends it from before it came, whichever replica polls', async () => {
    await start({ gateway: { pollIntervalMs: 2000, pollIdleIntervalMs: 600_000 }, simulator: { speed: 1 } });
    const until = 'subscription($id: ID!) { notebookStatusChanged(id: $id, until: [STOPPED]) { status isFinal } }';
    await fleet.bed.force(id, { status: 'STOPPED' });
    const told = await watchEverywhere();
    await fleet.bed.force(id, { status: 'STARTING' });
    for (const replica of fleet.replicas) {
      const late = replica.watch(until, { id });
      await expect.poll(() => late.events.length).toBeGreaterThan(0);
      expect(late.events[0]).toEqual({ status: 'STARTING', isFinal: false });
      expect(late.isOpen).toBe(true);
    }
    for (const each of told) expect(statuses(each)).toEqual(['STOPPED', 'STARTING']);
  });

  it('have no change undone by a poll that began before it', async () => {
    await start({ count: 3, gateway: { pollIntervalMs: 100, pollIdleIntervalMs: 100 }, simulator: { speed: 1 } });
    const told = await watchEverywhere();
    await fleet.bed.fault({ name: 'slow', operation: 'showNotebook', delayMs: 150 });
    await sleep(200);
    await fleet.replicas[1]?.ask(stop, { id });
    for (const each of told) await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'STOPPING']);
    await sleep(800);
    for (const each of told) expect(statuses(each)).toEqual(['RUNNING', 'STOPPING']);
  });

  it('end all streams of a token when it ends', async () => {
    await start({ count: 3, gateway: { pollIntervalMs: 200, pollIdleIntervalMs: 200 } });
    const told = await watchEverywhere();
    await fleet.bed.fault({ name: 'unauthorised' });
    for (const each of told) {
      await expect.poll(() => each.isOpen).toBe(false);
      expect(each.events.at(-1)).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    }
    expect(fleet.bed.exchanges.filter(({ fault }) => fault === 'unauthorised').length).toBeLessThanOrEqual(2);
  });

  it('read what did not cross when a client selects it', async () => {
    await start({ gateway: { pollIntervalMs: 200, pollIdleIntervalMs: 200 } });
    await watchEverywhere();
    const whole =
      'subscription($id: ID!) { notebookStatusChanged(id: $id) { notebook { jupyterToken url name user { name } volume { capacityGiB } endpoints { uri } image { swrPath } lease { enabled } } } }';
    const told = fleet.replicas.map((replica) => replica.watch(whole, { id }));
    for (const { events } of told) await expect.poll(() => events.length).toBeGreaterThan(0);
    const [one, other] = told.map(({ events }) => events[0].notebook);
    expect(one).toEqual(other);
    expect(one).toMatchObject({
      jupyterToken: expect.stringMatching(/./),
      url: expect.stringContaining(id),
      user: { name: 'demo' },
      volume: { capacityGiB: 50 },
      endpoints: [{ uri: expect.stringContaining(id) }],
      image: { swrPath: expect.stringMatching(/./) },
    });
  });

  it('poll each for itself while Redis is gone, and say so, then together again', async () => {
    await start({ gateway: { pollIntervalMs: 300, pollIdleIntervalMs: 300 } });
    const told = await watchEverywhere();
    await redis.kill();
    await allAre('alone');
    await fleet.bed.force(id, { status: 'FROZEN' });
    // what both see while nothing passes between them, both have polled
    for (const each of told) await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'FROZEN']);
    await redis.restart();
    await allAre('sharing');
    await sleep(400);
    await expectOnePoll(300);
    await fleet.bed.force(id, { status: 'RUNNING' });
    for (const each of told) {
      await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'FROZEN', 'RUNNING']);
      expect(each.isOpen).toBe(true);
    }
    for (const { logLines } of fleet.replicas) {
      const states = logLines.map((line) => JSON.parse(line)).filter((line) => 'replicas' in line);
      expect(states.map(({ replicas }) => replicas)).toEqual(['sharing', 'alone', 'sharing']);
    }
  });

  it('do not wait for a Redis that hangs', async () => {
    await start({ gateway: { pollIntervalMs: 200, pollIdleIntervalMs: 200 } });
    const told = await watchEverywhere();
    redis.freeze();
    await fleet.bed.force(id, { status: 'FROZEN' });
    for (const each of told) await expect.poll(() => statuses(each)).toEqual(['RUNNING', 'FROZEN']);
    await allAre('alone');
    redis.thaw();
    await allAre('sharing');
  });

  it('notice a Redis that hangs while nothing is watched', async () => {
    await start();
    redis.freeze();
    await allAre('alone');
    redis.thaw();
  });

  it('leave nothing in Redis, nor say anything through it, that is a secret', async () => {
    const account = {
      domain: { id: 'd0', name: 'secret-domain' },
      id: 'u0',
      user: 'secret-user',
      password: 'secret-password',
      isAdministrator: false,
      projects: [{ id: 'a4a5d4098fb4474fa22cd05f897d6b99', name: 'eu-de' }],
    };
    const heard = await redis.listenIn();
    await start({
      gateway: { pollIntervalMs: 100, pollIdleIntervalMs: 100 },
      simulator: { speed: 20, accounts: [account] },
    });
    await watchEverywhere();
    const second = fleet.replicas[1];
    const isHeard = (text: string) => () => heard.lines.some((line) => line.includes(text));
    // what is meant to cross does
    await expect.poll(isHeard(id)).toBe(true);
    await second?.ask(stop, { id });
    await expect.poll(isHeard('STOPPING')).toBe(true);
    await fleet.bed.fault({ name: 'error', status: 400, body: { error_msg: 'secret-sentence' } });
    await expect.poll(isHeard('"failure"')).toBe(true);
    await fleet.bed.clearFaults();
    await fleet.bed.fault({ name: 'unauthorised' });
    await expect.poll(isHeard('"revoked"')).toBe(true);
    heard.close();
    const all = heard.lines.join('\n');
    const bodies = fleet.bed.exchanges.map(({ response }) => response?.body ?? '').join('\n');
    const jupyterTokens = [...bodies.matchAll(/"token":"([^"]+)"/g)].map(([, token]) => token ?? '');
    expect(jupyterTokens.length).toBeGreaterThan(0);
    const secrets = [
      ...new Set(jupyterTokens),
      fleet.bed.simulator.demo.token,
      fleet.bed.simulator.url,
      'secret-',
      'http',
      'ssh://',
      'swr.',
    ];
    for (const secret of secrets) expect(all.includes(secret), secret.slice(0, 40)).toBe(false);
  });
});

describe.skipIf(isRedisMissing)('a replica without a usable Redis', () => {
  const start = (url: string) => startFleet({ count: 1, redis: { url } });

  it('starts and serves all the same, and says what is wrong once', async () => {
    const redis = await startRedis();
    await redis.kill();
    const fleet = await start(redis.url);
    const id = await createNotebook(fleet.bed, 'watched');
    const told = fleet.replicas[0]?.watch(status, { id });
    await expect.poll(() => told?.events.length).toBeGreaterThan(0);
    await expect.poll(() => fleet.bed.logLines.some((line) => line.includes('"replicas"'))).toBe(true);
    // it tries again meanwhile
    await sleep(700);
    expect(await fleet.replicas[0]?.health()).toMatchObject({ status: 'alive', replicas: 'alone' });
    const lines = fleet.bed.logLines.filter((line) => line.includes('"replicas"'));
    expect(lines).toEqual([expect.stringContaining('ECONNREFUSED')]);
    await fleet.close();
    await redis.close();
  });

  it('names a wrong password as the reason, but not the password', async () => {
    const redis = await startRedis({ password: 'right-password' });
    const fleet = await start(redis.url.replace('right-password', 'wrong-password'));
    await expect.poll(() => fleet.bed.logLines.join()).toContain('WRONGPASS');
    expect(fleet.bed.logLines.join()).not.toContain('-password@');
    expect(fleet.bed.logLines.join()).not.toContain('wrong-password');
    expect(await fleet.replicas[0]?.health()).toMatchObject({ replicas: 'alone' });
    await fleet.close();
    await redis.close();
  });

  it('shares with the right password', async () => {
    const redis = await startRedis({ password: 'right-password' });
    const fleet = await start(redis.url);
    await expect.poll(async () => (await fleet.replicas[0]?.health())?.replicas).toBe('sharing');
    await fleet.close();
    await redis.close();
  });
});

it('a gateway without REDIS_URL says that it shares with nobody', async () => {
  const bed = await startTestBed();
  const answer = await fetch(new URL('/health', bed.gateway.url));
  expect(await answer.json()).toEqual({ status: 'alive', watches: bed.gateway.watchStats(), replicas: 'off' });
  await bed.close();
});
