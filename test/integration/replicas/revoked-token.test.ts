import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNotebook } from '../../support/notebooks.ts';
import { type Fleet, type FleetReplica, startFleet } from '../../support/replicas/fleet.ts';
import { isRedisMissing, type RedisServer, startRedis } from '../../support/replicas/redis-server.ts';

const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status } }';
const live = '{ devEnvInstances { totalCount } }';
const remembered = [
  '{ images(first: 5) { nodes { imageId } } }',
  '{ flavors { nodes { flavorId } } }',
  '{ viewer { projectId } }',
];

describe.skipIf(isRedisMissing)('a token refused at one of two replicas', () => {
  let redis: RedisServer;
  let fleet: Fleet;
  let id = '';

  beforeEach(async () => {
    redis = await startRedis();
    // nothing is polled, and nothing that is kept gets too old, within the test
    const gateway = { catalogTtlMs: 60_000, pollIntervalMs: 60_000, pollIdleIntervalMs: 60_000 };
    fleet = await startFleet({ count: 2, gateway, redis });
    await expect
      .poll(async () => (await Promise.all(fleet.replicas.map((replica) => replica.health()))).map((h) => h.replicas), {
        timeout: 6000,
      })
      .toEqual(['sharing', 'sharing']);
    id = await createNotebook(fleet.bed, 'watched');
  });
  afterEach(async () => {
    await redis.close();
    await fleet.close();
  });

  const isAnswered = async (replica: FleetReplica, query: string): Promise<boolean> =>
    (await replica.ask(query)) != null;
  const refusal = [{ extensions: { code: 'UNAUTHENTICATED' } }];

  it('is good for nothing at the other one either, from what is kept to what is watched', async () => {
    const [here, there] = fleet.replicas as [FleetReplica, FleetReplica];
    for (const replica of fleet.replicas) {
      for (const query of [...remembered, ...remembered]) expect(await isAnswered(replica, query)).toBe(true);
    }
    const told = fleet.replicas.map((replica) => replica.watch(watch, { id }));
    for (const { events } of told) await expect.poll(() => events.length, { timeout: 3000 }).toBe(1);
    const heard = await redis.listenIn();
    const { token } = fleet.bed.simulator.demo;
    await fleet.bed.revoke(token);
    for (const query of remembered) expect(await isAnswered(there, query)).toBe(true);

    expect(await isAnswered(here, live)).toBe(false);
    for (const { events } of told) await expect.poll(() => events.at(-1)).toMatchObject(refusal);
    // asked at once, of both
    const late = fleet.replicas.map((replica) => replica.watch(watch, { id }));
    for (const { events } of late) {
      await expect.poll(() => events.length, { timeout: 3000 }).toBe(1);
      expect(events[0]).toMatchObject(refusal);
    }
    for (const replica of fleet.replicas) {
      for (const query of remembered) expect(await isAnswered(replica, query), query).toBe(false);
    }
    heard.close();
    const messages = heard.lines.filter((line) => line.includes('revoked'));
    expect(messages.length).toBeGreaterThan(0);
    expect(heard.lines.join('\n')).not.toContain(token.slice(0, 32));
  });
});
