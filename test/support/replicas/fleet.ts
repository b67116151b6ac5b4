import { once } from 'node:events';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { readConfig } from '../../../src/config.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/gateway.ts';
import { builtInAccounts } from '../../../src/simulator/iam/accounts.ts';
import { quickly, startTestBed, type TestBed, type TestBedOptions } from '../gateway.ts';
import { type Event, sse } from '../subscription.ts';

export type FleetReplica = {
  readonly url: string;
  readonly logLines: string[];
  /** as the demo user with the token of all, unless another is given */
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by path in tests
  ask(query: string, variables?: Record<string, unknown>, token?: string): Promise<any>;
  /** Events of a subscription as they come, until the signal of the fleet. */
  watch(query: string, variables?: Record<string, unknown>): Told;
  health(): Promise<{ readonly status: string; readonly replicas: string }>;
};

export type Told = {
  // biome-ignore lint/suspicious/noExplicitAny: events are read by path in tests
  readonly events: any[];
  readonly isOpen: boolean;
};

/** Several gateways over one simulator. */
export type Fleet = {
  /** the first gateway, and the simulator of all */
  readonly bed: TestBed;
  readonly replicas: readonly FleetReplica[];
  /** at the address, wherever it runs */
  replicaAt(url: string): FleetReplica;
  /** reads of notebooks upstream, oldest first: Unix ms */
  readonly pollTimes: number[];
  close(): Promise<void>;
};

/** What replicas of tests seal with. */
export const stateKeys = ['of all replicas - 32 characters'] as const;

export type FleetOptions = {
  readonly count: number;
  readonly redis: Pick<NonNullable<GatewayOptions['redis']>, 'url'>;
  readonly gateway?: Partial<GatewayOptions>;
  readonly simulator?: TestBedOptions['simulator'];
};

const reads: ReadonlySet<string | null> = new Set(['listNotebooks', 'showNotebook']);

export async function startFleet({ count, redis: { url }, gateway, simulator }: FleetOptions): Promise<Fleet> {
  const redis = { url, stateKeys };
  const projectId = (simulator?.accounts ?? builtInAccounts)[0]?.projects[0]?.id ?? null;
  const pollTimes: number[] = [];
  const exchanges: TestBed['exchanges'] = [];
  const bed = await startTestBed({
    gateway: { projectId, ...gateway, redis },
    simulator: {
      ...simulator,
      observe(exchange) {
        exchanges.push(exchange);
        if (reads.has(exchange.operationId)) pollTimes.push(Date.now());
      },
    },
  });
  const left = new AbortController();
  const others: Gateway[] = [];

  function replicaAt(url: string, logLines: string[] = []): FleetReplica {
    const here = { ...bed, gateway: { ...bed.gateway, url } };
    return {
      url,
      logLines,
      async ask(query, variables = {}, token = bed.simulator.demo.token) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-auth-token': token },
          body: JSON.stringify({ query, variables }),
        });
        return ((await response.json()) as { data: unknown }).data;
      },
      watch: (query, variables = {}) => tell(sse(here, query, { variables, signal: left.signal })),
      health: () => healthOf(url),
    };
  }

  const replicas = [replicaAt(bed.gateway.url, bed.logLines)];
  while (replicas.length < count) {
    const logLines: string[] = [];
    const other = await createGateway({
      ...quickly,
      isMetricsOn: false,
      isGraphiqlOn: false,
      limits: readConfig({}).limits,
      projectId,
      ...gateway,
      endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url },
      redis,
      logDestination: { write: (line) => logLines.push(line) },
    });
    others.push(other);
    replicas.push(replicaAt(other.url, logLines));
  }
  return {
    bed: { ...bed, exchanges },
    replicas,
    replicaAt,
    pollTimes,
    async close() {
      left.abort();
      await Promise.all(others.map((other) => other.close()));
      await bed.close();
    },
  };
}

/** Over a connection of its own: one kept alive would keep the gateway from closing. */
async function healthOf(url: string): ReturnType<FleetReplica['health']> {
  const answer = get(new URL('/health', url), { agent: false });
  const [response] = await once(answer, 'response');
  return JSON.parse(await text(response));
}

function tell(source: AsyncIterable<Event>): Told {
  const events: unknown[] = [];
  let isOpen = true;
  const read = async (): Promise<void> => {
    for await (const event of source) events.push(event.errors ?? event.data?.notebookStatusChanged ?? event);
  };
  read()
    .catch((error: unknown) => events.push(error))
    .finally(() => {
      isOpen = false;
    });
  return {
    events,
    get isOpen() {
      return isOpen;
    },
  };
}
