import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Plugin } from 'graphql-yoga';
import type { DestinationStream } from 'pino';
import { auditToFile, auditToStandardOutput } from './audit/output.ts';
import type { Config } from './config.ts';
import { createClient, type Refusal } from './modelarts/client/client.ts';
import { isOpenCircuit } from './modelarts/client/guard/upstream-guard.ts';
import { checkUpstream, checkUpstreamId } from './modelarts/client/reachability.ts';
import { errorOf } from './modelarts/wire/error-body.ts';
import { ForbiddenError, ModelArtsError, UnauthenticatedError } from './modelarts/wire/errors.ts';
import { changeBy } from './schema/events/watched-kinds.ts';
import { type FastLaneOptions, fastLane } from './server/fast/index.ts';
import { isShownIn } from './server/graphql/changes.ts';
import type { Caller } from './server/graphql/context.ts';
import { ownerOfDocuments } from './server/graphql/document-owner.ts';
import { createDocumentStore } from './server/graphql/document-store.ts';
import { createFailures } from './server/graphql/errors/failures.ts';
import { maskError } from './server/graphql/errors/mask.ts';
import { createMemoryStore } from './server/graphql/idempotency-store.ts';
import { createCostMemo } from './server/graphql/limits/cost-memo.ts';
import { createTokenMemory } from './server/graphql/token-store.ts';
import { sessionOfKey, sharedWatchKey } from './server/graphql/watch-key.ts';
import { createGraphql, streamPath } from './server/graphql/yoga.ts';
import { connectionsOf } from './server/http/connections.ts';
import { createCors } from './server/http/cors.ts';
import { drainable } from './server/http/drain.ts';
import { createGraphiql } from './server/http/graphiql.ts';
import { createHttpServer } from './server/http/http.ts';
import { createProbes } from './server/http/probes.ts';
import { createReadiness } from './server/http/readiness.ts';
import { boundUnread } from './server/http/unread-output.ts';
import { workflowTabs } from './server/http/workflow-tabs.ts';
import { plainLane } from './server/lane.ts';
import { createClientRates } from './server/rates/client-rates.ts';
import { limitConnections } from './server/rates/connections.ts';
import { settingOfRate } from './server/rates/rates.ts';
import { closeSubscriptions } from './server/rates/subscription-plugin.ts';
import { joinReplicas } from './server/replicas/join.ts';
import { createEventResponses } from './server/streams/event-responses.ts';
import { serveWebSocket } from './server/streams/websocket.ts';
import { createAudit } from './server/telemetry/audit.ts';
import { createMetrics, type MetricsOptions } from './server/telemetry/metrics.ts';
import { createLog, standardOutput, unfailing } from './server/telemetry/operation-log.ts';
import { createOperations } from './server/telemetry/operations.ts';
import { createTracing } from './server/telemetry/tracing.ts';
import { openState } from './state/open-state.ts';
import { createWatches, type WatchStats } from './watch/watches.ts';

export type GatewayOptions = Omit<
  Config,
  | 'endpoints'
  | 'redis'
  | 'audit'
  | 'shutdownNoticeMs'
  | 'isSimulatorOn'
  | 'simulatorPort'
  | 'simulatorSpeed'
  | 'warnings'
