import { createGateway, type Gateway, type GatewayOptions } from '../../src/gateway.ts';
import { type Exchange, type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { loadContract, type Violation } from './contract.ts';

/** Everything a test needs to play both the client and the cloud: a gateway over a simulator, with all calls between them. */
export type TestBed = {
  readonly gateway: Gateway;
  readonly simulator: Simulator;
  /** calls the gateway made upstream, oldest first, and what the simulator answered */
  readonly exchanges: Exchange[];
  /** what in those calls breaks the upstream contract */
  violations(): Promise<Violation[]>;
  /** log lines of the gateway, as JSON text */
  readonly logLines: string[];
  /** an operation over HTTP, as the demo user unless another token is given */
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string | null>): Promise<Answer>;
  /** sets a fault of the simulator by name */
  fault(fault: { name: string; operation?: string; times?: number; [option: string]: unknown }): Promise<void>;
  clearFaults(): Promise<void>;
  close(): Promise<void>;
};

export type Answer = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by path in tests
  readonly data: any;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by path in tests
  readonly errors: any[] | undefined;
  readonly headers: Headers;
};

export type TestBedOptions = {
  readonly gateway?: Partial<GatewayOptions>;
  readonly simulator?: SimulatorOptions;
};

const quickly: Omit<GatewayOptions, 'endpoints'> = {
  port: 0,
  host: '127.0.0.1',
  graphqlPath: '/graphql',
  projectId: null,
  upstreamTimeoutMs: 5000,
  pollIntervalMs: 50,
  pollIdleIntervalMs: 200,
  isIntrospectionOn: true,
  isGraphiqlOn: true,
  logLevel: 'debug',
  corsOrigins: [],
};

export async function startTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const exchanges: Exchange[] = [];
  const logLines: string[] = [];
  const simulator = await startSimulator({
    speed: 100,
    observe: (exchange) => exchanges.push(exchange),
    ...options.simulator,
  });
  const gateway = await createGateway({
    ...quickly,
    endpoints: { modelarts: simulator.url, iam: simulator.url },
    logDestination: { write: (line) => logLines.push(line) },
    ...options.gateway,
  });

  const control = async (method: string, path: string, body?: unknown): Promise<void> => {
    const response = await fetch(`${simulator.url}/_simulator/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`simulator refused ${method} ${path}: ${await response.text()}`);
  };

  return {
    gateway,
    simulator,
    exchanges,
    logLines,
    async violations() {
      const contract = await loadContract();
      return exchanges.flatMap((exchange) => contract.check(exchange));
    },
    async ask(query, variables = {}, headers = {}) {
      const sent = { 'content-type': 'application/json', 'x-auth-token': simulator.demo.token, ...headers };
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: Object.fromEntries(
          Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null),
        ),
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
      return { status: response.status, data, errors, headers: response.headers };
    },
    fault: (fault) => control('POST', 'faults', fault),
    clearFaults: () => control('DELETE', 'faults'),
    async close() {
      await gateway.close();
      await simulator.close();
    },
  };
}
