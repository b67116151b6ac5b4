import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Plugin } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/schema/core/context.ts';
import { expectNothingInternal } from '../../support/disclosure.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { createNotebookMutation, notebookInput } from '../../support/notebooks.ts';
import { first, transports, websocket } from '../../support/subscription.ts';
import { startUpstream } from '../../support/wire/scripted-upstream.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
/** Longer than a test may take: what ends in a test has not waited for this. */
const longMs = 600_000;
const anyId = '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f';
const list = '{ notebooks { nodes { name } } }';
const stop =
  'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename ... on Error { code remedy retryable } } }';
const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status notebook { name } isFinal } }';

describe('an upstream that is down', () => {
  let bed: TestBed;

  beforeAll(async () => {
    const closed = `http://127.0.0.1:${await closedPort()}`;
    bed = await startTestBed({
      gateway: { projectId, upstreamTimeoutMs: longMs, endpoints: { modelarts: closed, iam: closed } },
    });
  });
  afterAll(async () => {
    await bed.close();
  });

  const unavailable = { code: 'UPSTREAM_UNAVAILABLE', retryable: true, remedy: expect.stringMatching(/^Try again/) };

  it('makes a query UPSTREAM_UNAVAILABLE long before the deadline', async () => {
    const answer = await bed.ask(list);
    expect(answer).toMatchObject({ status: 200, errors: [{ path: ['notebooks'], extensions: unavailable }] });
    expectNothingInternal(bed, answer);
  });

  it('makes a mutation UpstreamUnavailableError, for nothing can have happened', async () => {
    for (const asked of [
      bed.ask(createNotebookMutation, { input: notebookInput('down') }),
      bed.ask(stop, { id: anyId }),
    ]) {
      const answer = await asked;
      expect(answer.errors).toBeUndefined();
      expect(Object.values(answer.data)).toMatchObject([{ __typename: 'UpstreamUnavailableError', ...unavailable }]);
      expectNothingInternal(bed, answer);
    }
  });

  it('makes signing in UpstreamUnavailableError', async () => {
    const { data } = await bed.ask(
      'mutation { issueToken(input: { domain: "a", user: "b", password: "c", projectName: "d" }) { __typename } }',
    );
    expect(data.issueToken.__typename).toBe('UpstreamUnavailableError');
  });

  it.each(transports)('is UNREACHABLE to a subscriber over %s, who is not ended', async (_, subscribe) => {
    const event = await first(subscribe(bed, watch, { variables: { id: anyId } }));
    expect(event?.data.notebookStatusChanged).toEqual({
      kind: 'UNREACHABLE',
      status: 'UNKNOWN',
      notebook: null,
      isFinal: false,
    });
  });
});

describe('a client that leaves', () => {
  it.each([
    ['a query over HTTP', list],
    ['a mutation over HTTP', 'mutation { stopNotebook(input: { id: "nb-1" }) { __typename } }'],
  ])('closes the upstream connection of %s', async (_, query) => {
    const { upstream, bed } = await startSilent();
    const leaving = new AbortController();
    const asked = fetch(bed.gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': 'token-1' },
      body: JSON.stringify({ query }),
      signal: leaving.signal,
    });
    await expect.poll(() => upstream.received.length).toBe(1);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await upstream.hungUp;
    await bed.close();
    await upstream.close();
  });

  it('closes the upstream connection of a query over WebSocket', async () => {
    const { upstream, bed } = await startSilent();
    const leaving = new AbortController();
    const asked = first(websocket(bed, list, { signal: leaving.signal }));
    await expect.poll(() => upstream.received.length).toBe(1);
    leaving.abort();
    await upstream.hungUp;
    await asked;
    await bed.close();
    await upstream.close();
  });

  async function startSilent() {
    const upstream = await startUpstream(() => {});
    const endpoints = { modelarts: upstream.url, iam: upstream.url };
    return { upstream, bed: await startTestBed({ gateway: { projectId, upstreamTimeoutMs: longMs, endpoints } }) };
  }
});

describe('an unexpected error of the gateway itself', () => {
  const message = 'nobody thought of this: /var/lib/gateway';

  /** Fails where resolvers ask for the project, so many times. */
  const failing = (times: number): Plugin => {
    let left = times;
    return {
      onContextBuilding({ context, extendContext }) {
        const { access } = context as unknown as Context;
        const failingAccess = () => {
          left -= 1;
          if (left >= 0) throw new TypeError(message);
          return access();
        };
        extendContext({ access: failingAccess } as object);
      },
    };
  };

  it('is masked for the client and logged whole', async () => {
    const bed = await startTestBed({ gateway: { projectId, plugins: [failing(1)], areQueryPlansOn: false } });
    const answer = await bed.ask(list);
    expect(answer.errors).toEqual([
      {
        message: 'The gateway failed unexpectedly.',
        path: ['notebooks'],
        locations: expect.any(Array),
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: answer.headers.get('x-request-id') },
      },
    ]);
    expect(bed.logLines.filter((line) => line.includes(message))).toHaveLength(1);
    await bed.close();
  });

  it('in a plan is logged, though graphql-js answers in its stead', async () => {
    const bed = await startTestBed({ gateway: { projectId, isFastOn: true, plugins: [failing(1)] } });
    expect((await bed.ask(list)).errors).toBeUndefined();
    expect(bed.logLines.filter((line) => line.includes(message))).toHaveLength(1);
    await bed.close();
  });

  it('met by a plan and by graphql-js after it is logged once', async () => {
    const bed = await startTestBed({ gateway: { projectId, plugins: [failing(2)] } });
    expect((await bed.ask(list)).errors).toHaveLength(1);
    expect(bed.logLines.filter((line) => line.includes(message))).toHaveLength(1);
    await bed.close();
  });
});

it('a log that cannot be written to changes no answer', async () => {
  const write = (): void => {
    throw new Error('disk full');
  };
  const bed = await startTestBed({ gateway: { projectId, logDestination: { write } } });
  await bed.fault({ name: 'unknown-enum', operation: 'listNotebooks' });
  expect((await bed.ask(list)).errors).toBeUndefined();
  expect((await bed.ask('{ nothing }')).errors).toHaveLength(1);
  await bed.close();
});

/** A port that was free a moment ago, so that nobody answers there. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
