import { describe, expect, it } from 'vitest';
import { keptThings } from '../support/kept-things.ts';
import { readDocument } from '../support/sources/documents.ts';
import { readSources } from '../support/sources/imports.ts';

/** A table that is written with its values, or in one go; nothing is put into it later. */
const fixed = 'fixed';
/** Of one call, operation, answer or query plan in the making: gone with it. */
const passing = 'passing';

/**
 * Everything in `src` that grows with what is put in. A value is `fixed`, `passing`, or how a row of the table in
 * docs/operations.md begins, which says its bound and whom it counts against.
 */
const kept: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'cli.ts': { commands: fixed },
  'config.ts': { problems: passing, warnings: passing },
  'gateway.ts': { drifted: 'values of ModelArts' },
  'modelarts/client/answer.ts': { '#decoded': 'images and flavors' },
  'modelarts/client/guard/bulkhead.ts': {
    projects: 'reads and changes under way',
    turns: 'reads and changes under way',
  },
  'modelarts/client/caller-reads.ts': { accepted: 'which project each token' },
  'modelarts/client/guard/callers.ts': {
    places: 'tokens seen lately',
    accepted: 'tokens seen lately',
    callers: 'tokens seen lately',
    strangers: 'tokens seen lately',
  },
  'modelarts/client/catalogue-cache.ts': {
    entries: 'images and flavors',
    reading: 'reads and changes under way',
    listed: passing,
  },
  'modelarts/client/path.ts': { path: passing },
  'modelarts/client/guard/recent-outcomes.ts': { '#outcomes': 'tokens seen lately' },
  'modelarts/client/request-sharing.ts': {
    flights: 'reads and changes under way',
    '#waiting': 'reads and changes under way',
  },
  'modelarts/client/secrets.ts': { secrets: passing },
  'modelarts/client/token-standing.ts': { '#accepted': 'tokens seen lately', '#refused': 'tokens seen lately' },
  'modelarts/client/transport.ts': { pools: fixed, '#chunks': 'reads and changes under way' },
  'modelarts/client/guard/upstream-guard.ts': { guards: fixed, refused: 'tokens seen lately' },
  'modelarts/client/guard/waiting-line.ts': { turns: 'reads and changes under way' },
  'modelarts/dev-environment-parts.ts': { known: fixed },
  'modelarts/wire/error-body.ts': { parsed: passing },
  'modelarts/wire/error-codes.ts': { classByCode: fixed, passingCodes: fixed },
  'modelarts/wire/errors.ts': { issues: passing },
  'modelarts/wire/known-fields.ts': { known: fixed, byName: fixed },
  'modelarts/wire/legible.ts': { places: passing },
  'modelarts/wire/mask.ts': { spans: passing, places: passing },
  'modelarts/wire/paging.ts': { '#seenIds': passing, '#latest': passing, '#rows': passing },
  'modelarts/wire/read.ts': { none: fixed, items: passing, known: fixed },
  'runtime/abort.ts': { '#others': passing },
  'runtime/batched-writes.ts': { tasks: passing },
  'runtime/bounded-store.ts': { shares: 'documents', entries: 'documents', keys: 'documents' },
  'runtime/turns.ts': { '#waiting': 'reads and changes under way', '#pieces': 'reads and changes under way' },
  'schema/core/builder.ts': { defaultTypes: fixed },
  'schema/core/date-time.ts': { texts: 'times written down lately' },
  'schema/dev-env/rules.ts': { problems: passing, keys: passing },
  'schema/events/event-identity.ts': { emitted: 'events and results', events: 'events and results' },
  'schema/events/poll-source.ts': { seen: 'watches:', unlisted: 'watches:', detailed: 'watches:' },
  'schema/events/status-stream.ts': { until: passing },
  'schema/flavor/flavor.ts': { storages: passing, listed: passing },
  'schema/image/image.ts': { listed: passing },
  'schema/loading/loader.ts': { '#loaded': passing },
  'schema/loading/read-ahead.ts': { byId: passing },
  'schema/loading/selection.ts': { namesByNodes: 'documents', fields: passing, visited: passing },
  'schema/loading/volatile.ts': { names: fixed },
  'schema/notebook/create/preflight.ts': { problems: passing, path: passing },
  'schema/notebook/mutations.ts': { actions: passing },
  'schema/notebook/read-ahead.ts': { nothing: fixed, flavorIds: passing, imageIds: passing },
  'schema/notebook/wait.ts': { until: passing },
  'schema/relay/cursor.ts': { indexByHash: passing, hashes: passing },
  'schema/relay/pagination.ts': { byId: passing },
  'server/fast/execution/conditions.ts': { names: passing },
  'server/fast/execution/fields-code.ts': { given: 'plans' },
  'server/fast/execution/plan-args.ts': { nodes: passing },
  'server/fast/execution/plan-fields.ts': { fields: passing },
  'server/fast/execution/plan-values.ts': { unchanged: fixed, completers: 'plans' },
  'server/fast/execution/plan.ts': { selections: 'plans' },
  'server/fast/execution/plans.ts': { sightings: 'documents', kept: 'plans', callers: 'time for plans' },
  'server/fast/execution/query-execution.ts': { thrown: passing },
  'server/fast/execution/run.ts': { args: passing, infos: passing },
  'server/fast/execution/shared-executions.ts': {
    groupsOf: 'events and results',
    groups: 'events and results',
    results: 'events and results',
  },
  'server/fast/http/lean-envelop.ts': { collected: fixed, ends: passing },
  'server/fast/revalidation/operation-reads.ts': { '#made': passing, '#held': passing, answersOf: passing },
  'server/fast/revalidation/response-store.ts': { entries: 'responses' },
  'server/fast/telemetry/counters.ts': { '#sums': 'metrics', '#distributions': 'metrics' },
  'server/graphql/context.ts': { kept: passing },
  'server/graphql/document-store.ts': { documents: 'documents', valid: 'documents' },
  'server/graphql/idempotency-store.ts': { creates: 'creates' },
  'server/graphql/known-documents.ts': { noErrors: fixed },
  'server/graphql/limits/cost-memo.ts': { operations: 'documents', costs: 'costs', names: passing },
  'server/graphql/limits/document-size.ts': { fragments: passing, operations: passing, measured: passing },
  'server/graphql/limits/operation-cost.ts': { fragments: passing, countedOnce: passing, distinct: passing },
  'server/graphql/limits/plugin.ts': { excesses: 'documents', noExcess: fixed },
  'server/graphql/limits/validation-work.ts': { names: passing, '#leaves': passing },
  'server/graphql/result-text.ts': { fields: passing },
  'server/graphql/subscription-accept.ts': { refused: passing },
  'server/graphql/token-store.ts': {
    issuedTokens: 'tokens issued here',
    projects: 'projects of tokens',
    sessions: 'sessions that were renewed',
    newestTokens: 'sessions that were renewed',
    refused: 'tokens seen lately',
    renewals: 'watches:',
  },
  'server/http/connections.ts': { connections: 'connections' },
  'server/http/declined-upgrade.ts': { answers: passing, held: 'connections', '#chunks': 'connections' },
  'server/http/drain.ts': { open: 'connections' },
  'server/http/pipelining.ts': { lines: 'connections', '#waiting': 'connections' },
  'server/http/probes.ts': { probes: fixed },
  'server/http/shared-room.ts': { '#owners': 'connections', entries: 'connections' },
  'server/http/unread-output.ts': { totals: 'connections' },
  'server/lane.ts': { plugins: fixed },
  'server/rates/buckets.ts': { '#buckets': 'rates of clients' },
  'server/rates/connections.ts': { open: 'connections', counted: 'connections' },
  'server/rates/failure-log.ts': { '#times': 'rates of clients' },
  'server/rates/open-counts.ts': { callers: 'connections', strangers: 'connections' },
  'server/replicas/join.ts': { revoked: 'tokens seen lately' },
  'server/streams/event-stream.ts': {
    callers: passing,
    running: 'connections',
    unreadByToken: 'connections',
    unreadByRequest: 'connections',
  },
  'server/streams/heartbeat.ts': { streams: 'connections' },
  'server/streams/single-event.ts': { begun: passing },
  'server/streams/socket-operations.ts': { '#running': 'connections' },
  'server/streams/socket-output.ts': { '#waiting': 'connections' },
  'server/streams/sse-frame.ts': { written: 'events and results' },
  'server/streams/stream-reservations.ts': { reservations: 'connections' },
  'server/streams/unread-events.ts': { '#sizes': 'connections', '#waiting': 'connections' },
  'server/streams/websocket.ts': { operations: passing, connections: 'connections' },
  'server/telemetry/audit.ts': { ids: passing },
  'server/telemetry/operations.ts': { noCodes: fixed, 'operation.upstreamCodes': passing },
  'state/memory-store.ts': {
    records: 'what replicas would',
    allowances: 'what replicas would',
    channels: 'what is awaited',
  },
  'state/redis-client.ts': { nodes: fixed },
  'state/redis-store.ts': { listeners: 'what is awaited', running: 'what is awaited' },
  'watch/audience.ts': { '#listeners': 'watches:', '#ofAll': 'watches:', '#byId': 'watches:', '#waiting': 'watches:' },
  'watch/change-ring.ts': { '#entries': 'watches:' },
  'watch/collapse.ts': { kept: passing, placeOf: passing },
  'watch/known-items.ts': { '#items': 'watches:', '#snapshots': 'watches:' },
  'watch/listener-queue.ts': { '#events': 'watches:', '#readers': 'watches:' },
  'watch/replicas/interest.ts': { '#byReplica': 'watches shared by replicas' },
  'watch/replicas/redis-connection.ts': { '#pending': 'watches shared by replicas' },
  'watch/replicas/redis-link.ts': { byChannel: 'watches shared by replicas', open: 'watches shared by replicas' },
  'watch/replicas/share.ts': { '#interest': 'watches shared by replicas', interest: passing },
  'watch/replicas/shared-watches.ts': { shares: 'watches shared by replicas', written: 'watches shared by replicas' },
  'watch/watch.ts': { '#written': 'watches:' },
  'watch/watches.ts': { live: 'watches:', byOwner: 'watches:', ending: 'watches:' },
};

