import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { projectId, sharedBed } from '../../support/bed.ts';
import { startTestBed } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';
import { collect, sse, websocket } from '../../support/subscription.ts';

const prefix = 'modelarts_gateway_';
const bed = sharedBed();

const scrape = async (from = bed): Promise<string> => (await fetch(new URL('/metrics', from.gateway.url))).text();

/** Sum of the samples of a metric that have all the labels. */
function sum(text: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${prefix}${name}{`) || line.startsWith(`${prefix}${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

/** How much a metric grew meanwhile. */
async function growth(act: () => Promise<unknown>, name: string, labels: Record<string, string>): Promise<number> {
  const before = sum(await scrape(), name, labels);
  await act();
  return sum(await scrape(), name, labels) - before;
}

describe('/metrics', () => {
  it('is text of Prometheus, without a token, and asks nothing upstream', async () => {
    const calls = bed.exchanges.length;
    const response = await fetch(new URL('/metrics', bed.gateway.url));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const samples = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples.filter((line) => !/^modelarts_gateway_\w+(\{[^}]*\})? [-+.\de]+$/.test(line))).toEqual([]);
    expect(samples.length).toBeGreaterThan(5);
    expect(bed.exchanges).toHaveLength(calls);
  });

  it('has a help text for each metric that is understood alone, says its unit and every label', async () => {
    await collect(sse(bed, '{ notebooks { totalCount } }'));
    const text = await scrape();
    const helps = new Map(
      [...text.matchAll(/^# HELP modelarts_gateway_(\w+) (.*)$/gm)].map(([, name, help]) => [name, help]),
    );
    const labels = new Map<string, Set<string>>();
    for (const [, metric = '', list = ''] of text.matchAll(
      /^modelarts_gateway_(\w+?)(?:_bucket|_sum|_count)?\{(.*)\}/gm,
    )) {
      const seen = labels.get(metric) ?? new Set();
      labels.set(metric, seen);
      for (const [, label = ''] of list.matchAll(/(\w+)="/g)) if (label !== 'le') seen.add(label);
    }
    const wrong = [...helps].flatMap(([name = '', help = '']) => [
      ...(help.split(' ').length < 8 ? [`${name}: "${help}" is too short to be understood alone`] : []),
      ...(/\bsame\b\.?$|\btr(y|ies)\b|\bgate\b|\bwatch(es)?\b|\bkept\b|\bbulkhead\b/.test(help)
        ? [`${name}: "${help}" needs a glossary`]
        : []),
      ...(/_seconds$/.test(name) && !/seconds/i.test(help) ? [`${name}: "${help}" does not say its unit`] : []),
      ...[...(labels.get(name) ?? [])]
        .filter((label) => !new RegExp(label, 'i').test(help))
        .map((label) => `${name}: "${help}" does not say what the label ${label} is`),
    ]);
    expect(helps.size).toBeGreaterThan(15);
    expect(labels.size).toBeGreaterThan(5);
    expect(wrong, 'to be mended in src/server/telemetry/metrics.ts').toEqual([]);
  });

  it('is not there when it is switched off', async () => {
    const off = await startTestBed({ gateway: { isMetricsOn: false } });
    expect((await fetch(new URL('/metrics', off.gateway.url))).status).toBe(404);
    await off.close();
  });
});

describe('the metrics of operations', () => {
  it.each([
    ['a query', '{ notebooks { totalCount } }', { kind: 'query', outcome: 'ok' }],
    ['a failed query', '{ notebook(id: "..") { name } }', { kind: 'query', outcome: 'error' }],
    ['a refused one', '{ nothing }', { kind: 'query', outcome: 'refused' }],
    ['one that cannot be read', '{', { kind: 'unread', outcome: 'refused' }],
  ])('count %s, over HTTP and over WebSocket', async (_, query, labels) => {
    expect(await growth(() => bed.ask(query), 'operations_total', labels)).toBe(1);
    expect(await growth(() => collect(websocket(bed, query)), 'operations_total', labels)).toBe(1);
  });

  it('count mutations by their kind', async () => {
    const labels = { kind: 'mutation', outcome: 'ok' };
    expect(await growth(() => createNotebook(bed, 'counted'), 'operations_total', labels)).toBe(1);
  });

  it('time those that ran, and not those that were refused', async () => {
    const labels = { kind: 'query' };
    const name = 'operation_duration_seconds_count';
    expect(await growth(() => bed.ask('{ notebooks { totalCount } }'), name, labels)).toBe(1);
    expect(await growth(() => bed.ask('{ nothing }'), name, labels)).toBe(0);
  });

  it('show none running when all have ended', async () => {
    await bed.ask('{ notebooks { totalCount } }');
    expect(sum(await scrape(), 'operations_running')).toBe(0);
  });
});

describe('the metrics of upstream calls', () => {
  const list = () => bed.ask('{ notebooks { totalCount } }');

  it('count by operation, status and outcome', async () => {
    const labels = { operation: 'listNotebooks', status: '200', outcome: 'OK' };
    expect(await growth(list, 'upstream_calls_total', labels)).toBe(1);
    await bed.fault({ name: 'unauthorised', operation: 'listNotebooks', times: 1 });
    const refused = { operation: 'listNotebooks', status: '401', outcome: 'UNAUTHENTICATED' };
    expect(await growth(list, 'upstream_calls_total', refused)).toBe(1);
  });

  it('have status none when nothing came back', async () => {
    await bed.fault({ name: 'reset', operation: 'listNotebooks', times: 3 });
    const labels = { operation: 'listNotebooks', status: 'none', outcome: 'UPSTREAM_UNAVAILABLE' };
    expect(await growth(list, 'upstream_calls_total', labels)).toBe(1);
    await bed.clearFaults();
  });

  it('time those that waited because too many others ran, by API and by what became of them', async () => {
    const waiting = await startTestBed({ gateway: { projectId, upstreamTimeoutMs: 500 } });
    await waiting.ask('{ notebooks { totalCount } }');
    await waiting.fault({ name: 'hang', operation: 'listNotebooks' });
    // each page by itself: equal reads share a call
    const reads = Array.from({ length: 80 }, (_, page) =>
      waiting.ask(`{ notebooks(filter: { name: "n${page}" }) { totalCount } }`),
    );
    await Promise.all(reads);
    const text = await scrape(waiting);
    // of one caller 53 run at once
    expect(sum(text, 'upstream_wait_seconds_count', { api: 'notebooks' })).toBe(80 - 53);
    expect(sum(text, 'upstream_wait_seconds_count', { api: 'images' })).toBe(0);
    await waiting.close();
  });

  it('count their retries', async () => {
    await bed.fault({ name: 'bad-gateway', operation: 'listNotebooks', times: 1 });
    expect(await growth(list, 'upstream_retries_total', { operation: 'listNotebooks' })).toBe(1);
  });

  it('count fields that the contract does not know', async () => {
    await createNotebook(bed, 'drifting');
    await bed.fault({ name: 'unknown-enum', operation: 'listNotebooks', times: 1 });
    const ask = () => bed.ask('{ notebooks { nodes { status } } }');
    expect(await growth(ask, 'upstream_drift_total', { field: 'Notebook.status' })).toBeGreaterThan(0);
  });
});

describe('the metrics of watches', () => {
  it('show listeners, polls, those saved, and the age of what they know', async () => {
    const before = await scrape();
    const leaving = new AbortController();
    const query = 'subscription { notebooksChanged { kind } }';
    const streams = Array.from({ length: 3 }, () => collect(sse(bed, query, { signal: leaving.signal })));
    await expect.poll(async () => sum(await scrape(), 'watch_listeners')).toBe(3);
    await expect
      .poll(async () => sum(await scrape(), 'watch_polls_total') - sum(before, 'watch_polls_total'))
      .toBeGreaterThan(1);
    const during = await scrape();
    expect(sum(during, 'watches')).toBe(1);
    expect(sum(during, 'operations_running', { kind: 'subscription' })).toBe(3);
    expect(sum(during, 'watch_polls_saved_total')).toBeGreaterThan(sum(before, 'watch_polls_saved_total'));
    await bed.fault({ name: 'internal' });
    await expect.poll(async () => sum(await scrape(), 'watch_data_age_seconds')).toBeGreaterThan(1);
    await bed.clearFaults();
    await expect.poll(async () => sum(await scrape(), 'watch_data_age_seconds')).toBeLessThan(1);
    leaving.abort();
    await Promise.all(streams);
    await expect.poll(async () => sum(await scrape(), 'watches')).toBe(0);
    const after = await scrape();
    expect(sum(after, 'operations_running')).toBe(0);
    expect(sum(after, 'operations_total', { kind: 'subscription' })).toBe(3);
    expect(sum(after, 'watch_data_age_seconds')).toBe(0);
  });
});

describe('the metrics of the process', () => {
  it('show how far the event loop lags', async () => {
    await expect
      .poll(async () => {
        // a measurement begins with the first tick of its timer after a scrape, and ends with the next
        await sleep(100);
        const until = performance.now() + 200;
        while (performance.now() < until);
        await sleep(50);
        return sum(await scrape(), 'event_loop_lag_max_seconds');
      })
      .toBeGreaterThan(0.1);
    expect(sum(await scrape(), 'resident_memory_bytes')).toBeGreaterThan(10_000_000);
  });

  it('show the state of the breaker of each API, and whose own calls are refused', async () => {
    const failing = await startTestBed({ gateway: { projectId: 'a4a5d4098fb4474fa22cd05f897d6b99' } });
    await failing.ask('{ notebooks { totalCount } images { totalCount } }');
    await failing.fault({ name: 'internal', operation: 'listNotebooks' });
    for (let asked = 0; asked < 20; asked += 1) await failing.ask('{ notebooks { totalCount } }');
    const text = await scrape(failing);
    expect(sum(text, 'callers_refused', { api: 'notebooks' })).toBe(1);
    expect(sum(text, 'callers_refused', { api: 'images' })).toBe(0);
    // of one caller alone
    expect(sum(text, 'breaker_state', { api: 'notebooks', state: 'closed' })).toBe(1);
    expect(sum(text, 'breaker_state', { api: 'notebooks' })).toBe(1);
    expect(sum(text, 'breaker_state', { api: 'images', state: 'closed' })).toBe(1);
    await failing.close();
  });
});
