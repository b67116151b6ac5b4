import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { quickly, startTestBed, type TestBed } from '../../support/gateway.ts';

const heartbeatMs = 100;
const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
const watch = 'subscription { notebooksChanged { kind } }';

/** What was seen of a connection: how many signs of life, and the time since before it was asked for. */
type Seen = { readonly signs: number; readonly elapsedMs: number };

/** How many comments or pings are waited for; however late they come, the limit of the test is their only one. */
const wanted = 4;

/** Reads an open event stream until it has sent that many comments. */
async function commentsOf(bed: TestBed): Promise<Seen> {
  const leave = new AbortController();
  const startedAt = performance.now();
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
  let text = '';
  let signs = 0;
  if (response.body === null) throw new Error('no stream');
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    signs = (text.match(/^:$/gm) ?? []).length;
    if (signs >= wanted) break;
  }
  leave.abort();
  return { signs, elapsedMs: performance.now() - startedAt };
}

/** Listens to an open socket until it was pinged that often. */
async function pingsOf(bed: TestBed): Promise<Seen> {
  const startedAt = performance.now();
  const socket = new WebSocket(bed.gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  let signs = 0;
  const seen = await new Promise<Seen>((resolve, reject) => {
    socket.on('error', reject).on('close', () => reject(new Error('the socket was closed')));
    socket.on('ping', () => {
      signs += 1;
      if (signs === wanted) resolve({ signs, elapsedMs: performance.now() - startedAt });
    });
  });
  socket.close();
  return seen;
}

describe('HEARTBEAT_MS', () => {
  it.each([
    ['comments on an event stream', commentsOf],
    ['pings on a WebSocket', pingsOf],
  ])('is the time between %s', async (_, read) => {
    const bed = await startTestBed({ gateway: { projectId, heartbeatMs } });
    const { signs, elapsedMs } = await read(bed);
    // one may come at once; a busy machine makes the time longer, not the number greater. Timers may be early by 1 ms
    expect(signs).toBeLessThanOrEqual(elapsedMs / (heartbeatMs * 0.9) + 1);
    // what it would take if the setting were not read is three times this
    expect(elapsedMs).toBeLessThan(quickly.heartbeatMs);
    await bed.close();
  });
});