> & {
  readonly endpoints: NonNullable<Config['endpoints']>;
  /** what the log and /ready call the upstream; default: the host of `endpoints.modelarts` */
  readonly upstreamName?: string;
  /** through which replicas are one gateway; default: this is the only one */
  readonly redis?: Config['redis'];
  /** where changes are written down; default: nowhere */
  readonly audit?: Config['audit'];
  /** what GraphiQL's headers pane shows at first; with them its page is given to loopback names only */
  readonly graphiqlHeaders?: Readonly<Record<string, string>>;
  /** variables GraphiQL's sign-in tab shows at first */
  readonly signIn?: Readonly<Record<string, string>>;
  /** ms a watch without subscribers keeps the changes they may come back for, without polling; default 10000 */
  readonly resumeGraceMs?: number;
  /** for tests: runs each planned query by graphql-js too, and is given both answers */
  readonly onParity?: FastLaneOptions['onParity'];
  /** for tests: each query is planned when it comes first; by default it must have come often */
  readonly isEachQueryPlanned?: boolean;
  /** for tests: calls of ModelArts are not tried again, and never held back for those that failed before */
  readonly isEachCallAlone?: boolean;
  /** more plugins of Envelop and Yoga, behind the gateway's own */
  readonly plugins?: readonly Plugin[];
  /** ms a reserved event stream of graphql-sse waits to be opened; default 30000 */
  readonly streamReservationMs?: number;
  /** where log lines go; standard output when left out */
  readonly logDestination?: DestinationStream;
};

export type Gateway = {
  /** address of GraphQL and GraphiQL */
  readonly url: string;
  readonly watchStats: () => WatchStats;
  /** off: there is no Redis; alone: it cannot be used at the moment */
  readonly replicas: () => 'sharing' | 'alone' | 'off';
  /** Writes into the log, at error level, what nobody else caught. */
  report(error: unknown): void;
  /** /ready says no from now on; all else goes on as before */
  drain(): void;
  /** resolves when every socket, poll and timer is gone */
  close(): Promise<void>;
};

/** What the upstream asked for, whatever the class: 503 may come with `Retry-After` too. An open circuit is not the upstream. */
const retryAfterMs = (error: unknown): number | null =>
  error instanceof ModelArtsError && error.retryAfterSeconds !== null && !isOpenCircuit(error)
    ? error.retryAfterSeconds * 1000
    : null;

/** Clients that lost their stream come back within 5 seconds (`retry:`). */
const defaultResumeGraceMs = 10_000;

/** Time running operations have to end; what a write did is unknown to a client that is cut off. */
const drainMs = 5000;

/** Asking again would be answered alike, until somebody else changes something: the token, its rights. */
const isRefusedForGood = (error: unknown): boolean =>
  error instanceof UnauthenticatedError || error instanceof ForbiddenError;