/** First column of the table in docs/operations.md, and its bounds. */
async function rows(): Promise<(readonly [string, string, string])[]> {
  const { prose } = await readDocument('docs/operations.md');
  const [, table = ''] = prose.split('## What is kept in memory');
  const [own = ''] = table.split('\n## ');
  return [...own.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)]
    .map(([, what = '', bound = '', whose = '']) => [what, bound, whose] as const)
    .filter(([what]) => what !== 'kept' && !what.startsWith('---'));
}

describe('everything in src that grows with what is put in', () => {
  it('is in the list of this test, and nothing else is', async () => {
    const found: Record<string, string[]> = {};
    for (const [name, text] of await readSources()) {
      const things = name.startsWith('simulator/') ? [] : keptThings(text);
      if (things.length > 0) found[name] = things;
    }
    const listed = Object.fromEntries(Object.entries(kept).map(([name, things]) => [name, Object.keys(things)]));
    const hint =
      'a Map, Set, WeakMap, array or store that is kept beyond a request needs a bound in bytes (src/runtime/bounded-store.ts) and a row in docs/operations.md, "What is kept in memory"; write it, or that it passes with its request, into the list of test/contract/kept-things.test.ts';
    expect(found, hint).toEqual(listed);
  });

  it('has a row in docs/operations.md, and no row is of nothing', async () => {
    const table = await rows();
    const named = [...new Set(Object.values(kept).flatMap((things) => Object.values(things)))];
    const ofRows = named.filter((name) => name !== fixed && name !== passing);
    expect(ofRows.filter((name) => table.filter(([what]) => what.startsWith(name)).length !== 1)).toEqual([]);
    expect(table.filter(([what]) => !ofRows.some((name) => what.startsWith(name)))).toEqual([]);
  });

  it('has a bound there with a number', async () => {
    for (const [what, bound] of await rows()) expect(bound, what).toMatch(/\d|`[A-Z_]+`/);
  });
});

describe('a line of source', () => {
  it.each([
    ['const seen = new Set<string>();', ['seen']],
    ['  readonly #items = new Map<string, Item>();', ['#items']],
    ['  #chunks: Buffer[] = [];', ['#chunks']],
    ['    this.#others ??= new Set();', ['#others']],
    ['  const entries = createBoundedStore<string, Entry>({', ['entries']],
    ['    const share = shares.get(caller) ?? { bytes: 0, keys: new Set() };', ['keys']],
    ['    sums.set(key, { counts: [], sum: 0 });', ['counts']],
    ['  const renewals = new EventEmitter().setMaxListeners(0);', ['renewals']],
    ["const reads: ReadonlySet<string> = new Set(['a']);", []],
    ['  #waiting: (() => void)[] = [];', ['#waiting']],
    ['    const found = new Map();', []],
    ['/** a new Map() */', []],
    ['  return new Set(names);', []],
  ])('%s is found to make what it makes', (line, names) => {
    expect(keptThings(line)).toEqual(names);
  });
});
