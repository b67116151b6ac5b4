import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import type { CallReport } from '../../modelarts/client/client.ts';
import type { GuardStats } from '../../modelarts/client/guard/upstream-guard.ts';
import type { StoreStats } from '../../runtime/bounded-store.ts';
import type { WatchStats } from '../../watch/watches.ts';
import { type Instruments, separator } from './instruments.ts';
import type { OperationListener } from './operation.ts';
import { createSubscriptionMetrics } from './subscription-metrics.ts';

export type MetricsOptions = {
  readonly instruments: Instruments;
  /** how each upstream API fares at the moment */
  readonly apis: () => readonly GuardStats[];
  /** what is kept beyond a request, by name */
  readonly kept: () => Readonly<Record<string, StoreStats>>;
  readonly watches: { readonly stats: WatchStats; readonly oldestPollAt: number | null };
};

/** Numbers for Prometheus. Labels take their values from the contract and the schema, never from clients. */
export type Metrics = Required<OperationListener> & {
  readonly contentType: string;
  /** everything, in the text format of Prometheus */
  text(): Promise<string>;
  /** A call to an API has waited because too many others ran. @param isBegun false: it was never made */
  upstreamWait(api: string, waitedMs: number, isBegun: boolean): void;
  upstreamCall(report: CallReport): void;
  /** the upstream sent something the contract does not know; `field` names where, for example `Notebook.status` */
  drift(field: string): void;
  /** a client was refused for what it has asked for lately, or has open; `setting` names the limit */
  rateRefused(setting: string): void;
  /** what a stored response follows from was read again, and was the same or not */
  revalidation(isSame: boolean): void;
  close(): void;
};

const breakerStates = ['closed', 'probing', 'open'] as const;

const prefix = 'modelarts_gateway_';
const secondsOf = (milliseconds: number): number => milliseconds / 1000;
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** how often the event loop is looked at, ms */
const loopResolutionMs = 20;

