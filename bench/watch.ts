import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What subscribers cost: any number of SSE subscribers of one token over one poll of 1 s.
 * Run with `npm run bench:watch [subscribers ...]` after `npm ci`; starts and stops the simulator and the gateway itself.
 */

const pollIntervalMs = 1000;
const rounds = 10;
const crowds = process.argv.slice(2).map(Number);
const sizes = crowds.length > 0 ? crowds : [10, 100, 500, 1000, 2000, 5000];

type Program = { readonly child: ChildProcess; readonly url: string };

/** Starts one of the gateway's commands and waits for the address it prints. */
function start(command: string, address: RegExp, environment: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, ['dist/cli.js', command], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'silent', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const url = address.exec(printed)?.[1];
      if (url !== undefined) resolve({ child, url });
    });
  });
}

const ticksPerSecond = 100;

/** CPU seconds and resident MiB of a process, as Linux counts them. */
function usage(pid: number): { cpuSeconds: number; residentMib: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMib: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
  };
}

async function json(
  url: string,
  init?: RequestInit,
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}

type Crowd = { readonly arrivals: number[]; close(): void };

/** Subscribes `size` times to one notebook; `arrivals` gets the time of each event that names the awaited status. */
async function gather(gatewayUrl: string, token: string, notebookId: string, size: number): Promise<Crowd> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const body = JSON.stringify({
    query: 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status statusRaw observedAt } }',
    variables: { id: notebookId },
  });
  const arrivals: number[] = [];
  const sockets: { destroy(): void }[] = [];
  let greeted = 0;
  let isOver = false;
  const join = (): void => {
    const subscriber = request(gatewayUrl, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-auth-token': token },
    });
    let isAnswered = false;
    subscriber.on('response', (response) => {
      isAnswered = true;
      response.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        if (text.includes('SNAPSHOT')) greeted += 1;
        if (text.includes('MODIFIED')) arrivals.push(performance.now());
      });
      response.on('error', () => {});
    });
    subscriber.on('error', () => {
      // a crowd of this size overruns the queue of new connections now and then: come again, as any client would
      if (!isOver && !isAnswered) setTimeout(join, 100);
    });
    subscriber.end(body);
    sockets.push(subscriber);
  };
  for (let joined = 0; joined < size; joined += 1) {
    join();
    if (joined % 100 === 99) await sleep(50);
  }
  for (let waits = 0; greeted < size; waits += 1) {
    if (waits > 600) throw new Error(`only ${greeted} of ${size} subscribers were greeted`);
    await sleep(100);
  }
  return {
    arrivals,
    close: () => {
      isOver = true;
      for (const socket of sockets) socket.destroy();
      agent.destroy();
    },
  };
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

type Row = { readonly [column: string]: string | number };

async function measure(size: number): Promise<Row> {
  const simulator = await start('simulate', /simulator: (http\S+)/, { SIMULATOR_SPEED: '1000' });
  const gateway = await start('serve', /GraphiQL: (http\S+)/, {
    MODELARTS_ENDPOINT: simulator.url,
    IAM_ENDPOINT: simulator.url,
    POLL_INTERVAL_MS: String(pollIntervalMs),
    POLL_IDLE_INTERVAL_MS: String(pollIntervalMs),
    // eu-de of the simulator's demo user
    MODELARTS_PROJECT_ID: 'a4a5d4098fb4474fa22cd05f897d6b99',
  });
  const pid = gateway.child.pid ?? 0;
  try {
    const { headers, body } = await json(`${simulator.url}/v3/auth/tokens?nocatalog=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: 'demo', password: 'demo', domain: { name: 'acme' } } },
          },
          scope: { project: { name: 'eu-de' } },
        },
      }),
    });
    const token = headers.get('x-subject-token') ?? '';
    const projectId = (body as { token: { project: { id: string } } }).token.project.id;
    const created = await json(`${simulator.url}/v1/${projectId}/notebooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: JSON.stringify({
        name: 'watched',
        flavor: 'modelarts.vm.cpu.2u',
        image_id: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
        volume: { category: 'EFS', ownership: 'MANAGED' },
      }),
    });
    const { id } = created.body as { id: string };
    await sleep(500);
    const health = gateway.url.replace('/graphql', '/health');
    const polls = async (): Promise<number> =>
      ((await json(health)).body as { watches: { polls: number } }).watches.polls;
    const empty = usage(pid);
    const crowd = await gather(gateway.url, token, id, size);

    const quietBefore = usage(pid);
    const pollsBefore = await polls();
    const quietMs = 10_000;
    await sleep(quietMs);
    const quiet = usage(pid);
    const pollsQuiet = (await polls()) - pollsBefore;

    const latencies: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await sleep(200 + Math.random() * pollIntervalMs);
      crowd.arrivals.length = 0;
      const changedAt = performance.now();
      await json(`${simulator.url}/_simulator/notebooks/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ status: round % 2 === 0 ? 'STOPPED' : 'RUNNING' }),
      });
      for (let waits = 0; crowd.arrivals.length < size && waits < 300; waits += 1) await sleep(20);
      if (crowd.arrivals.length !== size) throw new Error(`${crowd.arrivals.length} events for ${size} subscribers`);
      latencies.push(...crowd.arrivals.map((arrivedAt) => arrivedAt - changedAt));
    }
    crowd.close();
    latencies.sort((a, b) => a - b);
    return {
      subscribers: size,
      'upstream calls/min': Math.round((pollsQuiet * 60_000) / quietMs),
      'KiB/subscriber': Math.round(((quiet.residentMib - empty.residentMib) * 1024) / size),
      'quiet CPU %': Number((((quiet.cpuSeconds - quietBefore.cpuSeconds) * 100_000) / quietMs).toFixed(1)),
      'latency p50 ms': Math.round(percentile(latencies, 0.5)),
      'latency p99 ms': Math.round(percentile(latencies, 0.99)),
    };
  } finally {
    gateway.child.removeAllListeners('exit').kill();
    simulator.child.removeAllListeners('exit').kill();
  }
}

for (const [index, size] of sizes.entries()) {
  const row = await measure(size);
  const columns = Object.keys(row);
  if (index === 0) console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`);
  console.log(`| ${Object.values(row).join(' | ')} |`);
}
