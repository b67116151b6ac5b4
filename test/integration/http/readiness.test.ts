import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { CallReport } from '../../../src/modelarts/client/client.ts';
import { UpstreamTimeoutError } from '../../../src/modelarts/wire/errors.ts';
import { createReadiness } from '../../../src/server/http/readiness.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';

const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';

async function probe(bed: TestBed, path = '/ready') {
  const response = await fetch(new URL(path, bed.gateway.url));
  return { status: response.status, body: await response.json() };
}

const ready = { status: 'ready', config: 'valid', draining: false, reasons: [] };

describe('/ready', () => {
  it('says yes before anything was asked, and knocks at the upstream once, without a token', async () => {
    const bed = await startTestBed({ gateway: { projectId } });
    expect(await probe(bed)).toMatchObject({ status: 200, body: { ...ready, upstream: 'unasked' } });
    const upstreamName = new URL(bed.simulator.url).host;
    await expect.poll(async () => (await probe(bed)).body).toEqual({ ...ready, upstream: 'reached', upstreamName });
    for (let asked = 0; asked < 20; asked += 1) await probe(bed);
    expect(bed.exchanges.map(({ request }) => [request.path, request.headers['x-auth-token']])).toEqual([
      ['/', undefined],
    ]);
    expect(bed.logLines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'listening', upstream: upstreamName, url: bed.gateway.url },
    ]);
    await bed.close();
  });

  it('judges by calls made anyway, and makes none then', async () => {
    const bed = await startTestBed({ gateway: { projectId } });
    await bed.fault({ name: 'unauthorised', times: 1 });
    await bed.ask('{ notebooks { totalCount } }');
    expect(await probe(bed)).toMatchObject({ status: 200, body: { ...ready, upstream: 'reached' } });
    expect(bed.exchanges).toHaveLength(1);
    await bed.close();
  });

  it('says no, and why, when nothing comes through, and yes again soon after it does', async () => {
    const bed = await startTestBed({ gateway: { projectId } });
    await bed.fault({ name: 'reset', operation: 'listNotebooks', times: 3 });
    await bed.ask('{ notebooks { totalCount } }');
    const { status, body } = await probe(bed);
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'not ready',
      upstream: 'unreachable',
      reasons: [expect.stringMatching(/ModelArts/)],
    });
    await expect.poll(async () => (await probe(bed)).status, { interval: 200 }).toBe(200);
    await bed.close();
  });

  it.each(['/ready', '/health', '/metrics'])(
    '%s answers while the upstream takes every call and says nothing',
    async (path) => {
      const waiting: Socket[] = [];
      const silent = createServer((socket) => waiting.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const address = silent.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const url = `http://127.0.0.1:${address.port}`;
      const bed = await startTestBed({
        gateway: { projectId, upstreamTimeoutMs: 600_000, endpoints: { modelarts: url, iam: url } },
      });
      let answered = 0;
      // equal reads would share one call
      const asked = Array.from({ length: 50 }, (_, index) =>
        bed
          .ask(`{ notebooks(filter: { name: "n${index}" }) { totalCount } }`)
          .catch(() => null)
          .finally(() => {
            answered += 1;
          }),
      );
      // of a token that no upstream has accepted yet two are made at once, and the others wait
      await expect.poll(() => waiting.length).toBe(2);
      for (let tries = 0; tries < 10; tries += 1) await (await fetch(new URL(path, bed.gateway.url))).text();
      expect(answered).toBe(0);
      // what would be waited for to its deadline
      silent.close();
      for (const socket of waiting) socket.destroy();
      await Promise.all(asked);
      await bed.close();
    },
  );

  it('says no while the gateway shuts down, and requests are taken still', async () => {
    const bed = await startTestBed({ gateway: { projectId } });
    await bed.ask('{ notebooks { totalCount } }');
    bed.gateway.drain();
    expect(await probe(bed)).toMatchObject({
      status: 503,
      body: { status: 'not ready', draining: true, reasons: [expect.stringMatching(/shutting down/)] },
    });
    expect((await probe(bed, '/health')).body).toMatchObject({ status: 'alive' });
    const { data, headers } = await bed.ask('{ notebooks { totalCount } }');
    expect(data.notebooks.totalCount).toBe(0);
    expect(headers.get('connection')).toBe('close');
    await bed.close();
  });
});

describe('what is known of the upstream', () => {
  const report = (status: number | null, error: CallReport['error'] = null): CallReport => ({
    operationId: 'listNotebooks',
    requestId: 'r',
    status,
    attempts: 1,
    durationMs: 1,
    error,
  });

  function readiness() {
    const state = { now: 0, checks: 0 };
    const check = async (): Promise<void> => {
      state.checks += 1;
    };
    return Object.assign(state, {
      of: createReadiness({ upstreamName: 'modelarts.test', check, now: () => state.now }),
    });
  }

  it('is good for 30 s, then one check is made', async () => {
    const { of, ...state } = readiness();
    const seen = readiness();
    seen.of.heard(report(200));
    seen.now = 29_999;
    expect([seen.of.report().upstream, seen.checks]).toEqual(['reached', 0]);
    seen.now = 30_000;
    expect([seen.of.report().upstream, seen.checks]).toEqual(['unasked', 1]);
    seen.of.report();
    expect(seen.checks).toBe(1);
    expect([of.report().upstream, state.checks]).toEqual(['unasked', 0]);
  });

  it('outlives the failure of one API while another answers', () => {
    const seen = readiness();
    seen.of.heard(report(200));
    seen.now = 1000;
    seen.of.heard(report(null, new UpstreamTimeoutError('late')));
    expect(seen.of.report()).toMatchObject({ status: 'ready', upstream: 'reached' });
    seen.now = 30_500;
    expect(seen.of.report()).toMatchObject({ status: 'not ready', upstream: 'unreachable' });
  });

  it.each([
    [400, 'reached'],
    [401, 'reached'],
    [429, 'reached'],
    [500, 'reached'],
    [502, 'unreachable'],
    [503, 'unreachable'],
    [504, 'unreachable'],
  ])('after a %d is %s', (status, upstream) => {
    const seen = readiness();
    seen.of.heard(report(status));
    expect(seen.of.report().upstream).toBe(upstream);
  });
});
