import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { notebookInput } from '../../support/notebooks.ts';
import { builtSource } from '../../support/process/built-source.ts';
import { lastingClients, type Way, ways } from '../../support/wire/clients.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
let built: string;

beforeAll(async () => {
  built = await builtSource();
}, 60_000);

/** The program that runs, before a simulator of its own. */
type Program = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  /** lets the operation of ModelArts take that long */
  slow(operation: string, delayMs: number): Promise<unknown>;
  ask(query: string, variables?: object): Promise<Result>;
  isReady(): Promise<boolean>;
  /** Sends the signal; gives the exit code, which is 1 if the process had not ended by itself in 9.5 s, and how long it took. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; durationMs: number }>;
};

type Result = { data?: Record<string, Record<string, unknown>>; errors?: unknown };

/** What runs is waited for up to 5 s; who waits for nothing is done in a tenth of this, and a short notice. */
const unwaitedMs = 4500;
const shortMs = 50;
const longestNoticeMs = 3000;

const withProgram =
  (test: (program: Program) => Promise<void>, noticeMs = 500) =>
  async () => {
    const simulator = await startSimulator({ speed: 100 });
    const { token } = simulator.demo;
    const child = spawn(process.execPath, ['--preserve-symlinks-main', join(built, 'cli.js')], {
      env: {
        PORT: '0',
        LOG_LEVEL: 'error',
        SHUTDOWN_NOTICE_MS: String(noticeMs),
        MODELARTS_ENDPOINT: simulator.url,
        IAM_ENDPOINT: simulator.url,
        MODELARTS_PROJECT_ID: projectId,
        POLL_INTERVAL_MS: '50',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const url = await addressOf(child);
      await test({
        child,
        url,
        token,
        slow: (operation, delayMs) =>
          fetch(`${simulator.url}/_simulator/faults`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name: 'slow', operation, delayMs }),
          }),
        async ask(query, variables = {}) {
          const response = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-auth-token': token },
            body: JSON.stringify({ query, variables }),
          });
          return (await response.json()) as Result;
        },
        isReady: async () => (await fetch(new URL('/ready', url))).status === 200,
        async end(signal) {
          const startedAt = performance.now();
          const exited = once(child, 'exit');
          child.kill(signal);
          const [code] = (await exited) as [number | null];
          return { code, durationMs: performance.now() - startedAt };
        },
      });
    } finally {
      child.kill('SIGKILL');
      await simulator.close();
    }
  };

async function addressOf(child: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += chunk;
    const found = /GraphiQL: (http\S+)/.exec(printed)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`the gateway did not start: ${printed}`);
}

const list = '{ notebooks { totalCount } }';
const create = `mutation($input: CreateNotebookInput!) {
  createNotebook(input: $input) { __typename ... on Error { message } }
}`;

/** A WebSocket with the handshake behind it; what it was told, and how it was closed. */
async function openSocket({ url, token }: Program) {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  socket.on('message', (text) => messages.push(JSON.parse(String(text))));
  await once(socket, 'open');
  const say = (message: unknown) => socket.send(JSON.stringify(message));
  say({ type: 'connection_init', payload: { 'X-Auth-Token': token } });
  await vi.waitUntil(() => messages.at(-1)?.type === 'connection_ack', { timeout: 15_000 });
  return { say, messages, closed: once(socket, 'close').then(([code]) => code as number) };
}

