import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { Departure } from '../modelarts/departure.ts';
import { maxHeaderBytes } from '../modelarts/transport.ts';
import type { Caller } from './context.ts';
import { credentialOf } from './credential.ts';
import type { Yoga } from './enveloped.ts';
import type { EventResponses } from './event-response.ts';
import type { Failures } from './failures.ts';
import type { Limits } from './limits.ts';
import { plainError } from './plain-error.ts';
import type { Probes } from './probes.ts';
import { answerRefused, isHost, type ReadRequest, readGraphql } from './request-body.ts';
import type { Exchange, ShortWay } from './short-way.ts';
import { readTraceHeaders } from './tracing.ts';
import { Upload } from './upload.ts';
import { streamPath } from './yoga.ts';

export type HttpOptions = {
  readonly yoga: Yoga;
  readonly failures: Failures;
  /** null: every request for GraphQL goes through Yoga's HTTP layer */
  readonly shortWay: ShortWay | null;
  readonly graphqlPath: string;
  /** null: every stream is Yoga's */
  readonly events: EventResponses | null;
  readonly probes: Probes;
  /** null: browsers get no GraphiQL */
  readonly graphiql: ((response: ServerResponse) => Promise<void>) | null;
  readonly limits: Limits;
};

/** The HTTP server: health and other probes, GraphiQL for browsers, and GraphQL on one path. */
export const createHttpServer = (options: HttpOptions): Server<typeof Upload> =>
  createServer(
    { maxHeaderSize: maxHeaderBytes, IncomingMessage: Upload, ...arrivalTimes(options.limits) },
    (request, response) => {
      const fail = (error: unknown): void => {
        const { message } = options.failures.errorOf(error);
        if (response.headersSent) response.destroy();
        else plain(response, 500, message);
      };
      attempt(() => route(options, request, response), fail);
    },
  );

function attempt(handle: () => void | Promise<void>, fail: (error: unknown) => void): void {
  try {
    handle()?.catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** Node looks at all connections this often whether a request has been arriving for too long. */
const arrivalTimes = ({ uploadMs }: Limits) => ({
  headersTimeout: uploadMs,
  requestTimeout: uploadMs,
  connectionsCheckingInterval: Math.max(100, Math.floor(uploadMs / 4)),
});

function route(options: HttpOptions, request: Upload, response: ServerResponse): void | Promise<void> {
  const { graphqlPath, probes, graphiql, limits } = options;
  const path = pathOf(request.url ?? '');
  if (!isHost(request.headers.host)) return plain(response, 400, 'The Host header names no host.');
  if (path === graphqlPath || path === streamPath(graphqlPath)) {
    if (path === graphqlPath && graphiql !== null && isPageVisit(request)) return graphiql(response);
    const caller = callerOf(request, response);
    return readGraphql(request, limits, (read) => {
      attempt(
        () => answerGraphql(options, { request, response, caller, path }, read),
        (error) => answerFailed(options.failures.resultOf(error, caller), response, caller),
      );
    });
  }
  const probe = probes.get(path);
  if (probe !== undefined) return probe(response);
  if (path === '/' && graphiql !== null) {
    response.writeHead(302, { location: graphqlPath });
    response.end();
    return;
  }
  plain(response, 404, `There is nothing here; GraphQL is at ${graphqlPath}.`);
}

type Asked = Omit<Exchange, 'body'> & { readonly path: string };

function answerGraphql(
  { yoga, shortWay, graphqlPath, events }: HttpOptions,
  { request, response, caller, path }: Asked,
  read: ReadRequest,
): void | Promise<void> {
  if (shortWay !== null && path === graphqlPath && 'body' in read && read.body !== null) {
    const answered = shortWay({ request, response, caller, body: read.body });
    if (answered !== false) return answered;
  }
  response.setHeader('x-request-id', caller.requestId);
  if ('refused' in read) return answerRefused(request, response, read.refused);
  return answerByYoga(read.body, { yoga, events: path === graphqlPath ? events : null }, { request, response, caller });
}

/** Where something goes wrong that is nobody's fault but ours, and nobody before has answered for it. */
function answerFailed(result: ExecutionResult, response: ServerResponse, { requestId }: Caller): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify({ errors: result.errors?.map(plainError) });
  response.writeHead(500, { 'content-type': 'application/json; charset=utf-8', 'x-request-id': requestId });
  response.end(body);
}

async function answerByYoga(
  body: object | null,
  { yoga, events }: Pick<HttpOptions, 'yoga' | 'events'>,
  { request, response, caller }: Omit<Exchange, 'body'>,
): Promise<void> {
  const asked = events === null ? { caller } : await events(request, response, { caller, body });
  if (asked === null) return;
  // where Yoga looks for a body that was read already
  await yoga.handle(body === null ? request : Object.assign(request, { body }), response, asked);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** A browser that wants a page; a program that asks over GET does not accept HTML. */
const isPageVisit = (request: IncomingMessage): boolean =>
  request.method === 'GET' && request.headers.accept?.includes('text/html') === true;

const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

function callerOf(request: IncomingMessage, response: ServerResponse): Caller {
  const { headers } = request;
  const left = new Departure();
  response.on('close', () => {
    if (!response.writableFinished) left.abort();
  });
  const asked = headers['x-request-id'];
  return {
    credential: credentialOf(request),
    requestId: typeof asked === 'string' && requestIdPattern.test(asked) ? asked : randomUUID(),
    signal: left,
    // one without the other says nothing
    traceHeaders: headers.traceparent === undefined ? undefined : readTraceHeaders((name) => headers[name]),
    lastEventId: text(headers['last-event-id']),
    isCostAsked: headers['x-cost'] === '1',
  };
}

const text = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
