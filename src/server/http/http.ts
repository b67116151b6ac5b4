import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { maxHeaderBytes } from '../../modelarts/client/transport.ts';
import { LazyAbortController } from '../../runtime/abort.ts';
import type { Caller } from '../graphql/context.ts';
import type { Yoga } from '../graphql/enveloped.ts';
import type { Failures } from '../graphql/errors/failures.ts';
import { plainError } from '../graphql/errors/plain.ts';
import type { Limits } from '../graphql/limits/limits.ts';
import { streamPath } from '../graphql/yoga.ts';
import type { Lane } from '../lane.ts';
import type { ClientRates } from '../rates/client-rates.ts';
import { streamAsked, streamRefusal } from '../streams/stream-request.ts';
import { readTraceHeaders } from '../telemetry/tracing.ts';
import type { AnswerEvents, AnswerJson, OpenRequest } from './answers.ts';
import type { Cors } from './cors.ts';
import { credentialOf } from './credential.ts';
import { carryOnAfterDeclined } from './declined-upgrade.ts';
import { isForLoopback, namesHost } from './host.ts';
import type { Incoming } from './incoming.ts';
import { takesAnswers } from './media-type.ts';
import { inTurn } from './pipelining.ts';
import type { Probes } from './probes.ts';
import { explainUnreadable } from './raw-answer.ts';
import {
  answerRefused,
  createUploads,
  notAcceptable,
  type ReadOptions,
  type ReadRequest,
  readGraphql,
} from './request-body.ts';

export type HttpOptions = {
  readonly yoga: Yoga;
  readonly failures: Failures;
  /** null: Yoga's HTTP layer answers everything but subscriptions */
  readonly answerJson: AnswerJson | null;
  readonly answerEvents: AnswerEvents;
  readonly lane: Pick<Lane, 'Request' | 'readBody'>;
  readonly graphqlPath: string;
  /** null: no page of another origin is allowed anything */
  readonly cors: Cors | null;
  readonly probes: Probes;
  /** null: browsers get no GraphiQL */
  readonly graphiql: Page | null;
  readonly limits: Limits;
  readonly clientRates: Pick<ClientRates, 'request'>;
  /** proxies of the operator's own that every request comes by */
  readonly trustedProxies: number;
};

type Page = {
  answer(response: ServerResponse): Promise<void>;
  /** it holds a token, so that nobody may reach it by a name of his own */
  readonly isForLoopbackOnly: boolean;
};

/** The HTTP server: health and other probes, GraphiQL for browsers, and GraphQL on one path. */
export function createHttpServer(options: HttpOptions): Server<typeof Incoming> {
  const routing = { ...options, uploads: createUploads(options.limits) };
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      IncomingMessage: options.lane.Request,
      // refused here, with a reason
      requireHostHeader: false,
      // of two, Node would take the first and forget the other; a token or a Host that was sent twice is to be seen as such
      joinDuplicateHeaders: true,
      ...arrivalTimes(options.limits),
    },
    inTurn((request, response) => {
      const fail = (error: unknown): void => {
        const { message } = options.failures.errorOf(error);
        if (response.headersSent) response.destroy();
        else plain(request, response, { status: 500, text: message });
      };
      attempt(() => route(routing, request, response), fail);
    }),
  );
  server.on('checkExpectation', (request: Incoming, response: ServerResponse) => {
    options.cors?.share(request, response);
    plain(request, response, { status: 417, text: 'Of expectations only 100-continue is met.' });
  });
  explainUnreadable(server);
  carryOnAfterDeclined(server);
  return server;
}

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

type Routing = HttpOptions & Pick<ReadOptions, 'uploads'>;

