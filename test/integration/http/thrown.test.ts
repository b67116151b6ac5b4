import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { quickly, startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { type LastingClient, lastingClients, type Told, type Way, ways } from '../../support/wire/clients.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const purpose = 'thrown on purpose';

/** Where something is thrown; null: nowhere. */
let armed: string | null = null;
const throwAt = (stage: string): void => {
  if (armed === stage) throw new TypeError(purpose);
};
const unwritable = { value: 1n };

/** Throws at the stage that is armed. */
const throwing: Plugin = {
  onParse() {
    throwAt('before parse');
    return () => throwAt('after parse');
  },
  onValidate() {
    throwAt('before validate');
    return () => throwAt('after validate');
  },
  onContextBuilding({ extendContext }) {
    throwAt('context');
    if (armed === 'context, later') return Promise.reject(new TypeError(purpose));
    const access = () => {
      throw new TypeError(purpose);
    };
    if (armed === 'a resolver') extendContext({ access } as object);
    return () => throwAt('after context');
  },
  onExecute({ setExecuteFn, executeFn }) {
    throwAt('before execute');
    setExecuteFn((args) => {
      throwAt('execute');
      return executeFn(args);
    });
    return {
      onExecuteDone({ result, setResult }) {
        throwAt('after execute');
        if (armed === 'writing') setResult({ ...result, extensions: unwritable });
      },
    };
  },
  onSubscribe({ setSubscribeFn, subscribeFn }) {
    throwAt('before subscribe');
    setSubscribeFn((args) => {
      throwAt('subscribe');
      return subscribeFn(args);
    });
    return {
      onSubscribeResult() {
        throwAt('after subscribe');
        return {
          onNext({ result, setResult }) {
            throwAt('an event');
            if (armed === 'writing') setResult({ ...result, extensions: unwritable });
          },
        };
      },
    };
  },
};

const early = ['before parse', 'after parse', 'before validate', 'after validate'];
const building = ['context', 'context, later', 'after context'];
const running = ['before execute', 'execute', 'after execute', 'a resolver', 'writing'];
const watching = ['before subscribe', 'subscribe', 'after subscribe', 'an event', 'writing'];

describe('what is thrown', () => {
  let bed: TestBed;
  let id: string;
  let clients: Record<Way, LastingClient>;
  let isLogBroken = false;

  beforeAll(async () => {
    bed = await startTestBed({
      gateway: {
        projectId,
        revalidationMaxBytes: 1 << 20,
        onParity: undefined,
        plugins: [throwing],
        logDestination: {
          write(line) {
            if (isLogBroken) throw new Error('EPIPE');
            log.push(line);
          },
        },
      },
    });
    id = await createNotebook(bed, 'thrown');
    await bed.advance(60_000);
    clients = lastingClients(bed.gateway.url, { 'x-auth-token': bed.simulator.demo.token });
  });
  afterAll(async () => {
    for (const client of Object.values(clients)) client.close();
    await bed.close();
  });
  afterEach(() => {
    armed = null;
    isLogBroken = false;
    vi.restoreAllMocks();
  });

  const log: string[] = [];
  let count = 0;
  const fresh = (): string => `query Thrown { a${++count}: notebook(id: "${id}") { name } }`;
  const subscription = 'subscription Thrown($id: ID!) { notebookStatusChanged(id: $id, until: [RUNNING]) { status } }';

  const loggedErrors = (): string[] => log.filter((line) => line.includes('"level":50'));
  const operationLines = (): string[] => log.filter((line) => /"msg":"(operation|subscription ended)"/.test(line));
  async function runningOf(kind: string): Promise<string | undefined> {
    const text = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
    return new RegExp(`operations_running\\{kind="${kind}"\\} (\\d+)`).exec(text)?.[1];
  }

  /** Asks while the stage throws, and checks all that must hold of it. */
  async function failing(way: Way, stage: string, ask: () => Promise<Told>): Promise<void> {
    const before = { errors: loggedErrors().length, lines: operationLines().length };
    armed = stage;
    const { status, results } = await ask();
    armed = null;
    const last = JSON.parse(results.at(-1) ?? '{}');
    expect(last.errors).toMatchObject([
      { message: 'The gateway failed unexpectedly.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(results.join()).not.toMatch(/thrown on purpose|TypeError|node_modules|"http"/);
    if (way === 'POST' || way === 'GET' || way === 'SSE') expect(status).toBe(200);
    expect(loggedErrors().slice(before.errors)).toMatchObject([
      expect.stringMatching(stage === 'writing' ? /BigInt/ : /thrown on purpose/),
    ]);
    // those of `ask` before the stage was armed end as well
    await expect.poll(() => operationLines().length - before.lines).toBe(1);
    for (const kind of ['query', 'subscription']) expect((await runningOf(kind)) ?? '0').toBe('0');
  }

  describe.each(ways)('while a query is asked over %s', (way) => {
    it.each([...early, ...building, ...running])('at %s is one masked error, logged once', async (stage) => {
      const query = fresh();
      await failing(way, stage, () => clients[way].ask({ query }));
      const { results } = await clients[way].ask({ query });
      expect(results[0]).toContain('"name":"thrown"');
    });

    it.each([...building, ...running])('at %s is one masked error when the query was asked before', async (stage) => {
      const query = fresh();
      // it is planned the 17th time, and an answer that is kept asks no resolver
      const times = stage === 'a resolver' ? 16 : 20;
      for (let time = 0; time < times; time++) await clients[way].ask({ query });
      await failing(way, stage, () => clients[way].ask({ query }));
      const { results } = await clients[way].ask({ query });
      expect(results[0]).toContain('"name":"thrown"');
    });

    it('while an answer is kept changes no answer, and is logged', async () => {
      const query = fresh();
      const original = LRUCache.prototype.set;
      vi.spyOn(LRUCache.prototype, 'set').mockImplementation(function (this: unknown, ...args) {
        const [, entry] = args as [unknown, { readonly value?: unknown } | undefined];
        const value = entry?.value;
        if (typeof value === 'object' && value !== null && 'reads' in value) throw new TypeError(purpose);
        return Reflect.apply(original, this, args);
      });
      const before = loggedErrors().length;
      for (let time = 0; time < 20; time++) {
        expect((await clients[way].ask({ query })).results[0]).toContain('"name":"thrown"');
      }
      // without the fast lane nothing is kept
      if (quickly.isFastOn) expect(loggedErrors().slice(before).join()).toContain(purpose);
    });

    it('while a line is logged changes no answer', async () => {
      isLogBroken = true;
      for (const query of ['{ nothing }', fresh()]) {
        expect((await clients[way].ask({ query })).results[0]).toMatch(/"name":"thrown"|Cannot query field/);
      }
      expect(await runningOf('query')).toBe('0');
    });
  });

  describe.each(['SSE', 'graphql-sse', 'WebSocket'] as const)('while a subscription runs over %s', (way) => {
    it.each([...early, ...building, ...watching])('at %s is one masked error, and ends it', async (stage) => {
      const query = `${subscription} # ${++count}`;
      await failing(way, stage, () => clients[way].ask({ query, variables: { id } }));
      const { results } = await clients[way].ask({ query, variables: { id } });
      expect(results.at(-1)).toContain('RUNNING');
      await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
    });
  });

  it.each(['before parse', 'context', 'execute', 'writing'])('at %s has the id of its request', async (stage) => {
    armed = stage;
    for (const accept of ['application/json', 'application/json;q=1', 'application/graphql-response+json']) {
      const response = await fetch(bed.gateway.url, {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json', 'x-request-id': 'asked-for' },
        body: JSON.stringify({ query: fresh() }),
      });
      expect(response.headers.get('x-request-id')).toBe('asked-for');
      expect(response.status).toBe(accept.includes('graphql-response') ? 500 : 200);
      expect(await response.text()).toContain('INTERNAL_SERVER_ERROR');
    }
  });
});
