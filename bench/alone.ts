import type { Options } from './options.ts';
import { cpuReading, cpuSecondsBetween } from './processes/usage.ts';
import type { GatewayAlone } from './report/crowds.ts';
import { type Quiet, readQuietly } from './subscribers/crowd.ts';
import { pollForUsers } from './subscribers/users.ts';
import { startWatchedNotebook } from './subscribers/watched-notebook.ts';
import { startGateway } from './systems/gateway.ts';
import { clientCore, type Place, systemCore } from './systems/system.ts';

/** What is measured of one gateway without peers: W5, W7 and its start. */

const sliceMs = 3000;

/** @param checkout left out: this one */
export async function measureAlone(
  { isAsked, rounds }: Options,
  place: Place,
  { name, checkout }: { readonly name: string; readonly checkout?: string | undefined },
): Promise<GatewayAlone> {
  const looks = { slices: rounds, sliceMs };
  return {
    name,
    quiet: isAsked('W5') ? await quietCrowd(looks, checkout) : null,
    users: isAsked('W7') ? await pollForUsers(looks, checkout) : null,
    startUpSeconds: isAsked('start-up') ? await startUps(rounds, place, checkout) : null,
  };
}

/** W5: 1,000 subscribers of one notebook, polled once a second, while nothing changes. */
async function quietCrowd(
  looks: { readonly slices: number; readonly sliceMs: number },
  checkout: string | undefined,
): Promise<Quiet> {
  const watched = await startWatchedNotebook(1000, { gateway: systemCore, simulator: clientCore }, checkout);
  try {
    const { crowd, quiet } = await readQuietly(watched, 1000, looks);
    crowd.close();
    return quiet;
  } finally {
    await watched.stop();
  }
}

/** CPU seconds of the gateway until it listens, start after start. */
async function startUps(starts: number, place: Place, checkout: string | undefined): Promise<number[]> {
  const seconds: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const gateway = await startGateway(
      { ...place, profileFolder: undefined },
      { name: 'start-up', ...(checkout !== undefined && { checkout }) },
    );
    seconds.push(cpuSecondsBetween(new Map(), cpuReading(gateway.pid)));
    await gateway.stop();
  }
  return seconds;
}