// nearly all of their time is waiting
describe.concurrent('SIGTERM under load', () => {
  it(
    'loses no operation, and ends with 0',
    withProgram(async ({ slow, ask, isReady, end }) => {
      await slow('listNotebooks', 150);
      await slow('createNotebook', 2000);
      let isUp = true;
      const results: { data?: unknown; errors?: unknown }[] = [];
      /** a client behind a load balancer, which sends on as long as /ready says yes */
      const client = async (): Promise<void> => {
        while (isUp) results.push(await ask(list).catch((error: unknown) => ({ errors: String(error) })));
      };
      const watcher = async (): Promise<void> => {
        while (isUp) {
          isUp = await isReady().catch(() => false);
          await sleep(20);
        }
      };
      const load = Promise.all([...Array.from({ length: 20 }, client), watcher()]);
      await vi.waitUntil(() => results.length > 40, { timeout: 15_000 });
      const writes = ['one', 'two', 'three'].map((name) => ask(create, { input: notebookInput(name) }));
      await sleep(200);
      const ending = end('SIGTERM');
      await load;
      expect(results.filter(({ data }) => data === undefined || data === null)).toEqual([]);
      const written = await Promise.all(writes);
      expect(written.map(({ data }) => data?.createNotebook)).toEqual(
        Array(3).fill({ __typename: 'CreateNotebookPayload' }),
      );
      expect((await ending).code).toBe(0);
    }),
  );

  it(
    'finishes what runs over WebSocket, then closes with 1001',
    withProgram(async (program) => {
      const { slow, end } = program;
      await slow('listNotebooks', 1500);
      const { say, messages, closed } = await openSocket(program);
      say({ id: '1', type: 'subscribe', payload: { query: list } });
      await sleep(100);
      const ending = end('SIGTERM');
      expect(await closed).toBe(1001);
      expect(messages.slice(-2)).toMatchObject([
        { id: '1', type: 'next', payload: { data: { notebooks: { totalCount: 0 } } } },
        { id: '1', type: 'complete' },
      ]);
      expect((await ending).code).toBe(0);
    }),
  );

  it(
    'ends event streams in the middle, so that clients come back, and says why',
    withProgram(async ({ end, url, token }) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-auth-token': token },
        body: JSON.stringify({ query: 'subscription { notebooksChanged { kind } }' }),
      });
      let text = '';
      const cut = (async () => {
        for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
      })();
      await vi.waitUntil(() => text.includes('SNAPSHOT'), { timeout: 15_000 });
      const ending = end('SIGTERM');
      await expect(cut).rejects.toThrow();
      expect(text).toMatch(/: the gateway is shutting down/);
      expect(text).not.toContain('event: complete');
      expect((await ending).code).toBe(0);
    }),
  );

  it(
    'does not wait for ever for an operation that hangs',
    withProgram(async ({ slow, ask, end }) => {
      await slow('listNotebooks', 20_000);
      const asked = ask(list).catch((error: unknown) => error);
      await sleep(200);
      expect((await end('SIGTERM')).code).toBe(0);
      await asked;
    }),
  );
});

describe('a signal to end', () => {
  it(
    'ends the process at once when it is the second',
    withProgram(async ({ slow, ask, isReady, end, child }) => {
      await slow('listNotebooks', 9000);
      const asked = ask(list).catch((error: unknown) => error);
      await sleep(200);
      child.kill('SIGTERM');
      await vi.waitUntil(async () => !(await isReady()), { timeout: 15_000 });
      const { code, durationMs } = await end('SIGTERM');
      expect(code).toBe(1);
      expect(durationMs).toBeLessThan(unwaitedMs);
      await asked;
    }, shortMs),
  );

  it(
    'waits for none of a thousand answered requests for what is not there, over every transport',
    withProgram(async ({ end, url, token }) => {
      const clients = lastingClients(url, { 'x-auth-token': token });
      const query = '{ notebook(id: "00000000-0000-4000-8000-00000000000f") { status } }';
      for (let count = 0; count < 1000; count += 20) {
        await Promise.all(Array.from({ length: 20 }, (_, at) => clients[ways[at % ways.length] as Way].ask({ query })));
      }
      for (const client of Object.values(clients)) client.close();
      const { code, durationMs } = await end('SIGTERM');
      expect(code).toBe(0);
      expect(durationMs).toBeLessThan(unwaitedMs);
    }, shortMs),
  );

  it(
    'does not wait for connections on which nothing was asked',
    withProgram(async ({ end, url }) => {
      const sockets = [
        connect(Number(new URL(url).port), '127.0.0.1'),
        connect(Number(new URL(url).port), '127.0.0.1'),
      ];
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
      const { code, durationMs } = await end('SIGTERM');
      expect(code).toBe(0);
      expect(durationMs).toBeLessThan(unwaitedMs);
      await closed;
    }, shortMs),
  );

  it(
    'gives no notice when it comes of Ctrl-C',
    withProgram(async ({ end }) => {
      const { code, durationMs } = await end('SIGINT');
      expect(code).toBe(0);
      expect(durationMs).toBeLessThan(longestNoticeMs - 500);
    }, longestNoticeMs),
  );
});
