import { held, probeFlags } from '../processes/probe.ts';
import { startGatewayCommand } from '../processes/program.ts';
import { residentMib } from '../processes/usage.ts';
import { systemCore } from '../systems/system.ts';
import { notebookId, projectId } from '../upstream/samples.ts';
import { type BenchUpstream, startUpstream } from '../upstream/upstream-process.ts';
import { type Crowd, readItems, type Subscriber } from './crowd.ts';
import { observe, type Slice } from './observe.ts';

/** Users with a token and a subscription of a notebook of their own each: nothing can be shared, each is polled for alone. */

export const userCount = 1000;
/** They come in groups of this size; the first one pays for what is the same for any number of users, and is not counted. */
const groupSize = 250;

export type Users = {
  readonly slices: readonly Slice[];
  /** live heap of the gateway after a full collection, by group */
  readonly heapKibPerToken: readonly number[];
  /** resident memory, sockets included, by group */
  readonly residentKibPerToken: readonly number[];
};

const user = (index: number): Subscriber => ({
  token: `bench-user-${String(index).padStart(4, '0')}`,
  notebookId: `${notebookId.slice(0, -4)}${1000 + index}`,
});

/** Upstream polls made since the upstream was started. */
function countPolls(upstream: BenchUpstream): () => Promise<number> {
  let total = 0;
  return async () => {
    total += (await upstream.takeCounts()).showNotebook ?? 0;
    return total;
  };
}

/** W7: each of 1,000 users is polled for once a second, while nothing changes. The upstream is a process of its own. */
export async function pollForUsers(
  looks: { readonly slices: number; readonly sliceMs: number },
  checkout?: string,
): Promise<Users> {
  const upstream = await startUpstream();
  const gateway = await startGatewayCommand(
    'serve',
    {
      MODELARTS_ENDPOINT: upstream.url,
      IAM_ENDPOINT: upstream.url,
      MODELARTS_PROJECT_ID: projectId,
      POLL_INTERVAL_MS: '1000',
      POLL_IDLE_INTERVAL_MS: '1000',
    },
    { nodeFlags: probeFlags, isAsked: true, core: systemCore, cwd: checkout },
  );
  const crowds: Crowd[] = [];
  try {
    const memory = async () => ({
      heapMib: (await held(gateway)).heapMib,
      residentMib: residentMib(gateway.pid),
    });
    const readings: { readonly heapMib: number; readonly residentMib: number }[] = [];
    for (let first = 0; first < userCount; first += groupSize) {
      const group = Array.from({ length: groupSize }, (_, index) => user(first + index));
      crowds.push(await readItems(gateway.url, group));
      readings.push(await memory());
    }
    const growth = (of: 'heapMib' | 'residentMib'): number[] =>
      readings.slice(1).map((reading, group) => ((reading[of] - (readings[group]?.[of] ?? 0)) * 1024) / groupSize);
    return {
      slices: await observe({ program: gateway, polls: countPolls(upstream), ...looks }),
      heapKibPerToken: growth('heapMib'),
      residentKibPerToken: growth('residentMib'),
    };
  } finally {
    for (const crowd of crowds) crowd.close();
    await gateway.stop();
    upstream.stop();
  }
}
