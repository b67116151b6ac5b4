import { readConfig } from '../../src/config.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../src/gateway.ts';
import { builtInAccounts } from '../../src/simulator/iam/accounts.ts';
import {
  type RecordedCall,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/simulator.ts';
import { loadContract, type Violation } from './contract/contract.ts';
import { type AskedOperation, assertPathParity } from './parity/paths.ts';
import { createPlanParity } from './parity/plans.ts';

/** Everything a test needs to play both the client and the cloud: a gateway over a simulator, with all calls between them. */
export type TestBed = {
  readonly gateway: Gateway;
  readonly simulator: Simulator;
  /** calls the gateway made upstream, oldest first, and what the simulator answered */
  readonly exchanges: RecordedCall[];
  /** what in those calls breaks the upstream contract */
  violations(): Promise<Violation[]>;
  /** log lines of the gateway, as JSON text */
  readonly logLines: string[];
  /** an operation over HTTP, as the demo user unless another token is given; null leaves a header out */
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string | null>): Promise<Answer>;
  /** signs a built-in user in through the gateway: to the first project, unless another of theirs is named */
  signIn(user: string, projectName?: string): Promise<SignedIn>;
  /** sets a fault of the simulator by name */
  fault(fault: { name: string; operation?: string; times?: number; [option: string]: unknown }): Promise<void>;
  clearFaults(): Promise<void>;
  /** has IAM and ModelArts refuse a token from now on */
  revoke(token: string): Promise<void>;
  /** moves the simulator's clock */
  advance(durationMs: number): Promise<void>;
  /** puts a notebook into a state, `fail_reason` included */
  force(notebookId: string, state: { status: string; fail_reason?: string }): Promise<void>;
  close(): Promise<void>;
};

export type SignedIn = {
  readonly token: string;
  readonly projectId: string;
  /** what an operation of this user carries */
  readonly headers: { readonly 'x-auth-token': string };
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
  readonly gateway?: Partial<Omit<GatewayOptions, 'limits' | 'rates'>>;
  /** those of the settings' defaults that are to be others */
  readonly limits?: Partial<GatewayOptions['limits']>;
  /** the same of what one caller may ask for */
  readonly rates?: Partial<GatewayOptions['rates']>;
  readonly simulator?: SimulatorOptions;
};

/** Options of a gateway for tests: everything happens at once, and nothing is kept. */
export const quickly: Omit<GatewayOptions, 'endpoints' | 'limits'> = {
  // beds ask everything again when they close
  rates: { ...readConfig({}).rates, signIns: 0, addressSignIns: 0 },
  trustedProxies: 0,
  port: 0,
  host: '127.0.0.1',
  graphqlPath: '/graphql',
  projectId: null,
  upstreamTimeoutMs: 5000,
  pollIntervalMs: 50,
  pollIdleIntervalMs: 200,
  heartbeatMs: 12_000,
  resumeGraceMs: 300,
  // tests count upstream calls
  catalogTtlMs: 0,
  tokenTrustMs: 30_000,
  isFastOn: process.env.FAST !== 'off',
  areQueryPlansOn: true,
  revalidationMaxBytes: 0,
  isFastPathOn: true,
  leaseMaxHours: 24,
  isIntrospectionOn: true,
  isGraphiqlOn: true,
  areSuggestionsOn: true,
  isMetricsOn: true,
  logLevel: 'debug',
  corsOrigins: [],
};

export async function startTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const exchanges: RecordedCall[] = [];
  const logLines: string[] = [];
  const planParity = createPlanParity();
  const asked: AskedOperation[] = [];
  const simulator = await startSimulator({
    speed: 100,
    observe: (exchange) => exchanges.push(exchange),
    ...options.simulator,
  });
  const gateway = await createGateway({
    ...quickly,
    onParity: planParity.onParity,
    endpoints: { modelarts: simulator.url, iam: simulator.url },
    logDestination: { write: (line) => logLines.push(line) },
    limits: { ...readConfig({}).limits, ...options.limits },
    rates: { ...quickly.rates, ...options.rates },
    ...options.gateway,
  });

  const control = async (method: string, path: string, body?: unknown): Promise<void> => {
    const response = await fetch(`${simulator.url}/_simulator/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`simulator refused ${method} ${path}: ${await response.text()}`);
  };

  const ask: TestBed['ask'] = async (query, variables = {}, headers = {}) => {
    const sent = { 'content-type': 'application/json', 'x-auth-token': simulator.demo.token, ...headers };
    const request = {
      headers: Object.fromEntries(Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null)),
      body: JSON.stringify({ query, variables }),
    };
    asked.push(request);
    const response = await fetch(gateway.url, { method: 'POST', ...request });
    const { data, errors } = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
    return { status: response.status, data, errors, headers: response.headers };
  };

  return {
    gateway,
    simulator,
    exchanges,
    logLines,
    ask,
    async signIn(user, projectName) {
      const account = builtInAccounts.find((known) => known.user === user);
      const project = account?.projects.find(({ name }) => projectName === undefined || name === projectName);
      if (account === undefined || project === undefined) throw new Error(`no account ${user} with ${projectName}`);
      const { data } = await ask(
        'mutation($input: IssueTokenInput!) { issueToken(input: $input) { ... on IssueTokenPayload { token } } }',
        { input: { domain: account.domain.name, user, password: account.password, projectName: project.name } },
        { 'x-auth-token': null },
      );
      const token: string = data.issueToken.token;
      return { token, projectId: project.id, headers: { 'x-auth-token': token } };
    },
    async violations() {
      const contract = await loadContract();
      return exchanges.flatMap((exchange) => {
        const query = new URLSearchParams(exchange.request.query).toString();
        return contract.check({ ...exchange, request: { ...exchange.request, query } });
      });
    },
    fault: (fault) => control('POST', 'faults', fault),
    clearFaults: () => control('DELETE', 'faults'),
    revoke: (token) => control('DELETE', 'tokens', { token }),
    advance: (durationMs) => control('POST', 'clock', { advanceMs: durationMs }),
    force: (notebookId, state) => control('PATCH', `notebooks/${notebookId}`, state),
    async close() {
      // an upstream of the test's own may not answer
      if (asked.length > 0 && options.gateway?.endpoints === undefined) {
        await control('DELETE', 'faults');
        await assertPathParity(gateway.url, asked);
      }
      await gateway.close();
      await simulator.close();
      // so that the log of the whole suite is looked through
      assertNoSecrets(logLines, exchanges);
      // and every query of the suite run both ways
      planParity.assertEqual();
    },
  };
}

/** Every credential the bed has seen on its way: tokens sent and issued, passwords, notebook tokens, keys. */
function secretsOf(exchanges: readonly RecordedCall[]): ReadonlySet<string> {
  const secrets = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value === 'string' && value.length >= 8) secrets.add(value);
  };
  const named = /"(?:token|password|passcode|ssh_private_key|access_token|access_key|secret_key)":"([^"]+)"/g;
  for (const { request, response } of exchanges) {
    add(request.headers['x-auth-token']);
    add(response?.headers['x-subject-token']);
    for (const body of [request.body, response?.body ?? '']) for (const [, value] of body.matchAll(named)) add(value);
  }
  return secrets;
}

function assertNoSecrets(logLines: readonly string[], exchanges: readonly RecordedCall[]): void {
  const text = logLines.join('');
  for (const secret of secretsOf(exchanges)) {
    if (text.includes(secret)) throw new Error(`a secret stands in the log: ${secret.slice(0, 4)}...`);
  }
}