export function createMetrics({ instruments, watches, apis, kept }: MetricsOptions): Metrics {
  // of its own: two gateways in one process do not mix, and nothing else of the process gets in
  const registers = [new Registry()] as const;
  const [registry] = registers;
  const loop = monitorEventLoopDelay({ resolution: loopResolutionMs });
  loop.enable();

  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    instruments.counter(registry, { name: prefix + name, help, labelNames });
  const histogram = (name: string, help: string, labelNames: readonly string[]) =>
    instruments.histogram(registry, { name: prefix + name, help, labelNames, bounds: durationBuckets });

  /** A number that is looked up when it is asked for. */
  const gaugeOf = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: prefix + name,
      help,
      registers: [...registers],
      collect() {
        this.set(read());
      },
    });
  };
  const counterOf = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: prefix + name,
      help,
      registers: [...registers],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };

  const operations = counter(
    'operations_total',
    'GraphQL operations that ended, by kind (query, mutation, subscription; unread: refused before its kind was known) and outcome (ok, error, refused)',
    ['kind', 'outcome'],
  );
  const durations = histogram(
    'operation_duration_seconds',
    'Seconds GraphQL queries and mutations took from the arrival of the request to the response, by kind',
    ['kind'],
  );
  const running = instruments.gauge(registry, {
    name: `${prefix}operations_running`,
    help: 'GraphQL operations that run at this moment, by kind; an open subscription is one that runs',
    labelNames: ['kind'],
  });
  const callLabels = ['operation', 'status', 'outcome'] as const;
  const calls = counter(
    'upstream_calls_total',
    'REST calls of ModelArts and IAM that ended, by operation of the API, HTTP status of the last attempt (none: no response came) and outcome (OK, or the error code clients are given)',
    callLabels,
  );
  const callDurations = histogram(
    'upstream_call_duration_seconds',
    'Seconds REST calls of ModelArts and IAM took, all attempts and the pauses between them included, by operation of the API',
    ['operation'],
  );
  const waits = histogram(
    'upstream_wait_seconds',
    'Seconds REST calls waited because too many others ran against the same upstream API, by API and outcome (begun: the call was made then, ended: it never was, for the time was up, its client had left, or the API was failing); calls that did not have to wait are left out',
    ['api', 'outcome'],
  );
  const retries = counter(
    'upstream_retries_total',
    'Attempts of REST calls after the first one failed, by operation of the API',
    ['operation'],
  );
  const drifts = counter(
    'upstream_drift_total',
    'Fields and values in responses of ModelArts that are not in the description of its API this gateway was built against, by field; the log names each value once',
    ['field'],
  );
  const rateRefusals = counter(
    'rate_refusals_total',
    'Requests, operations, connections and sign-ins that were refused because their caller or address had too many, by the setting that says how many',
    ['setting'],
  );
  const revalidations = counter(
    'replays_total',
    'Stored query results that were checked against fresh responses of ModelArts before they were used again, by outcome (same: used again, changed: the query was run)',
    ['outcome'],
  );
  /** A number for each API, looked up when it is asked for. */
  const gaugeOfApis = (name: string, help: string, read: (guard: GuardStats) => number): void => {
    new Gauge({
      name: prefix + name,
      help,
      labelNames: ['api'],
      registers: [...registers],
      collect() {
        for (const guard of apis()) this.set({ api: guard.api }, read(guard));
      },
    });
  };
  gaugeOfApis(
    'upstream_waiting',
    'REST calls that wait because too many others run against the same upstream API, by API',
    (guard) => guard.waiting,
  );
  gaugeOfApis(
    'callers_refused',
    'Callers whose REST calls to an upstream API were held back within the last minute because too many of their own had failed, by API; at most 1000 are counted',
    (guard) => guard.callersRefused,
  );
  new Gauge({
    name: `${prefix}breaker_state`,
    help: 'Whether calls are let through to an upstream API: 1 for the state its circuit breaker is in, 0 for the others (closed: all calls, open: none because too many failed of several projects, probing: one call finds out whether it is back)',
    labelNames: ['api', 'state'],
    registers: [...registers],
    collect() {
      for (const guard of apis()) {
        for (const state of breakerStates) this.set({ api: guard.api, state }, state === guard.breaker ? 1 : 0);
      }
    },
  });
  /** A number of each store. */
  const ofStores = (name: string, help: string, read: (stats: StoreStats) => number): void => {
    new Gauge({
      name: prefix + name,
      help,
      labelNames: ['store'],
      registers: [...registers],
      collect() {
        for (const [store, stats] of Object.entries(kept())) this.set({ store }, read(stats));
      },
    });
  };
  ofStores(
    'store_bytes',
    'Bytes of memory that each store takes for what outlives the request that put it there, for example documents, plans and tokens',
    ({ bytes }) => bytes,
  );
  ofStores(
    'store_max_bytes',
    'Bytes of memory each store may take at most; beyond that, what was used longest ago gives way',
    ({ maxBytes }) => maxBytes,
  );
  gaugeOf(
    'watches',
    'Resources and lists that are polled for subscriptions at this moment, each by one loop of polls however many subscribe',
    () => watches.stats.watches,
  );
  gaugeOf('watch_listeners', 'Subscriptions that are fed by polls at this moment', () => watches.stats.listeners);
  counterOf(
    'watch_polls_total',
    'Polls made for subscriptions, each one read of a resource or list',
    () => watches.stats.polls,
  );
  counterOf(
    'watch_polls_saved_total',
    'Polls that sharing saved: for each poll, the subscriptions it served beyond the first',
    () => watches.stats.pollsSaved,
  );
  gaugeOf(
    'watch_data_age_seconds',
    'Seconds since the last successful poll, for the polled resource or list where that was longest ago; 0 when none is polled',
    () => (watches.oldestPollAt === null ? 0 : Math.max(0, secondsOf(Date.now() - watches.oldestPollAt))),
  );
  // the histogram counts the timer's own interval in
  const lag = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - secondsOf(loopResolutionMs));
  gaugeOf(
    'event_loop_lag_p50_seconds',
    'Median delay of the Node.js event loop since the metrics were last read, in seconds',
    () => lag(loop.percentile(50)),
  );
  gaugeOf(
    'event_loop_lag_p99_seconds',
    '99th percentile of the delay of the Node.js event loop since the metrics were last read, in seconds',
    () => lag(loop.percentile(99)),
  );
  gaugeOf(
    'event_loop_lag_max_seconds',
    'Longest delay of the Node.js event loop since the metrics were last read, in seconds',
    () => lag(loop.max),
  );
  gaugeOf('resident_memory_bytes', 'Memory the process holds in RAM (resident set size), in bytes', () =>
    process.memoryUsage.rss(),
  );

  const subscriptions = createSubscriptionMetrics({ registry, instruments, prefix, watches });

  return {
    contentType: registry.contentType,
    async text() {
      const text = await registry.metrics();
      loop.reset();
      return text;
    },
    operationStarted(operation) {
      running.add(operation.kind ?? 'unread');
      if (operation.subscribed !== null) subscriptions.operationStarted(operation);
    },
    eventSent: subscriptions.eventSent,
    operationEnded(operation, end) {
      const { kind: known } = operation;
      const { outcome, isRun, durationMs } = end;
      if (operation.subscribed !== null) subscriptions.operationEnded(operation, end);
      const kind = known ?? 'unread';
      operations.add(kind + separator + outcome);
      if (!isRun) return;
      running.add(kind, -1);
      // how long somebody watched is not how long something took
      if (kind !== 'subscription') durations.observe(kind, secondsOf(durationMs));
    },
    upstreamWait: (api, waitedMs, isBegun) =>
      waits.observe(api + separator + (isBegun ? 'begun' : 'ended'), secondsOf(waitedMs)),
    upstreamCall({ operationId: operation, status, error, attempts, durationMs }) {
      calls.add(operation + separator + (status ?? 'none') + separator + (error?.code ?? 'OK'));
      callDurations.observe(operation, secondsOf(durationMs));
      if (attempts > 1) retries.add(operation, attempts - 1);
    },
    rateRefused: (setting) => rateRefusals.add(setting),
    drift: (field) => drifts.add(field),
    revalidation: (isSame) => revalidations.add(isSame ? 'same' : 'changed'),
    close: () => loop.disable(),
  };
}
