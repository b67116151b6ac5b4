import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallReport, type Client, createClient, type Session } from '../../../src/modelarts/client/client.ts';

export type Received = {
  readonly method: string;
  /** with query */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Answers one request; `turn` counts from 1. What it does not end stays open until `close`. */
export type Reply = (response: ServerResponse, received: Received, turn: number) => void;

export type ScriptedUpstream = {
  readonly url: string;
  /** in order of arrival */
  readonly received: readonly Received[];
  /** resolves when the client has closed a connection on which a request was waiting */
  readonly hungUp: Promise<void>;
  /** what the client reported of its calls, in order */
  readonly reports: readonly CallReport[];
  /** a caller of the upstream, through a client of its own */
  session(options?: SessionSetup): Session;
  /** closes the clients, not the server */
  closeClients(): Promise<void>;
  /** closes server and clients */
  close(): Promise<void>;
};

export type SessionSetup = { readonly timeoutMs?: number; readonly token?: string; readonly signal?: AbortSignal };

/** An HTTP server that answers each request as told and keeps what it was sent. */
export async function startUpstream(reply: Reply): Promise<ScriptedUpstream> {
  const received: Received[] = [];
  const reports: CallReport[] = [];
  const clients: Client[] = [];
  let markHungUp = (): void => {};
  const hungUp = new Promise<void>((resolve) => {
    markHungUp = resolve;
  });
  const server = createServer({ maxHeaderSize: 128 * 1024 }, async (request, response) => {
    response.once('close', () => {
      if (!response.writableEnded) markHungUp();
    });
    const { method = '', url = '', headers } = request;
    const turn = { method, url, headers, body: await bodyOf(request) };
    reply(response, turn, received.push(turn));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const closeClients = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
  };
  return {
    url,
    received,
    reports,
    hungUp,
    session({ timeoutMs = 5000, token = 'token-1', signal } = {}) {
      const client = createClient({
        endpoints: { modelarts: url, iam: url },
        timeoutMs,
        onCall: (report) => reports.push(report),
      });
      clients.push(client);
      return client.session({ token, requestId: 'request-1', signal });
    },
    closeClients,
    async close() {
      await closeClients();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of request) body += chunk;
  } catch {
    // a test that resets the connection cuts the body off
  }
  return body;
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export const projectId = '2a8b9c0d1e2f4a5b8c7d6e5f4a3b2c1d';
export const notebookId = '7de26f3e-ab8f-4b0f-8b3c-0c7a5b2d1e4f';
export const notebook = { id: notebookId, name: 'n', status: 'RUNNING' };

export const answerNotebook: Reply = (response) => sendJson(response, notebook);
export const badGatewayPage = '<html><body>Bad Gateway</body></html>';
export const badGateway: Reply = (response) =>
  response.writeHead(502, { 'content-type': 'text/html' }).end(badGatewayPage);

/** Milliseconds until the promise settles, either way. */
export async function settledAfterMs(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await promise.catch(() => {});
  return performance.now() - startedAt;
}
