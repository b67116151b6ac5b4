import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, startGatewayCommand } from '../processes/program.ts';

/** A gateway over the simulator, and one running notebook to watch. */
export type WatchedNotebook = {
  readonly gateway: Program;
  readonly token: string;
  readonly notebookId: string;
  /** upstream polls made since the start */
  polls(): Promise<number>;
  setStatus(status: string): Promise<void>;
  stop(): Promise<void>;
};

/** eu-de of the simulator's demo user */
export const demoProjectId = 'a4a5d4098fb4474fa22cd05f897d6b99';

async function json(
  url: string,
  init?: RequestInit,
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}

const sent = (method: string, body: object, headers: Record<string, string> = {}): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const signIn = {
  auth: {
    identity: {
      methods: ['password'],
      password: { user: { name: 'demo', password: 'demo', domain: { name: 'acme' } } },
    },
    scope: { project: { name: 'eu-de' } },
  },
};

const newNotebook = {
  name: 'watched',
  flavor: 'modelarts.vm.cpu.2u',
  image_id: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
  volume: { category: 'EFS', ownership: 'MANAGED' },
};

/** Starts simulator and gateway, which polls at one interval whether anything is in transition or not. */
export async function startWatchedNotebook(
  pollIntervalMs: number,
  core?: { readonly gateway: number; readonly simulator: number },
  /** of the gateway; left out: this one */
  checkout?: string,
): Promise<WatchedNotebook> {
  const simulator = await startGatewayCommand('simulate', { SIMULATOR_SPEED: '1000' }, { core: core?.simulator });
  const gateway = await startGatewayCommand(
    'serve',
    {
      MODELARTS_ENDPOINT: simulator.url,
      IAM_ENDPOINT: simulator.url,
      POLL_INTERVAL_MS: String(pollIntervalMs),
      POLL_IDLE_INTERVAL_MS: String(pollIntervalMs),
      MODELARTS_PROJECT_ID: demoProjectId,
    },
    { core: core?.gateway, cwd: checkout },
  );
  const { headers, body } = await json(`${simulator.url}/v3/auth/tokens?nocatalog=true`, sent('POST', signIn));
  const token = headers.get('x-subject-token') ?? '';
  const projectId = (body as { token: { project: { id: string } } }).token.project.id;
  const created = await json(
    `${simulator.url}/v1/${projectId}/notebooks`,
    sent('POST', newNotebook, { 'x-auth-token': token }),
  );
  const { id } = created.body as { id: string };
  await sleep(500);
  const health = gateway.url.replace('/graphql', '/health');
  return {
    gateway,
    token,
    notebookId: id,
    polls: async () => ((await json(health)).body as { watches: { polls: number } }).watches.polls,
    setStatus: async (status) =>
      void (await json(`${simulator.url}/_simulator/notebooks/${id}`, sent('PATCH', { status }))),
    async stop() {
      await Promise.all([gateway.stop(), simulator.stop()]);
    },
  };
}
