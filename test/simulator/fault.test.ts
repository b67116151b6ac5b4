import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { faultNames } from '../../src/simulator/control/faults.ts';
import type { RecordedCall } from '../../src/simulator/recorded-call.ts';
import { type Reply, type Session, startSession, validNotebook } from './session.ts';

const list = (session: Session): Promise<Reply> => session.call('GET', '{p}/notebooks');

/** Each fault, how it shows in listNotebooks, one check per name. */
const effects: Record<keyof typeof faultNames, { fault?: object; check: (session: Session) => Promise<void> }> = {
  slow: {
    fault: { delayMs: 150 },
    check: async (session) => {
      const before = performance.now();
      expect((await list(session)).body.total).toBe(1);
      expect(performance.now() - before).toBeGreaterThanOrEqual(145);
    },
  },
  hang: {
    check: async ({ simulator }) => {
      const url = `${simulator.url}/v1/${simulator.demo.projectId}/notebooks`;
      await expect(fetch(url, { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout');
    },
  },
  reset: { check: async (session) => expect(list(session)).rejects.toThrow('fetch failed') },
  'reset-after': { check: async (session) => expect(list(session)).rejects.toThrow('fetch failed') },
  'lost-answer': {
    check: async (session) => {
      const { status, text } = await list(session);
      expect([status, text.includes('<html>')]).toEqual([502, true]);
    },
  },
  unavailable: {
    fault: { retryAfterSeconds: 7 },
    check: async (session) => {
      const { status, headers } = await list(session);
      expect([status, headers.get('retry-after')]).toEqual([503, '7']);
    },
  },
  'bad-gateway': {
    check: async (session) => {
      const { status, headers } = await list(session);
      expect([status, headers.get('content-type')]).toEqual([502, 'text/html']);
    },
  },
  'gateway-timeout': { check: async (session) => expect((await list(session)).status).toBe(504) },
  throttled: {
    check: async (session) => {
      const { status, headers, body } = await list(session);
      expect([status, headers.get('retry-after'), body.error_code]).toEqual([429, '1', 'ModelArts.6101']);
    },
  },
  'rate-limited': {
    fault: { limit: 5, window: '30 second' },
    check: async (session) => {
      const { status, headers, body, text } = await list(session);
      expect([status, headers.get('retry-after'), body.error_code]).toEqual([429, null, 'APIG.0308']);
      expect(text).toContain('over ratelimit,limit:5,time:30 second"');
    },
  },
  refused: {
    fault: { code: 'ModelArts.0428' },
    check: async (session) => {
      const { status, body } = await list(session);
      expect([status, body.error_code]).toEqual([401, 'ModelArts.0428']);
    },
  },
  'headers-too-large': {
    check: async (session) => {
      const { status, body } = await list(session);
      expect([status, body.error_code]).toEqual([494, 'APIG.0201']);
    },
  },
  unauthorised: {
    check: async (session) => {
      const { status, body } = await list(session);
      expect([status, body.error_code]).toEqual([401, 'APIGW.0301']);
    },
  },
  internal: {
    check: async (session) => {
      const { status, body } = await list(session);
      expect([status, body.error_code]).toEqual([500, 'ModelArts.0010']);
    },
  },
  malformed: {
    check: async (session) => {
      const { status, text, body } = await list(session);
      expect([status, text.startsWith('{"current":0'), body]).toEqual([200, true, null]);
    },
  },
  html: {
    check: async (session) => {
      const { status, headers } = await list(session);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html']);
    },
  },
  empty: {
    check: async (session) => {
      const { status, text } = await list(session);
      expect([status, text]).toEqual([200, '']);
    },
  },
  'slow-drip': {
    fault: { intervalMs: 60 },
    check: async ({ simulator }) => {
      const url = `${simulator.url}/v1/${simulator.demo.projectId}/notebooks`;
      const headers = { 'X-Auth-Token': simulator.demo.token };
      const startedAt = performance.now();
      const received = await new Promise<{ bytes: number; elapsedMs: number }>((resolve, reject) => {
        get(url, { headers }, (response) => {
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes < 3) return;
            response.destroy();
            resolve({ bytes, elapsedMs: performance.now() - startedAt });
          });
          response.on('error', () => {});
        }).on('error', reject);
      });
      expect(received.bytes).toBeGreaterThanOrEqual(3);
      expect(received.bytes).toBeLessThanOrEqual(received.elapsedMs / 50 + 1);
    },
  },
  oversize: {
    check: async (session) => {
      const { text, headers } = await list(session);
      expect(text.length).toBeGreaterThan(8 * 1024 * 1024);
      expect(headers.has('content-length')).toBe(false);
    },
  },
  'wrong-type': { check: async (session) => expect(Array.isArray((await list(session)).body)).toBe(true) },
  'unknown-enum': { check: async (session) => expect((await list(session)).body.data[0]?.status).toBe('MIGRATING') },
  'null-list': { check: async (session) => expect((await list(session)).body.data).toBeNull() },
  error: {
    fault: { status: 418, body: { error_code: 'ModelArts.9999', error_msg: 'tea' } },
    check: async (session) => {
      const { status, body } = await list(session);
      expect([status, body.error_code]).toEqual([418, 'ModelArts.9999']);
    },
  },
  merge: {
    fault: { body: { total: 12, pages: null }, item: { lease: { type: null, duration: 5 }, name: 'merged' } },
    check: async (session) => {
      const { body } = await list(session);
      expect(body.total).toBe(12);
      expect(body).not.toHaveProperty('pages');
      expect(body.data[0]).toMatchObject({ name: 'merged', status: 'CREATING', lease: { duration: 5, enable: true } });
      expect(body.data[0]?.lease).not.toHaveProperty('type');
    },
  },
};

