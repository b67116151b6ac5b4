import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import WebSocket from 'ws';
import { type Attack, hold, loop, open, pause, post, type Target } from './attack.ts';

const invented = (count: number): Record<string, string> => ({ 'x-auth-token': `invented-${count}-${randomUUID()}` });

/** 2.4 MiB of answer for 1 KB of request: one long list, under many names. */
const largeAnswer = (() => {
  const fields =
    'nodes { id name description status statusRaw type typeRaw arch swrPath tag createdAt updatedAt devServices }';
  const query = `{ ${Array.from({ length: 15 }, (_, index) => `a${index}: images(first: 200) { ${fields} }`).join(' ')} }`;
  return JSON.stringify({ query });
})();

/** Selections that merge with each other, in a fragment nobody uses: a pair of them is compared for each two. */
const overlapping = (count: number): string => {
  const fields = Array.from(
    { length: 140 },
    (_, index) => `a${index % 7}: notebooks(first: 1) { nodes { name } }`,
  ).join(' ');
  return JSON.stringify({ query: `query Q${count} { __typename } fragment F on Query { ${fields} }` });
};

/** Documents that differ, large enough to cost something to plan. */
const differing = (count: number): string => {
  const fields = Array.from(
    { length: 25 },
    (_, index) => `f${count}_${index}: notebooks(first: 1) { nodes { name status } }`,
  );
  return JSON.stringify({ query: `{ ${fields.join(' ')} }` });
};

/** Pipelines requests without reading an answer. */
async function pipelineUnread(target: Target): Promise<void> {
  const request = post(largeAnswer, { 'x-auth-token': target.token }).repeat(100);
  await hold(target, 3, (socket) => {
    socket.pause();
    socket.write(request);
  });
}

async function websocketUnread(target: Target): Promise<void> {
  const sockets = Array.from({ length: 3 }, () => {
    const socket = new WebSocket(`ws://127.0.0.1:${target.port}/graphql`, 'graphql-transport-ws');
    socket.on('error', () => {});
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { 'x-auth-token': target.token } }));
      const { query } = JSON.parse(largeAnswer) as { query: string };
      for (let id = 0; id < 100; id += 1) {
        socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload: { query } }));
      }
      setTimeout(() => (socket as unknown as { _socket?: Socket })._socket?.pause(), 50);
    });
    return socket;
  });
  while (target.isOn()) await pause(100);
  for (const socket of sockets) socket.terminate();
}

/** Opens a single connection of graphql-sse, reads nothing of it, and adds operations to it. */
async function eventStreamUnread(target: Target): Promise<void> {
  const token = randomUUID();
  const stream = await open(target);
  if (stream === null) return;
  const headers = { 'x-auth-token': target.token, 'x-graphql-event-stream-token': token };
  stream.write(
    `GET /graphql/stream HTTP/1.1\r\nhost: gateway.test\r\naccept: text/event-stream\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`,
  );
  stream.pause();
  const { query } = JSON.parse(largeAnswer) as { query: string };
  await loop(target, 4, (count) =>
    post(JSON.stringify({ query, extensions: { operationId: `o${count}` } }), headers, '/graphql/stream'),
  );
  stream.destroy();
}

/** Sends bodies a byte at a time, each a chunk of its own. */
const dripChunks = (target: Target): Promise<void> =>
  hold(target, 60, (socket) => {
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const many = '1\r\n \r\n'.repeat(2000);
    let sent = 0;
    const send = (): void => {
      if (socket.destroyed || !target.isOn() || sent > 260_000) return;
      sent += 2000;
      if (socket.write(many)) setTimeout(send, 5);
      else socket.once('drain', send);
    };
    send();
  });

export const attacks: readonly Attack[] = [
  {
    name: 'operations of 240 KB whose cost differs',
    needsToken: false,
    run: (target) =>
      loop(target, 8, (count) => {
        const names = Array.from({ length: 400 }, (_, index) => `v${count}_${index}_${'x'.repeat(500)}`);
        const variables = Object.fromEntries(names.map((name) => [name, 1]));
        return post(
          JSON.stringify({
            query: 'query Q($first: Int) { notebooks(first: $first) { totalCount } }',
            variables: { first: count % 200, ...variables },
          }),
          invented(count),
        );
      }),
  },
  { name: 'bodies a byte a chunk', needsToken: false, run: dripChunks },
  { name: 'a graphql-sse stream that is not read', needsToken: true, run: eventStreamUnread },
  { name: 'pipelined requests, answers not read', needsToken: true, run: pipelineUnread },
  { name: 'a WebSocket that is not read', needsToken: true, run: websocketUnread },
  {
    name: 'different documents, each sent three times',
    needsToken: true,
    run: (target) =>
      loop(target, 2, (count) => post(differing(Math.floor(count / 3)), { 'x-auth-token': target.token })),
  },
  {
    name: 'overlapping selections',
    needsToken: false,
    run: (target) => loop(target, 4, (count) => post(overlapping(count), invented(count))),
  },
  {
    name: 'upgrades to other paths',
    needsToken: false,
    run: (target) =>
      hold(target, 500, (socket, index) => {
        socket.write(
          `GET /elsewhere${index} HTTP/1.1\r\nhost: gateway.test\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
        );
      }),
  },
  {
    name: 'streams of graphql-sse reserved and not opened',
    needsToken: false,
    run: (target) =>
      loop(
        target,
        4,
        (count) => `PUT /graphql/stream HTTP/1.1\r\nhost: gateway.test\r\nx-auth-token: invented-${count}\r\n\r\n`,
      ),
  },
  {
    name: 'sessionExpiring with an invented token',
    needsToken: false,
    run: (target) =>
      hold(target, 1000, (socket, index) => {
        socket.write(
          post(JSON.stringify({ query: 'subscription { sessionExpiring { kind } }' }), {
            accept: 'text/event-stream',
            ...invented(index),
          }),
        );
      }),
  },
  {
    name: 'three reads of 240 ids at a time, invented token',
    needsToken: false,
    run: (target) => {
      const ids = Array.from({ length: 200 }, () => `"Tm90ZWJvb2s6${Buffer.from(randomUUID()).toString('base64url')}"`);
      return loop(target, 3, () =>
        post(JSON.stringify({ query: `{ nodes(ids: [${ids.join(' ')}]) { id } }` }), { 'x-auth-token': 'invented' }),
      );
    },
  },
  {
    name: 'large lists on four connections',
    needsToken: true,
    run: (target) => loop(target, 4, () => post(largeAnswer, { 'x-auth-token': target.token })),
  },
  {
    name: 'passwords guessed',
    needsToken: false,
    run: (target) =>
      loop(target, 8, (count) =>
        post(
          JSON.stringify({
            query: `mutation { issueToken(input: { domain: "acme", user: "demo", password: "guess-${count}", projectName: "eu-de" }) { __typename } }`,
          }),
        ),
      ),
  },
  {
    name: 'a new token with each request',
    needsToken: false,
    run: (target) =>
      loop(target, 8, (count) => post('{"query":"{ notebooks(first: 1) { totalCount } }"}', invented(count))),
  },
  {
    name: 'a new connection for each request',
    needsToken: false,
    run: async (target) => {
      while (target.isOn()) {
        const sockets = await Promise.all(Array.from({ length: 50 }, () => open(target)));
        for (const socket of sockets)
          socket?.write('GET /health HTTP/1.1\r\nhost: gateway.test\r\nconnection: close\r\n\r\n');
        await pause(5);
        for (const socket of sockets) socket?.destroy();
      }
    },
  },
];
