import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withBed } from '../../support/bed.ts';
import type { TestBed } from '../../support/gateway.ts';
import { createScrapes, firingAlerts, isPromtoolMissing } from '../../support/process/promtool.ts';

const rules = fileURLToPath(new URL('../../../deploy/alerts.yaml', import.meta.url));
const { groups }: { groups: { rules: { alert?: string; expr: string }[] }[] } = parse(await readFile(rules, 'utf8'));
const all = groups.flatMap((group) => group.rules);
const names = all.flatMap(({ alert }) => alert ?? []);

/** minutes that are recorded, one scrape each; the fault is there from the second on */
const minutes = 10;
const readsPerMinute = 2;

/** Reads again and again under a fault, scraped once for each minute that is made believe. */
async function recorded(bed: TestBed, fault: { name: string; [option: string]: unknown } | null) {
  const scrapes = createScrapes();
  const scrape = async () => scrapes.add(await (await fetch(new URL('/metrics', bed.gateway.url))).text());
  await bed.ask('{ notebooks(first: 1) { nodes { name } } }');
  await scrape();
  if (fault !== null) await bed.fault({ operation: 'listNotebooks', ...fault });
  for (let minute = 1; minute < minutes; minute += 1) {
    for (let read = 0; read < readsPerMinute; read += 1) await bed.ask('{ notebooks(first: 1) { nodes { name } } }');
    // while an API is held back one call a second goes through to it
    await sleep(1000);
    await scrape();
  }
  return scrapes;
}

const options = { gateway: { upstreamTimeoutMs: 1000, isMetricsOn: true } };

describe.skipIf(isPromtoolMissing).concurrent('deploy/alerts.yaml', () => {
  it.each([
    ['hang', 'ModelArtsTimeouts'],
    ['slow-drip', 'ModelArtsTimeouts'],
    ['gateway-timeout', 'ModelArtsTimeouts'],
    ['reset', 'ModelArtsUnavailable'],
    ['reset-after', 'ModelArtsUnavailable'],
    ['lost-answer', 'ModelArtsUnavailable'],
    ['bad-gateway', 'ModelArtsUnavailable'],
    ['unavailable', 'ModelArtsUnavailable'],
    ['internal', 'ModelArtsUnavailable'],
    ['throttled', 'ModelArtsThrottles'],
    ['unauthorised', 'TokensRefused'],
    ['malformed', 'ModelArtsUnreadable'],
    ['html', 'ModelArtsUnreadable'],
    ['empty', 'ModelArtsUnreadable'],
    ['oversize', 'ModelArtsUnreadable'],
  ])(
    'fires for the fault %s its alert %s, and no other',
    withBed(async (bed, name: string, alert: string) => {
      const scrapes = await recorded(bed, { name });
      expect(await firingAlerts(rules, scrapes, { names, minute: minutes - 1 })).toEqual([alert]);
    }, options),
    60_000,
  );

  it(
    'fires nothing where nothing is wrong',
    withBed(async (bed) => {
      const scrapes = await recorded(bed, null);
      expect(await firingAlerts(rules, scrapes, { names, minute: minutes - 1 })).toEqual([]);
    }, options),
    60_000,
  );

  it.each<[string, ...[string, string][]]>([
    [
      'ModelArtsContractDrift',
      ['modelarts_gateway_upstream_drift_total{field="Notebook.status"}', '0 0 1 1 1 1 1 1 1 1'],
    ],
    ['GatewayCallsQueue', ['modelarts_gateway_upstream_waiting{api="notebooks"}', '0 80 80 80 80 80 80 80 80 80']],
    ['GatewayPollsAge', ['modelarts_gateway_watch_data_age_seconds', '1 400 460 520 580 640 700 760 820 880']],
    [
      'GatewayEventsLate',
      ['modelarts_gateway_event_delivery_seconds_bucket{le="2.5"}', '0+1x10'],
      ['modelarts_gateway_event_delivery_seconds_bucket{le="10"}', '0+10x10'],
      ['modelarts_gateway_event_delivery_seconds_bucket{le="+Inf"}', '0+10x10'],
    ],
    [
      'GatewayEventLoopLags',
      ['modelarts_gateway_event_loop_lag_p99_seconds', '0.01 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5 0.5'],
    ],
  ])('fires %s, and nothing else, for what it is about', async (alert, ...recorded) => {
    const alive = { series: 'modelarts_gateway_resident_memory_bytes', values: '1+0x10' };
    const scrapes = { series: [alive, ...recorded.map(([series, values]) => ({ series, values }))] };
    expect(await firingAlerts(rules, scrapes, { names, minute: minutes - 1 })).toEqual([alert]);
  });

  it('fires GatewayDown where nothing is scraped', async () => {
    const scrapes = { series: [{ series: 'up{job="other"}', values: '1+0x10' }] };
    expect(await firingAlerts(rules, scrapes, { names, minute: minutes - 1 })).toEqual(['GatewayDown']);
  });
});