describe('faults of the simulator', () => {
  it.each(Object.keys(effects) as (keyof typeof effects)[])('%s strikes once, only where it should', async (name) => {
    const session = await startSession();
    await session.notebook();
    const stored = await session.fault({ name, operation: 'listNotebooks', times: 1, ...effects[name].fault });
    expect(stored.status).toBe(201);
    expect((await session.call('GET', '{p}/images')).body.total).toBe(39);
    await effects[name].check(session);
    expect((await list(session)).body.total).toBe(1);
  });

  it.each(['reset-after', 'lost-answer', 'slow', 'malformed', 'empty'])('%s does the work first', async (name) => {
    const session = await startSession();
    await session.fault({ name, operation: 'createNotebook' });
    await session.call('POST', '{p}/notebooks', { body: validNotebook }).catch(() => {});
    expect((await list(session)).body.total).toBe(1);
  });

  it.each(['reset', 'bad-gateway', 'unavailable', 'throttled', 'internal', 'gateway-timeout'])(
    '%s does not do the work',
    async (name) => {
      const session = await startSession();
      await session.fault({ name, operation: 'createNotebook' });
      await session.call('POST', '{p}/notebooks', { body: validNotebook }).catch(() => {});
      expect((await list(session)).body.total).toBe(0);
    },
  );

  it('count down, first match first, until cleared', async () => {
    const session = await startSession();
    await session.fault({ name: 'internal', operation: 'listNotebooks', times: 2 });
    await session.fault({ name: 'unavailable', operation: '*' });
    const status = async () => (await list(session)).status;
    expect([await status(), await status(), await status(), await status()]).toEqual([500, 500, 503, 503]);
    expect((await session.call('GET', '/_simulator/faults')).body.faults).toMatchObject([
      { name: 'unavailable', times: null },
    ]);
    await session.call('DELETE', '/_simulator/faults');
    expect(await status()).toBe(200);
  });

  it.each([
    [{ name: 'gremlins' }, 'There is no fault "gremlins"; known: slow, hang'],
    [{ name: 'slow', operation: 'makeTea' }, 'There is no operation "makeTea"'],
    [{ name: 'slow', times: 0 }, 'times must be'],
    [{ name: 'hang', delayMs: 5 }, 'hang takes no delayMs'],
    [{ name: 'slow', delayMs: 'long' }, 'delayMs must be'],
    [{ name: 'merge' }, 'merge needs'],
    [{ name: 'refused', code: 'ModelArts.toString' }, 'refused needs a code'],
    [{ name: 'refused' }, 'refused needs a code'],
    [{ name: 'rate-limited', window: 60 }, 'window must be'],
    ['not json', 'JSON'],
  ])('refuses %j with a clear message', async (fault, message) => {
    const { call } = await startSession();
    const { status, text } = await call('POST', '/_simulator/faults', { body: fault });
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toContain(message);
  });
});

describe('the observer of the simulator', () => {
  it('sees every exchange, with the fault that struck, before the client has the answer', async () => {
    const exchanges: RecordedCall[] = [];
    const session = await startSession({ observe: (exchange) => exchanges.push(exchange) });
    await session.call('GET', '{p}/images?limit=5', { headers: { 'X-Request-Id': 'abc' } });
    expect(exchanges[0]).toMatchObject({
      request: { method: 'GET', query: { limit: '5' }, headers: { 'x-request-id': 'abc' }, body: '' },
      response: { status: 200, headers: { 'X-Request-Id': 'abc' } },
      fault: null,
      operationId: 'listImage',
    });
    await session.fault({ name: 'reset', operation: 'listImage' });
    await session.call('GET', '{p}/images').catch(() => {});
    expect(exchanges[1]).toMatchObject({ response: null, fault: 'reset', operationId: 'listImage' });
    await session.call('GET', '/v1/x/nowhere');
    expect(exchanges[2]).toMatchObject({ response: { status: 404 }, operationId: null });
    expect(exchanges).toHaveLength(3);
  });
});
