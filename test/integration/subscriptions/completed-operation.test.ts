import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import WebSocket from 'ws';
import { describeBed } from '../../support/bed.ts';
import type { TestBed } from '../../support/gateway.ts';
import { createNotebook, createNotebookMutation, notebookInput } from '../../support/notebooks.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages are read by path
type Message = any;

const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.terminate();
});

async function open(bed: TestBed) {
  const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  sockets.push(socket);
  const messages: Message[] = [];
  socket.on('message', (text) => messages.push(JSON.parse(String(text))));
  await once(socket, 'open');
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { 'x-auth-token': bed.simulator.demo.token } });
  await expect.poll(() => messages.length).toBe(1);
  const subscribe = (id: string, query: string, variables = {}): void =>
    send({ id, type: 'subscribe', payload: { query, variables } });
  return { messages, send, subscribe };
}

describeBed('an operation that its client completes over a WebSocket', { simulator: { speed: 1 } }, (bed) => {
  it('makes none of the calls that still wait for a place, and says nothing more', async () => {
    const id = await createNotebook(bed, 'looked-at');
    const { nodes } = (await bed.ask('{ notebooks { nodes { id } } }')).data.notebooks;
    const text = Buffer.from(nodes[0].id, 'base64').toString();
    const ids = Array.from({ length: 150 }, () =>
      Buffer.from(text.replace(id, crypto.randomUUID())).toString('base64'),
    );
    const shown = () => bed.exchanges.filter(({ operationId }) => operationId === 'showNotebook').length;
    await bed.fault({ name: 'slow', operation: 'showNotebook', delayMs: 300 });
    const { messages, send, subscribe } = await open(bed);
    const before = bed.exchanges.length;
    subscribe('many', 'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Notebook { name status } } }', { ids });
    await expect.poll(() => bed.exchanges.length).toBeGreaterThan(before);
    const begun = shown();
    send({ id: 'many', type: 'complete' });
    // one that comes last to the line is answered when all before it are, or have left it
    await bed.ask('query($id: ID!) { notebook(id: $id) { name } }', { id: nodes[0].id });
    // as many as may run at the same time, and this one
    expect(shown() - begun).toBeLessThan(70);
    expect(messages.filter((message) => message.id === 'many')).toEqual([]);
  });

  it('waits for nothing more', async () => {
    const { messages, send, subscribe } = await open(bed);
    const mutation = createNotebookMutation
      .replace('($input: CreateNotebookInput!)', '($input: CreateNotebookInput!, $wait: WaitInput)')
      .replace('(input: $input)', '(input: $input, waitUntil: $wait)');
    subscribe('made', mutation, { input: notebookInput('waited-for'), wait: {} });
    await expect.poll(() => bed.gateway.watchStats().listeners + messages.length, { timeout: 5000 }).toBe(2);
    expect(messages.slice(1)).toEqual([]);
    send({ id: 'made', type: 'complete' });
    // it takes 20 s to be made
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(0);
    expect(messages.slice(1)).toEqual([]);
  });

  it('can be followed by another of the same id, which is sent all of its own', async () => {
    const { messages, send, subscribe } = await open(bed);
    await bed.fault({ name: 'slow', operation: 'listNotebooks', delayMs: 200, times: 1 });
    subscribe('same', '{ notebooks { totalCount } }');
    send({ id: 'same', type: 'complete' });
    subscribe('same', '{ notebooks { nodes { name } } }');
    await expect.poll(() => messages.slice(1).map(({ type }) => type)).toEqual(['next', 'complete']);
    expect(messages[1].payload.data.notebooks.nodes).toBeDefined();
  });
});