function route(options: Routing, request: Incoming, response: ServerResponse): void | Promise<void> {
  const { graphqlPath, cors, probes, graphiql, limits, lane, clientRates, uploads } = options;
  const path = pathOf(request.url ?? '');
  cors?.share(request, response);
  if (!namesHost(request))
    return plain(request, response, { status: 400, text: 'One Host header is to name one host.' });
  if (cors?.answerPreflight(request, response) === true) return;
  if (path === graphqlPath || path === streamPath(graphqlPath)) {
    if (path === graphqlPath && isPageVisit(request)) {
      if (graphiql !== null) return answerPage(graphiql, request, response);
      if (!isAsking(request)) return plain(request, response, howToAsk(request, graphqlPath));
    }
    const caller = callerOf(request, response, options.trustedProxies);
    const refused = clientRates.request(caller.credential);
    if (refused !== null) return answerTooMany(options, { request, response, caller, path }, refused);
    return readGraphql(request, { limits, readBody: lane.readBody, uploads }, (read) => {
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
  plain(request, response, { status: 404, text: `There is nothing here; GraphQL is at ${graphqlPath}.` });
}

type RoutedRequest = Omit<OpenRequest, 'body'> & { readonly path: string };

function answerPage(page: Page, request: IncomingMessage, response: ServerResponse): void | Promise<void> {
  if (!page.isForLoopbackOnly || isForLoopback(request)) return page.answer(response);
  const text = 'GraphiQL holds a token here: it is given to localhost, 127.0.0.1 and [::1] only.';
  plain(request, response, { status: 403, text });
}

function answerGraphql(
  { yoga, answerJson, answerEvents, graphqlPath }: HttpOptions,
  { request, response, caller, path }: RoutedRequest,
  read: ReadRequest,
): void | Promise<void> {
  if (answerJson !== null && path === graphqlPath && 'body' in read && read.body !== null) {
    const answered = answerJson({ request, response, caller, body: read.body });
    if (answered !== false) return answered;
  }
  response.setHeader('x-request-id', caller.requestId);
  if ('refused' in read) return answerRefused(request, response, read.refused);
  if (path === graphqlPath && !takesAnswers(request.headers.accept)) {
    return answerRefused(request, response, notAcceptable);
  }
  if (path === graphqlPath) return answerByYoga(read.body, { yoga, answerEvents }, { request, response, caller });
  const refused = streamRefusal(request, read.body);
  if (refused !== null) return answerRefused(request, response, refused);
  return answerByYoga(streamAsked(request, read.body), { yoga, answerEvents: null }, { request, response, caller });
}

/** Answers before anything of the body is read. */
function answerTooMany(
  { failures }: Pick<HttpOptions, 'failures'>,
  { request, response, caller }: RoutedRequest,
  refused: GraphQLError,
): void {
  response.setHeader('x-request-id', caller.requestId);
  const [error] = failures.resultOf(refused, caller).errors;
  answerRefused(request, response, { status: 429, error });
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
  { yoga, answerEvents }: Pick<HttpOptions, 'yoga'> & { readonly answerEvents: AnswerEvents | null },
  { request, response, caller }: Omit<OpenRequest, 'body'>,
): Promise<void> {
  const asked = answerEvents === null ? { caller } : await answerEvents(request, response, { caller, body });
  if (asked === null) return;
  if (body !== null) {
    // where Yoga looks for a body that was read already; it knows fewer ways to write the type than are taken
    Object.assign(request, { body });
    request.headers['content-type'] = 'application/json';
  }
  await yoga.handle(request, response, asked);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** A browser that wants a page; a program that asks over GET does not accept HTML. */
const isPageVisit = (request: IncomingMessage): boolean =>
  request.method === 'GET' && request.headers.accept?.includes('text/html') === true;

/** Whether a visit asks something: what is asked is answered, also where a person reads it. */
const isAsking = ({ url = '' }: IncomingMessage): boolean => {
  const start = url.indexOf('?');
  return start >= 0 && new URLSearchParams(url.slice(start)).has('query');
};

/** For a person whose browser shows the path, where GraphiQL is off. */
const howToAsk = ({ headers }: IncomingMessage, path: string): Plain => ({
  status: takesAnswers(headers.accept) ? 400 : 406,
  text: [
    'GraphQL is here, for programs: this server has no page to show.',
    '',
    `POST ${path}`,
    'Content-Type: application/json',
    'X-Auth-Token: <a token>',
    '',
    '{"query": "{ notebooks { nodes { name status } } }"}',
  ].join('\n'),
});

const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** The one the caller gave, or a new one. */
function requestIdOf({ headers }: IncomingMessage): string {
  const asked = headers['x-request-id'];
  return typeof asked === 'string' && requestIdPattern.test(asked) ? asked : randomUUID();
}

function callerOf(request: IncomingMessage, response: ServerResponse, trustedProxies: number): Caller {
  const { headers } = request;
  const controller = new LazyAbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return {
    credential: credentialOf(request, trustedProxies),
    requestId: requestIdOf(request),
    signal: controller,
    // one without the other says nothing
    traceHeaders: headers.traceparent === undefined ? undefined : readTraceHeaders((name) => headers[name]),
    lastEventId: text(headers['last-event-id']),
    clientName: text(headers['graphql-client-name'] ?? headers['apollographql-client-name']),
    isCostAsked: headers['x-cost'] === '1',
  };
}

const text = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;

type Plain = { readonly status: number; readonly text: string };

function plain(request: IncomingMessage, response: ServerResponse, { status, text }: Plain): void {
  response.writeHead(status, {
    'x-request-id': requestIdOf(request),
    'content-type': 'text/plain; charset=utf-8',
  });
  response.end(`${text}\n`);
}