/** Puts the layers together and listens. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const logDestination = unfailing(options.logDestination ?? standardOutput());
  const log = createLog(options.logLevel, logDestination);
  const unexpected = (error: unknown): void => log.error({ err: error }, 'unexpected error');
  const upstreamName = options.upstreamName ?? new URL(options.endpoints.modelarts).host;
  const tracing = createTracing();
  const drifted = new Set<string>();
  const client = createClient({
    endpoints: options.endpoints,
    timeoutMs: options.upstreamTimeoutMs,
    catalogTtlMs: options.catalogTtlMs,
    tokenTrustMs: options.tokenTrustMs,
    isEachCallAlone: options.isEachCallAlone,
    trace: tracing?.trace,
    drift(kind, value) {
      metrics?.drift(kind);
      // of what ModelArts sends as much as the log is told
      const seen = `${kind} ${value.slice(0, 80)}`;
      if (drifted.has(seen) || drifted.size >= 1000) return;
      drifted.add(seen);
      log.warn({ kind, value: value.slice(0, 80) }, 'ModelArts sent a value the contract does not know');
    },
    onChange(call) {
      const change = changeBy(call.path);
      // all of the project: who made it is told of it without a poll, the others have to look for themselves
      ownWatches.pollSoon((key) => isShownIn(key, change));
      replicas?.announce(change);
    },
    onRefused(refusal) {
      forget(refusal);
      replicas?.revoke(refusal.digest);
    },
    onWaited: (api, waitedMs, isBegun) => metrics?.upstreamWait(api, waitedMs, isBegun),
    onCall(report) {
      readiness.heard(report);
      metrics?.upstreamCall(report);
      // any answer will do to a check
      if (report.error === null || report.operationId === checkUpstreamId) return;
      const { error, ...rest } = report;
      log.warn({ ...rest, code: error.code, upstreamCode: error.upstreamCode }, 'upstream call failed');
    },
  });
  const { heartbeatMs } = options;
  const tokens = createTokenMemory();
  const ownerOf = (caller: Caller): string => ownerOfDocuments(caller, client);
  const createMemory = createMemoryStore();
  const documents = createDocumentStore();
  const costs = createCostMemo({ ownerOf });
  const lane = options.isFastOn
    ? fastLane({
        arePlansOn: options.areQueryPlansOn,
        revalidationMaxBytes: options.revalidationMaxBytes,
        isFastPathOn: options.isFastPathOn,
        tokens,
        documents,
        ownerOf,
        onRevalidation: (isSame) => metrics?.revalidation(isSame),
        onUnexpected: unexpected,
        onParity: options.onParity,
        isEachPlanned: options.isEachQueryPlanned,
      })
    : plainLane;
  /** Lets go of everything that is kept for a token, and ends what runs with it. */
  const forget = ({ digest, caller, wasAccepted, error }: Refusal): void => {
    if (wasAccepted) lane.forget(caller);
    const session = tokens.forget(digest);
    if (session !== null) ownWatches.end(session, error);
  };
  const state = openState(options.redis ?? null, {
    scope: options.endpoints.modelarts,
    onUnreadable: () =>
      log.error(
        'Redis has what no key of STATE_KEY opens; it counts as none. Give the former key too, behind a comma.',
      ),
  });
  const ownWatches = createWatches({
    transitionalIntervalMs: options.pollIntervalMs,
    settledIntervalMs: options.pollIdleIntervalMs,
    graceMs: options.resumeGraceMs ?? defaultResumeGraceMs,
    ownerOf: sessionOfKey,
    isFatal: isRefusedForGood,
    retryAfterMs,
    isUnasked: isOpenCircuit,
  });
  const replicas =
    options.redis && state.shared
      ? joinReplicas(ownWatches, {
          redis: options.redis,
          state: state.shared,
          upstream: options.endpoints.modelarts,
          sharedKey: (key) => sharedWatchKey(key, tokens),
          isRefused: (key) => tokens.isRefused(sessionOfKey(key)),
          onRevoked: (digest) => forget({ ...client.forget(digest), error: errorOf('UNAUTHENTICATED') }),
          retryAfterMs,
          pollIntervalMs: options.pollIntervalMs,
          pollIdleIntervalMs: options.pollIdleIntervalMs,
          log,
        })
      : null;
  const watches = replicas?.watches ?? ownWatches;
  const replicaState = () => replicas?.state ?? 'off';
  /** what is kept beyond a request, by the names `docs/operations.md` has */
  const kept: MetricsOptions['kept'] = () => ({
    documents: documents.stats,
    costs: costs.stats,
    catalogues: client.stats.catalog,
    caller_projects: client.stats.projects,
    creates: createMemory.stats,
    ...(state.store.stats !== null && { state: state.store.stats }),
    ...tokens.stats,
    ...lane.kept(),
  });
  const metrics = options.isMetricsOn
    ? createMetrics({ instruments: lane.instruments, watches, apis: () => client.stats.apis, kept })
    : null;
  const readiness = createReadiness({ upstreamName, check: () => checkUpstream(client, randomUUID()) });
  const clientRates = createClientRates({
    rates: options.rates,
    isAccepted: client.isAccepted,
    keyOf: client.keyOf,
    onRefused: (rate) => metrics?.rateRefused(settingOfRate(rate)),
  });
  const operations = createOperations({
    onListenerFailed: unexpected,
    listeners: [
      lane.logOperations({ log, level: options.logLevel, destination: logDestination }),
      ...(metrics === null ? [] : [metrics]),
      closeSubscriptions(clientRates),
    ],
    tracing,
  });
  const audit = options.audit
    ? createAudit({
        output: options.audit.file === null ? auditToStandardOutput : auditToFile(options.audit.file),
        tokens,
        projectId: options.projectId,
        onLost: (error) => log.error({ err: error }, 'audit line lost'),
      })
    : null;
  const mask = maskError(log);
  const failures = createFailures({
    operations,
    maskError: mask,
    responseBytes: options.limits.responseBytes,
    onTooLarge: (refused) => log.warn({ ...refused, limit: 'LIMIT_RESPONSE_BYTES' }, 'an answer was too large'),
  });
  const yoga = createGraphql({
    operations,
    documents,
    costs,
    ownerOf,
    failures,
    maskError: mask,
    plugins: options.plugins,
    lanePlugins: lane.plugins,
    trackReads: lane.trackReads,
    client,
    watches,
    tokens,
    projectId: options.projectId,
    leaseMaxHours: options.leaseMaxHours,
    createMemory,
    audit: audit?.of ?? null,
    graphqlPath: options.graphqlPath,
    isIntrospectionOn: options.isIntrospectionOn,
    areSuggestionsOn: options.areSuggestionsOn,
    limits: options.limits,
    clientRates,
    streamReservationMs: options.streamReservationMs,
  });
  const headers = JSON.stringify(options.graphiqlHeaders ?? { 'X-Auth-Token': '{{token}}' }, null, 2);
  const tabs = workflowTabs(options.signIn ?? { domain: '', user: '', password: '', projectName: '' });
  const server = createHttpServer({
    yoga,
    failures,
    lane,
    answerJson: lane.answerJson(yoga, failures),
    answerEvents: createEventResponses({ yoga, failures, heartbeatMs }),
    graphqlPath: options.graphqlPath,
    cors: createCors({ origins: options.corsOrigins, streamPath: streamPath(options.graphqlPath) }),
    probes: createProbes({
      health: () => ({ watches: watches.stats, replicas: replicaState() }),
      readiness,
      metrics,
    }),
    graphiql: options.isGraphiqlOn
      ? {
          answer: createGraphiql({ path: options.graphqlPath, tabs, headers }),
          isForLoopbackOnly: options.graphiqlHeaders !== undefined,
        }
      : null,
    limits: options.limits,
    clientRates,
    trustedProxies: options.trustedProxies,
  });
  limitConnections(server, {
    rates: options.rates,
    trustedProxies: options.trustedProxies,
    onRefused: () => clientRates.refused('addressConnections'),
  });
  const connections = connectionsOf(server);
  const answers = drainable(server, { connections, graceMs: drainMs });
  const stopLooking = boundUnread({ connections, maxBytes: 12 * options.limits.responseBytes });
  const sockets = serveWebSocket({
    server,
    path: options.graphqlPath,
    yoga,
    failures,
    limits: options.limits,
    heartbeatMs,
    clientRates,
    trustedProxies: options.trustedProxies,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  }).catch(async (error: unknown) => {
    await replicas?.close();
    await state.store.close();
    throw error;
  });
  // null and text are of servers that do not listen, or on a pipe
  const { port } = server.address() as AddressInfo;
  const isAnyAddress = options.host === '0.0.0.0' || options.host === '::';
  const host = isAnyAddress ? '127.0.0.1' : options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `http://${host}:${port}${options.graphqlPath}`;
  log.info({ url, upstream: upstreamName }, 'listening');

  const close = async (): Promise<void> => {
    readiness.drain();
    await Promise.all([answers.close(), operations.settled(drainMs).then(() => sockets.close())]);
    await watches.close();
    await replicas?.close();
    await state.store.close();
    await yoga.dispose();
    lane.close();
    stopLooking();
    await client.close();
    metrics?.close();
    audit?.close();
  };
  let closing: Promise<void> | null = null;

  return {
    url,
    watchStats: () => watches.stats,
    replicas: replicaState,
    report: unexpected,
    drain() {
      readiness.drain();
      answers.drain();
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
