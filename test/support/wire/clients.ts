import { createClient as createStreamClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import WebSocket from 'ws';

export type Question = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

/** What came back: the results as JSON, in their order, and the HTTP status where there is one of the operation's own. */
export type Told = { readonly status: number | null; readonly results: readonly string[] };

/** One way to ask, on connections that stay open. */
export type LastingClient = { ask(question: Question): Promise<Told>; close(): void };

export const ways = ['POST', 'GET', 'SSE', 'graphql-sse', 'WebSocket'] as const;
export type Way = (typeof ways)[number];

/**
 * Clients of a gateway by how they ask, each with one token: real ones for WebSocket (one socket for everything) and for
 * graphql-sse (one stream for everything).
 * @param url of GraphQL
 */
export function lastingClients(url: string, headers: Readonly<Record<string, string>>): Record<Way, LastingClient> {
  const json = { 'content-type': 'application/json', ...headers };

  const post: LastingClient = {
    ask: async (question) => told(await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(question) })),
    close: () => {},
  };
  const get: LastingClient = {
    async ask({ query, variables = {} }) {
      const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
      return told(await fetch(`${url}?${search}`, { headers: { accept: 'application/json', ...headers } }));
    },
    close: () => {},
  };
  const sse: LastingClient = {
    async ask(question) {
      const sent = { ...json, accept: 'text/event-stream' };
      const response = await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify(question) });
      const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('event: next'));
      return { status: response.status, results: frames.map((frame) => /^data: (.*)$/m.exec(frame)?.[1] ?? '') };
    },
    close: () => {},
  };
  return {
    POST: post,
    GET: get,
    SSE: sse,
    'graphql-sse': overStream(url, headers),
    WebSocket: overSocket(url, headers),
  };
}

async function told(response: Response): Promise<Told> {
  return { status: response.status, results: [await response.text()] };
}

function overStream(url: string, headers: Readonly<Record<string, string>>): LastingClient {
  // it writes its stream's token into the headers it is given, and would send it along with its next reservation
  const own = () => ({ ...headers });
  const client = createStreamClient({ url: `${url}/stream`, singleConnection: true, headers: own, retryAttempts: 0 });
  return { ask: (question) => collected(client, question), close: () => client.dispose() };
}

function overSocket(url: string, headers: Readonly<Record<string, string>>): LastingClient {
  const client = createSocketClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: headers,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  });
  return { ask: (question) => collected(client, question), close: () => void client.dispose() };
}

type Sink = { next(result: unknown): void; error(error: unknown): void; complete(): void };
type Subscribing = { subscribe(payload: { query: string; variables?: Record<string, unknown> }, sink: Sink): unknown };

function collected(client: Subscribing, { query, variables }: Question): Promise<Told> {
  return new Promise((resolve, reject) => {
    const results: string[] = [];
    const end = (): void => resolve({ status: null, results });
    client.subscribe(
      { query, ...(variables !== undefined && { variables }) },
      {
        next: (result) => results.push(JSON.stringify(result)),
        // errors of the operation; anything else is the end of the connection
        error: (error) => {
          if (!Array.isArray(error)) return reject(error instanceof Error ? error : new Error(closeReasonOf(error)));
          results.push(JSON.stringify({ errors: error }));
          end();
        },
        complete: end,
      },
    );
  });
}

const closeReasonOf = (event: unknown): string => {
  const { code, reason } = event as { readonly code?: number; readonly reason?: string };
  return `the connection was closed: ${code} ${reason}`;
};
