import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startTestBed, type TestBed } from '../../support/gateway.ts';

const heartbeatMs = 100;
const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const watch = 'subscription { notebooksChanged { kind } }';

/** ms until an open event stream has sent two comments behind its first event */
async function twoComments(bed: TestBed): Promise<number> {
  const leave = new AbortController();
  const response = await fetch(bed.gateway.url, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'x-auth-token': bed.simulator.demo.token,
    },
    body: JSON.stringify({ query: watch }),
    signal: leave.signal,
  });
  const startedAt = performance.now();
  let text = '';
  if (response.body === null) throw new Error('no stream');
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if ((text.match(/^:$/gm) ?? []).length >= 2) break;
  }
  leave.abort();
  return performance.now() - startedAt;
}

describe('HEARTBEAT_MS', () => {
  it.each([
    ['an event stream', []],
    ["an event stream of Yoga's", ['https://console.example']],
  ])('is the time between two comments on %s', async (_, corsOrigins) => {
    const bed = await startTestBed({ gateway: { projectId, corsOrigins, heartbeatMs } });
    const passedMs = await twoComments(bed);
    // the first of them may have been due when the stream began
    expect(passedMs).toBeGreaterThan(heartbeatMs * 0.9);
    expect(passedMs).toBeLessThan(heartbeatMs * 20);
    await bed.close();
  });

  it('is the time between two pings on a WebSocket', async () => {
    const bed = await startTestBed({ gateway: { projectId, heartbeatMs } });
    const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    const pingedAt: number[] = [];
    socket.on('ping', () => pingedAt.push(performance.now()));
    await expect.poll(() => pingedAt.length, { timeout: heartbeatMs * 20 }).toBeGreaterThanOrEqual(3);
    const [first = 0, , third = 0] = pingedAt;
    expect(third - first).toBeGreaterThan(heartbeatMs * 1.5);
    socket.close();
    await bed.close();
  });
});
