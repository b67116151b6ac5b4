import { onTestFinished } from 'vitest';
import { type SimulatedClock, simulatedClock } from '../../src/simulator/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

/** What tests read from answers, nested items included. A field may be absent: reading it is the check. */
export type Body = {
  id: string;
  name: string;
  status: string;
  type: string;
  token: string;
  url: string;
  feature: string;
  user_id: string;
  error_code: string;
  request_id: string;
  update_at: number;
  memory: number;
  sold_out: boolean;
  total: number;
  duration: number;
  error: { code: number };
  lease: { duration: number; enable: boolean };
  action_progress: { step: number; status: string }[];
  endpoints: { uri: string }[];
  volume: object;
  data: Body[];
  flavors: Body[];
  projects: Body[];
  instances: Body[];
  total_count: number;
  spec: { auto_stop: { stop_timestamp?: number; remain_time?: number }; annotations: { url: string } };
  queuing_info: { rank: number; remain_time: number };
  faults: { name: string; times: number | null }[];
};

/** The body of issueToken, where `token` is not a string. */
export type Issued = {
  token: { project: { id: string }; expires_at: string; catalog: { endpoints: { url: string }[] }[] };
};

/** `body` is null when the answer is not JSON. */
export type Reply<T = Body> = { status: number; headers: Headers; text: string; body: T };

type CallOptions = { body?: unknown; token?: string; headers?: Record<string, string> };

export type Session = {
  readonly simulator: Simulator;
  readonly clock: SimulatedClock;
  /** Requests a path; `{p}` stands for the demo project's `/v1/{project_id}`. */
  call<T = Body>(method: string, path: string, options?: CallOptions): Promise<Reply<T>>;
  /** Creates a notebook that fits everything, with the given fields changed, and returns its id. */
  notebook(fields?: object, options?: CallOptions): Promise<string>;
  /** Lets time pass. */
  pass(durationMs: number): void;
  /** The status of a notebook. */
  status(id: string): Promise<string>;
  fault(fault: object): Promise<Reply>;
  token(user: string, project?: string, domain?: string): Promise<string>;
};

export const validNotebook = {
  name: 'notebooks_test',
  feature: 'NOTEBOOK',
  workspace_id: '0',
  description: 'api-test',
  flavor: 'modelarts.vm.cpu.2u',
  image_id: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
  volume: { category: 'efs', ownership: 'managed', capacity: 50 },
};

/** A simulator on a clock that stands still, closed after the test. */
export async function startSession(options: SimulatorOptions = {}): Promise<Session> {
  const clock = simulatedClock();
  const simulator = await startSimulator({ clock, ...options });
  onTestFinished(() => simulator.close());
  async function call<T = Body>(
    method: string,
    path: string,
    { body, token = simulator.demo.token, headers }: CallOptions = {},
  ): Promise<Reply<T>> {
    const response = await fetch(simulator.url + path.replace('{p}', `/v1/${simulator.demo.projectId}`), {
      method,
      headers: { ...(token && { 'X-Auth-Token': token }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(isJson(text) ? text : 'null') };
  }
  return {
    simulator,
    clock,
    call,
    notebook: async (fields = {}, callOptions = {}) => {
      const created = await call('POST', '{p}/notebooks', { body: { ...validNotebook, ...fields }, ...callOptions });
      if (created.status !== 200) throw new Error(`create answered ${JSON.stringify(created.body)}`);
      return created.body.id;
    },
    pass: (durationMs) => clock.advance(durationMs),
    status: async (id) => (await call('GET', `{p}/notebooks/${id}`)).body.status,
    fault: (fault) => call('POST', '/_simulator/faults', { body: fault }),
    token: async (user, project = 'eu-de', domain = 'acme') => {
      const identity = {
        methods: ['password'],
        password: { user: { name: user, password: user, domain: { name: domain } } },
      };
      const issued = await call('POST', '/v3/auth/tokens', {
        body: { auth: { identity, scope: { project: { name: project } } } },
      });
      return issued.headers.get('x-subject-token') ?? '';
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
