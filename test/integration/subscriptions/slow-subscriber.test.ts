import { type IncomingMessage, request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { createNotebook } from '../../support/notebooks.ts';

const query = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { notebook { failReason } } }';
const changes = 150;
/** so large that the buffers of the sockets hold a few dozen events, not all of them */
const padding = 'x'.repeat(400_000);

describe('a subscriber that does not read', { timeout: 90_000 }, () => {
  const bed = sharedBed({
    gateway: { pollIntervalMs: 20, pollIdleIntervalMs: 20, logLevel: 'silent' },
  });
  let id = '';

  beforeAll(async () => {
    id = await createNotebook(bed, 'watched');
    await bed.advance(1000);
  });

  /** numbers of the changes heard, in order */
  function subscribe(): Promise<{ heard: number[]; response: IncomingMessage }> {
    const heard: number[] = [];
    return new Promise((resolve, reject) => {
      const sent = request(bed.gateway.url, {
        method: 'POST',
        agent: false,
        headers: {
          accept: 'text/event-stream',
          'content-type': 'application/json',
          'x-auth-token': bed.simulator.demo.token,
        },
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        let text = '';
        response.on('error', () => {});
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          for (const [, number] of text.matchAll(/"failReason":"(\d+) x/g)) heard.push(Number(number));
          text = text.slice(Math.max(0, text.length - 40)).replace(/"failReason":"\d+ x/g, '');
        });
        resolve({ heard, response });
      });
      sent.end(JSON.stringify({ query, variables: { id } }));
    });
  }

  it('delays nobody, costs a bounded number of events, and goes on with the newest state', async () => {
    const prompt = await subscribe();
    const stalled = await subscribe();
    await expect.poll(() => bed.gateway.watchStats().listeners).toBe(2);
    stalled.response.pause();
    for (let number = 1; number <= changes; number += 1) {
      await bed.force(id, { status: 'RUNNING', fail_reason: `${number} ${padding}` });
      await expect.poll(() => prompt.heard.at(-1), { interval: 5 }).toBe(number);
    }
    expect(prompt.heard).toEqual(Array.from({ length: changes }, (_, index) => index + 1));

    stalled.response.resume();
    await expect.poll(() => stalled.heard.at(-1), { timeout: 20_000 }).toBe(changes);
    expect(stalled.heard.length).toBeLessThan(changes);
    expect(stalled.heard).toEqual([...stalled.heard].sort((a, b) => a - b));
    // each change that was not heard is counted
    const { lags, droppedEvents } = bed.gateway.watchStats();
    expect(stalled.heard.length + droppedEvents).toBe(changes);
    expect(lags).toBeGreaterThan(0);
    prompt.response.destroy();
    stalled.response.destroy();
  });
});
