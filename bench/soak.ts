import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { held, probeFlags } from './processes/probe.ts';
import { type Program, startGatewayCommand } from './processes/program.ts';
import { descriptors, residentMib } from './processes/usage.ts';
import { demoProjectId } from './subscribers/watched-notebook.ts';

/**
 * Whether the gateway gives back what it takes: rounds of load (queries, mutations, subscribers over SSE and WebSocket that
 * come and go) and calm, and what the process holds at the end of each calm.
 * Run with `npm run bench:soak [minutes]` after `npm ci`; starts and stops the simulator and the gateway itself.
 */

const minutes = Number(process.argv[2] ?? 5);
const rounds = 6;
const roundMs = (minutes * 60_000) / rounds;
/** calm outlasts the idle time of keep-alive connections (5 s) and the grace of a watch (10 s) */
const calmMs = Math.max(13_000, roundMs / 3);
const loadMs = Math.max(5000, roundMs - calmMs);
const askers = 16;
const subscribers = 100;

/** Starts one of the gateway's commands, which can be asked what it holds. */
const start = (command: 'serve' | 'simulate', environment: Record<string, string>): Promise<Program> =>
  startGatewayCommand(command, { LOG_LEVEL: 'error', ...environment }, { nodeFlags: probeFlags, isAsked: true });

/** What the gateway holds after a full collection. */
const holdings = async (program: Program) => ({
  ...(await held(program)),
  residentMib: residentMib(program.pid),
  descriptors: descriptors(program.pid),
});

const agent = new Agent({ keepAlive: true, maxSockets: askers, timeout: 2000 });

/** @returns the answer's `data`; throws when there are errors */
function ask(url: string, token: string, body: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-auth-token': token };
    const asked = request(url, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('error', reject);
      response.on('end', () => {
        const answer = JSON.parse(text) as { data?: Record<string, unknown>; errors?: unknown };
        if (answer.errors !== undefined || answer.data === undefined) reject(new Error(text));
        else resolve(answer.data);
      });
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

const input = {
  flavorId: 'modelarts.vm.cpu.2u',
  imageId: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
  volume: { category: 'EFS', ownership: 'MANAGED', capacityGiB: 50 },
};
const create = `mutation($input: CreateNotebookInput!) { createNotebook(input: $input) {
  ... on CreateNotebookPayload { notebook { notebookId } } ... on Error { code message } } }`;
const drop = `mutation($id: ID!) { deleteNotebook(input: { id: $id }) { __typename ... on Error { code message } } }`;
const list = `{ notebooks(first: 50) { totalCount nodes { name status flavor { name } image { name } lease { expiresAt } } } }`;
const images = `{ images(first: 50) { nodes { name description } } }`;
const changes = `subscription { notebooksChanged { kind notebook { name status } } }`;

/** What is asked, and whether it can be answered. */
const turns: readonly (readonly [query: string, isGood: boolean])[] = [
  [list, true],
  [images, true],
  ['{ nothing }', false],
  ['{ notebook(id: "..") { name } }', false],
];

type Counts = { operations: number /** answered otherwise than they should be */; failures: number; events: number };

/** Asks one thing after the other; now and then something that fails. */
async function asks(url: string, token: string, name: string, until: number, counts: Counts): Promise<void> {
  for (let turn = 0; performance.now() < until; turn += 1) {
    const [query, isGood] = turns[turn % turns.length] ?? [list, true];
    try {
      if (turn % 10 === 0) {
        const made = await ask(url, token, {
          query: create,
          variables: { input: { ...input, name: `${name}-${turn}` } },
        });
        const id = (made.createNotebook as { notebook?: { notebookId: string } }).notebook?.notebookId;
        await sleep(100);
        if (id !== undefined) await ask(url, token, { query: drop, variables: { id } });
      }
      await ask(url, token, { query });
      if (!isGood) counts.failures += 1;
    } catch {
      if (isGood) counts.failures += 1;
    }
    counts.operations += 1;
  }
}

/** Subscribes for one to three seconds, leaves without a word, and comes again. */
async function watches(url: string, token: string, index: number, until: number, counts: Counts): Promise<void> {
  while (performance.now() < until) {
    const stayMs = Math.min(1000 + Math.random() * 2000, Math.max(0, until - performance.now()));
    const onEvent = (): void => {
      counts.events += 1;
    };
    if (index % 2 === 0) await overEventStream(url, token, { stayMs, onEvent });
    else await overWebSocket(url, token, { stayMs, onEvent });
  }
}

type Stay = { readonly stayMs: number; onEvent(): void };

async function overEventStream(url: string, token: string, { stayMs, onEvent }: Stay): Promise<void> {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', 'x-auth-token': token };
  const subscriber = request(url, { agent: false, method: 'POST', headers }, (response) => {
    response.on('data', onEvent);
    response.on('error', () => {});
  });
  subscriber.on('error', () => {});
  subscriber.end(JSON.stringify({ query: changes }));
  await sleep(stayMs);
  subscriber.destroy();
}

async function overWebSocket(url: string, token: string, { stayMs, onEvent }: Stay): Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  const say = (message: object): void => socket.send(JSON.stringify(message));
  socket.on('open', () => say({ type: 'connection_init', payload: { 'X-Auth-Token': token } }));
  socket.on('message', (message) => {
    const { type } = JSON.parse(String(message)) as { type: string };
    if (type === 'connection_ack') say({ id: '1', type: 'subscribe', payload: { query: changes } });
    if (type === 'next') onEvent();
  });
  socket.on('error', () => {});
  await sleep(stayMs);
  socket.terminate();
}

const simulator = await start('simulate', { SIMULATOR_SPEED: '1000' });
const gateway = await start('serve', {
  MODELARTS_ENDPOINT: simulator.url,
  IAM_ENDPOINT: simulator.url,
  POLL_INTERVAL_MS: '500',
  POLL_IDLE_INTERVAL_MS: '1000',
  MODELARTS_PROJECT_ID: demoProjectId,
});
try {
  const signIn = `mutation { issueToken(input: { domain: "acme", user: "demo", password: "demo", projectName: "eu-de" }) {
    ... on IssueTokenPayload { token } } }`;
  const columns = [
    'round',
    'operations',
    'failed',
    'events',
    'RSS MiB',
    'heap MiB after GC',
    'resources',
    'descriptors',
  ];
  console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`);
  for (let round = 0; round <= rounds; round += 1) {
    const counts: Counts = { operations: 0, failures: 0, events: 0 };
    if (round > 0) {
      const { issueToken } = await ask(gateway.url, 'none', { query: signIn });
      const { token } = issueToken as { token: string };
      const until = performance.now() + loadMs;
      await Promise.all([
        ...Array.from({ length: askers }, (_, index) =>
          asks(gateway.url, token, `soak-${round}-${index}`, until, counts),
        ),
        ...Array.from({ length: subscribers }, (_, index) => watches(gateway.url, token, index, until, counts)),
      ]);
      await sleep(calmMs);
    }
    const { residentMib, heapMib, resources, descriptors: open } = await holdings(gateway);
    const { operations, failures, events } = counts;
    const row = [round, operations, failures, events, residentMib.toFixed(0), heapMib.toFixed(1), resources, open];
    console.log(`| ${row.join(' | ')} |`);
  }
} finally {
  agent.destroy();
  await Promise.all([gateway.stop(), simulator.stop()]);
}
