import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotebook } from '../../support/notebooks.ts';
import { type Build, build, type GatewayProcess } from '../../support/process/gateway.ts';
import { type Fleet, type FleetReplica, startFleet, stateKeys, type Told } from '../../support/replicas/fleet.ts';
import { isRedisMissing, type RedisServer, startRedis } from '../../support/replicas/redis-server.ts';

const intervalMs = 1000;
const status = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { status } }';
const statuses = ({ events }: Told): string[] => events.flatMap((event) => event.status ?? []);

describe.skipIf(isRedisMissing)('two gateway processes with one Redis', () => {
  let redis: RedisServer;
  let fleet: Fleet;
  let built: Build;
  let id = '';

  beforeAll(async () => {
    redis = await startRedis();
    built = await build();
    // the gateway that comes with it watches nothing
    fleet = await startFleet({ count: 1, redis });
    id = await createNotebook(fleet.bed, 'watched');
    await fleet.bed.advance(60_000);
  }, 60_000);
  afterAll(async () => {
    await redis?.close();
    await built?.close();
    await fleet?.close();
  });

  /** A process that shares, with a subscriber that has its state. */
  async function join(): Promise<{ gateway: GatewayProcess; told: Told }> {
    const gateway = await built.start({
      PORT: '0',
      MODELARTS_ENDPOINT: fleet.bed.simulator.url,
      IAM_ENDPOINT: fleet.bed.simulator.url,
      MODELARTS_PROJECT_ID: fleet.bed.simulator.demo.projectId,
      POLL_INTERVAL_MS: String(intervalMs),
      POLL_IDLE_INTERVAL_MS: String(intervalMs),
      REDIS_URL: redis.url,
      STATE_KEY: stateKeys.join(),
      LOG_LEVEL: 'silent',
    });
    const replica: FleetReplica = fleet.replicaAt(gateway.url);
    await expect.poll(async () => (await replica.health()).replicas).toBe('sharing');
    const told = replica.watch(status, { id });
    await expect.poll(() => told.events.length).toBe(1);
    return { gateway, told };
  }

  /** Each for itself they would make twice as many polls in that time. */
  async function expectOnePoll(): Promise<void> {
    const [before, startedAt] = [fleet.pollTimes.length, performance.now()];
    await expect.poll(() => fleet.pollTimes.length - before).toBeGreaterThanOrEqual(6);
    // jitter takes off 10 % of an interval at most; one may be on its way at either end, and who joins last may have one more
    const intervals = (performance.now() - startedAt) / (0.9 * intervalMs);
    expect(fleet.pollTimes.length - before).toBeLessThanOrEqual(intervals + 3);
  }

  /** Another process polls from then on, and tells what happened meanwhile. */
  async function expectTakeover(killed: GatewayProcess, heir: Told, next: string): Promise<void> {
    await killed.kill();
    await fleet.bed.force(id, { status: next });
    await expect.poll(() => statuses(heir).at(-1), { interval: 20 }).toBe(next);
  }

  it('make one poll in all, and go on when the one that polls is killed', async () => {
    const first = await join();
    const second = await join();
    await expectOnePoll();
    await expectTakeover(first.gateway, second.told, 'FROZEN');
    const third = await join();
    await expectOnePoll();
    await expectTakeover(second.gateway, third.told, 'RUNNING');
    expect(statuses(second.told)).toEqual(['RUNNING', 'FROZEN']);
    expect(statuses(third.told)).toEqual(['FROZEN', 'RUNNING']);
  }, 60_000);
});
