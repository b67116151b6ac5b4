import { createClient as createWebSocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { TestBed } from './gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: events are read by path in tests
export type Event = { data?: any; errors?: any[] };

export type SubscriptionOptions = {
  /** the demo user's when left out; null: none */
  readonly token?: string | null;
  readonly variables?: Record<string, unknown>;
  /** closes the connection, also while no event comes; the events end then */
  readonly signal?: AbortSignal;
};

const tokenFor = (bed: TestBed, { token }: SubscriptionOptions): string | null =>
  token === undefined ? bed.simulator.demo.token : token;

/** Events of a subscription over server-sent events (distinct connections); ends when the server completes it. */
export async function* sse(bed: TestBed, query: string, options: SubscriptionOptions = {}): AsyncGenerator<Event> {
  const token = tokenFor(bed, options);
  const { variables = {}, signal } = options;
  try {
    const response = await fetch(bed.gateway.url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        ...(token !== null && { 'x-auth-token': token }),
      },
      body: JSON.stringify({ query, variables }),
      ...(signal && { signal }),
    });
    if (response.body === null) throw new Error('no event stream');
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const frame = text.slice(0, end).trim();
        text = text.slice(end + 2);
        if (frame.startsWith('event: complete')) return;
        const data = frame.split('\n').find((line) => line.startsWith('data: '));
        if (frame.startsWith('event: next') && data !== undefined)
          yield JSON.parse(data.slice('data: '.length)) as Event;
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    return;
  }
  throw new Error('the event stream ended without being completed');
}

/** Events of an operation over graphql-transport-ws; ends when the server completes it. An error message is an event, the last. */
export async function* websocket(
  bed: TestBed,
  query: string,
  options: SubscriptionOptions & { readonly connectionParams?: Record<string, unknown> } = {},
): AsyncGenerator<Event> {
  const token = tokenFor(bed, options);
  const { variables = {}, signal } = options;
  const client = createWebSocketClient({
    url: bed.gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: options.connectionParams ?? (token === null ? {} : { 'X-Auth-Token': token }),
    retryAttempts: 0,
  });
  signal?.addEventListener('abort', () => client.dispose());
  try {
    for await (const event of client.iterate({ query, variables })) yield event as Event;
  } catch (error) {
    if (!Array.isArray(error)) throw error;
    yield { errors: error };
  } finally {
    await client.dispose();
  }
}

/** Both transports, for behaviours they share. */
export const transports = [
  ['server-sent events', sse],
  ['WebSocket', websocket],
] as const;

export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The first event; leaves then. */
export async function first<T>(events: AsyncIterable<T>): Promise<T | undefined> {
  for await (const event of events) return event;
  return undefined;
}
