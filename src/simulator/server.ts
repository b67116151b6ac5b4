import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type Answer, type Call, noContent } from './call.ts';
import { type Controls, control } from './control/control.ts';
import { type Delivery, deliver, strike } from './control/fault-effects.ts';
import { type ErrorStyle, errorBody, Refusal, unknownApi } from './errors.ts';
import { handlers } from './operations.ts';
import type { RecordedCall } from './recorded-call.ts';
import type { Match } from './routes.ts';

export type ServerOptions = {
  readonly host: string;
  readonly port: number;
  /** Read once per request: a reset replaces the state. */
  readonly controls: () => Controls;
  readonly observe: (recorded: RecordedCall) => void;
};

/** Twice the 32 KiB that a token may take. */
const maxHeaderBytes = 64 * 1024;
/** The upstream's own limit of a request body. */
const maxBodyBytes = 12 * 1024 * 1024;

/** @returns the base URL, and a `close` that resolves when all sockets are gone */
export async function listen(options: ServerOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const timers = new Set<NodeJS.Timeout>();
  const later = (durationMs: number, action: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, durationMs);
    timers.add(timer);
  };
  const server = createServer({ maxHeaderSize: maxHeaderBytes, keepAliveTimeout: 65_000 }, (request, response) => {
    readText(request).then(
      (bodyText) => answer(options, later, { request, response, bodyText }),
      // The client went away while it was sending: there is nobody to answer.
      () => request.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: urlOf(options.host, server.address()),
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function urlOf(host: string, address: AddressInfo | string | null): string {
  const port = typeof address === 'object' ? address?.port : undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

type Later = (durationMs: number, action: () => void) => void;

type Incoming = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly bodyText: string };

async function answer({ controls, observe }: ServerOptions, later: Later, incoming: Incoming): Promise<void> {
  const { request, response, bodyText } = incoming;
  const method = request.method ?? 'GET';
  const [path = '/', queryText = ''] = splitOnce(request.url ?? '/', '?');
  const reached = controls();
  const requestId = headerOf(request, 'x-request-id') ?? randomUUID().replaceAll('-', '');
  if (path === '/_simulator' || path.startsWith('/_simulator/')) {
    write(response, { ...deliver(control(reached, { method, path, bodyText })) }, later);
    return;
  }
  const query = new URLSearchParams(queryText);
  const match = reached.routes.match(method, path);
  const fault = match && reached.faults.take(match.operation.operationId);
  const style = match?.style ?? 'modelarts';
  const work = (): Promise<Answer> =>
    perform(match, { style, requestId }, (params) => ({
      state: reached.state,
      params,
      query,
      bodyText,
      token: headerOf(request, 'x-auth-token'),
      header: (name) => headerOf(request, name),
      now: reached.clock.now(),
    }));
  const delivery = withRequestId(
    fault ? await strike(fault, work, { style, requestId }) : deliver(await work()),
    requestId,
  );
  observe({
    request: {
      method,
      path,
      query: Object.fromEntries(query),
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: bodyText,
    },
    response:
      delivery.kind === 'answer' ? { status: delivery.status, headers: delivery.headers, body: delivery.text } : null,
    fault: fault?.name ?? null,
    operationId: match?.operation.operationId ?? null,
  });
  if (delivery.kind === 'reset') request.socket.resetAndDestroy();
  if (delivery.kind === 'answer') write(response, delivery, later);
}

type Context = { readonly style: ErrorStyle; readonly requestId: string };

async function perform(
  match: Match | null,
  { style, requestId }: Context,
  callOf: (params: Match['params']) => Call,
): Promise<Answer> {
  try {
    const handler = match && handlers[match.operation.operationId];
    if (!handler) throw unknownApi();
    const call = callOf(match.params);
    const answer = await handler(call);
    const isEmpty = match.operation.hasEmptyAnswer && call.state.settings.emptyAnswers && answer.status === 200;
    return isEmpty ? noContent : answer;
  } catch (error) {
    const refused =
      error instanceof Refusal ? error : new Refusal(500, 'ModelArts.0010', `The simulator failed: ${String(error)}`);
    return { status: refused.status, body: errorBody(refused, style, requestId) };
  }
}

const withRequestId = (delivery: Delivery, requestId: string): Delivery =>
  delivery.kind === 'answer' ? { ...delivery, headers: { ...delivery.headers, 'X-Request-Id': requestId } } : delivery;

function write(response: ServerResponse, delivery: Extract<Delivery, { kind: 'answer' }>, later: Later): void {
  const { status, headers, text, delayMs = 0, byteIntervalMs, isStreamed = false } = delivery;
  if (delayMs > 0) {
    later(delayMs, () => write(response, { ...delivery, delayMs: 0 }, later));
    return;
  }
  if (response.destroyed) return;
  const bytes = Buffer.from(text);
  response.writeHead(
    status,
    isStreamed || status === 204 ? headers : { ...headers, 'Content-Length': String(bytes.length) },
  );
  if (isStreamed) Readable.from(slices(bytes)).pipe(response);
  else if (byteIntervalMs !== undefined) drip(response, bytes, { byteIntervalMs, later });
  else response.end(bytes);
}

function drip(
  response: ServerResponse,
  bytes: Buffer,
  { byteIntervalMs, later }: { byteIntervalMs: number; later: Later },
): void {
  if (response.destroyed) return;
  if (bytes.length === 0) {
    response.end();
    return;
  }
  response.write(bytes.subarray(0, 1));
  later(byteIntervalMs, () => drip(response, bytes.subarray(1), { byteIntervalMs, later }));
}

function* slices(bytes: Buffer): Generator<Buffer> {
  const sliceBytes = 64 * 1024;
  for (let from = 0; from < bytes.length; from += sliceBytes) yield bytes.subarray(from, from + sliceBytes);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Buffer = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBodyBytes) throw new Error('The request body is larger than 12 MB.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
