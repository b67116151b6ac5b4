import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { freshBed, projectId } from '../../support/bed.ts';
import { startTestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { collect, sse } from '../../support/subscription.ts';

const watch = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status } }';
const watchImage = `subscription($id: ID!) {
  notebookStatusChanged(id: $id) { status notebook { image { createdAt } } }
}`;
const watchEnvironment = 'subscription($id: ID!) { devEnvInstanceStatusChanged(id: $id) { kind status } }';
const environmentId = 'DE-7d558ef8-c73d-11ea-964c-0255ac100033';

/** What one operation was told, in order: statuses, error codes, and its end. */
function follow(client: Client, query: string, id: string): string[] {
  const heard: string[] = [];
  const note = (errors: readonly { extensions?: { code?: unknown } }[]) =>
    heard.push(...errors.map(({ extensions }) => String(extensions?.code)));
  client.subscribe<Record<string, { status: string } | null>>(
    { query, variables: { id } },
    {
      next({ data, errors }) {
        if (errors !== undefined) note(errors);
        else for (const event of Object.values(data ?? {})) heard.push(event?.status ?? 'null');
      },
      error: (error) => (Array.isArray(error) ? note(error) : heard.push(`closed ${(error as CloseEvent).code}`)),
      complete: () => heard.push('complete'),
    },
  );
  return heard;
}

describe('a token that ModelArts refuses during a subscription over WebSocket', () => {
  const bed = freshBed({ gateway: { pollIntervalMs: 40, pollIdleIntervalMs: 40 } });
  let client: Client;
  let id = '';
  let closed: number[] = [];

  beforeEach(async () => {
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
    closed = [];
  });
  afterEach(async () => {
    await client.dispose();
  });

  function connect(options: Partial<ClientOptions> = {}): Client {
    client = createClient({
      url: bed.gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { 'X-Auth-Token': bed.simulator.demo.token },
      retryAttempts: 0,
      on: { closed: (event) => closed.push((event as CloseEvent).code) },
      ...options,
    });
    return client;
  }

  it('is reported to the operation, then the socket is closed with 4403', async () => {
    const heard = follow(connect(), watch, id);
    await expect.poll(() => heard).toEqual(['RUNNING']);
    await bed.fault({ name: 'unauthorised', operation: 'showNotebook' });
    await expect.poll(() => closed).toEqual([4403]);
    expect(heard).toEqual(['RUNNING', 'UNAUTHENTICATED']);
  });

  it('ends the other operations of that socket', async () => {
    const heard = follow(connect(), watch, id);
    const other = follow(client, watchEnvironment, environmentId);
    await expect.poll(() => [heard.length, other.length]).toEqual([1, 1]);
    await bed.fault({ name: 'unauthorised', operation: 'showNotebook' });
    await expect.poll(() => closed).toEqual([4403]);
    await expect.poll(() => other.slice(1)).toEqual(['closed 4403']);
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
  });

  it('closes the socket when what an event selects is refused', async () => {
    await bed.fault({ name: 'unauthorised', operation: 'showImage' });
    const heard = follow(connect(), watchImage, id);
    await expect.poll(() => closed).toEqual([4403]);
    expect(heard).toEqual(['UNAUTHENTICATED', 'closed 4403']);
  });

  it('has a client that can get a new one come back with it and go on', async () => {
    const tokens = [await bed.signIn('demo'), await bed.signIn('demo')].map(({ token }) => token);
    let asked = 0;
    connect({
      retryAttempts: 5,
      retryWait: () => Promise.resolve(),
      shouldRetry: () => true,
      connectionParams: () => {
        asked += 1;
        return { 'X-Auth-Token': tokens[asked - 1] };
      },
    });
    const heard = follow(client, watch, id);
    const other = follow(client, watchEnvironment, environmentId);
    await expect.poll(() => [heard.length, other.length]).toEqual([1, 1]);
    await bed.fault({ name: 'unauthorised', operation: 'showNotebook', times: 1 });
    await expect.poll(() => closed).toEqual([4403]);
    const again = follow(client, watch, id);
    await expect.poll(() => again).toEqual(['RUNNING']);
    // the one that was told nothing is taken up again by the client itself
    await expect.poll(() => other.length).toBe(2);
    expect(other).toEqual([other[0], other[0]]);
    expect(heard).toEqual(['RUNNING', 'UNAUTHENTICATED']);
    expect(asked).toBe(2);
    const sent = bed.exchanges.at(-1)?.request.headers['x-auth-token'];
    expect(sent).toBe(tokens[1]);
  });

  it('does not close a socket that never had a token', async () => {
    const heard = follow(connect({ connectionParams: {} }), watch, id);
    await expect.poll(() => heard).toEqual(['UNAUTHENTICATED', 'complete']);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(closed).not.toContain(4403);
  });
});

it('a token that is refused during a subscription over SSE ends the stream with the error', async () => {
  const bed = await startTestBed({ gateway: { projectId, pollIntervalMs: 40, pollIdleIntervalMs: 40 } });
  const id = await createNotebook(bed, 'watched');
  const events = collect(sse(bed, watch, { variables: { id } }));
  await expect.poll(() => bed.gateway.watchStats().listeners).toBe(1);
  await bed.fault({ name: 'unauthorised', operation: 'showNotebook' });
  expect((await events).at(-1)?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  await bed.close();
});
