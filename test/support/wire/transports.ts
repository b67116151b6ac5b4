import { once } from 'node:events';
import WebSocket from 'ws';
import type { TestBed } from '../gateway.ts';

export type Result = {
  readonly data?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read by path in tests
  readonly errors?: any[];
  readonly extensions?: Record<string, unknown>;
};

/** One operation as its transport carries it, and the first answer; anything else is sent as it is, to see it refused. */
export type Ask = (bed: TestBed, payload: unknown, headers?: Record<string, string>) => Promise<Result>;

const token = (bed: TestBed) => ({ 'x-auth-token': bed.simulator.demo.token });

export const overPost: Ask = async (bed, payload, headers = {}) => {
  const response = await fetch(bed.gateway.url, {
    method: 'POST',
    headers: { ...token(bed), 'content-type': 'application/json', ...headers },
    body: JSON.stringify(payload),
  });
  return (await response.json()) as Result;
};

const get: Ask = async (bed, payload, headers = {}) => {
  const entries = Object.entries(payload as Record<string, unknown>);
  const query = new URLSearchParams(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  const response = await fetch(`${bed.gateway.url}?${query}`, {
    headers: { ...token(bed), accept: 'application/json', ...headers },
  });
  return (await response.json()) as Result;
};

/** The first event of a stream, or the JSON that was answered instead. */
const streamAt =
  (path: string): Ask =>
  async (bed, payload, headers = {}) => {
    const response = await fetch(bed.gateway.url + path, {
      method: 'POST',
      headers: { ...token(bed), accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(payload),
    });
    const text = await response.text();
    const data = text.split('\n').find((line) => /^data: ./.test(line));
    return JSON.parse(data?.slice('data: '.length) ?? text) as Result;
  };

export const overWebSocket: Ask = async (bed, payload, headers = {}) => {
  const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  return new Promise<Result>((resolve) => {
    socket.on('close', (code, reason) => resolve({ errors: [{ message: String(reason), extensions: { code } }] }));
    socket.on('message', (text) => {
      const message = JSON.parse(String(text));
      if (message.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      if (message.type === 'next') resolve(message.payload);
      if (message.type === 'error') resolve({ errors: message.payload });
      if (message.type !== 'connection_ack') socket.close();
    });
    socket.send(JSON.stringify({ type: 'connection_init', payload: { ...token(bed), ...headers } }));
  });
};

export const overSse: Ask = streamAt('');

export const transportsOf: readonly (readonly [string, Ask])[] = [
  ['POST', overPost],
  ['SSE', overSse],
  ['graphql-sse', streamAt('/stream')],
  ['WebSocket', overWebSocket],
];

/** The one that cannot send arrays. */
export const overGet: readonly [string, Ask] = ['GET', get];

/** Whether every error says to programs what it is and which request it belongs to; a socket that was closed says it by its number. */
export const areErrorsComplete = ({ errors = [] }: Result): boolean =>
  errors.every(
    ({ extensions }) =>
      typeof extensions?.code === 'number' ||
      (/^[A-Z_]+$/.test(extensions?.code) && typeof extensions.requestId === 'string' && extensions.requestId !== ''),
  );

/** What the first error says to a program. */
export const refusalOf = ({ errors }: Result): Record<string, unknown> => errors?.[0]?.extensions ?? {};
