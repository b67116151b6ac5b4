import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';

const bed = sharedBed();
const stream = () => `${bed.gateway.url}/stream`;

/** Some 200 KB without a call. */
const large = `{ ${['a', 'b'].map((alias) => `${alias}: __schema { types { ...Type } }`).join(' ')} }
  fragment Type on __Type { name description fields { name description args { name description } } }`;

const reserve = async (): Promise<string> => (await fetch(stream(), { method: 'PUT' })).text();

const post = (token: string, query: string, operationId: string): Promise<Response> =>
  fetch(stream(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-graphql-event-stream-token': token },
    body: JSON.stringify({ query, extensions: { operationId } }),
  });

/** Opens a stream, and reads nothing of it. */
const open = (token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const asked = httpRequest(
      `${stream()}?token=${token}`,
      { headers: { accept: 'text/event-stream' } },
      (response) => {
        response.pause();
        response.on('error', () => {});
        resolve(response);
      },
    );
    asked.on('error', reject);
    asked.end();
  });

/** Posts until one is refused. */
async function fill(token: string): Promise<{ accepted: number; refused: Response | null }> {
  for (let accepted = 0; accepted < 300; accepted += 1) {
    const response = await post(token, large, `fill-${accepted}`);
    if (response.status !== 202) return { accepted, refused: response };
  }
  return { accepted: 300, refused: null };
}

describe('a single connection of graphql-sse whose reader does not read', () => {
  it('is refused more operations by name, until it reads', async () => {
    const token = await reserve();
    const events = await open(token);
    const { accepted, refused } = await fill(token);
    expect(refused?.status).toBe(429);
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(await refused?.json()).toMatchObject({
      errors: [
        { extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIMIT_RESPONSE_BYTES', requestId: expect.any(String) } },
      ],
    });
    let text = '';
    events.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    events.resume();
    const completed = () => text.split('event: complete').length - 1;
    await expect.poll(completed, { timeout: 10_000 }).toBe(accepted);
    expect((await post(token, '{ __typename }', 'again')).status).toBe(202);
    await expect.poll(completed).toBe(accepted + 1);
    events.destroy();
  });

  it('that nobody opened is refused them as well, and others are not', async () => {
    const token = await reserve();
    const { accepted, refused } = await fill(token);
    expect(refused?.status).toBe(429);
    // a mebibyte, and the one that goes beyond
    expect(accepted).toBeLessThan(20);
    expect((await post(await reserve(), large, 'other')).status).toBe(202);
  });

  it('keeps no more than the bound of operations that were all posted at once', async () => {
    const token = await reserve();
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => (await post(token, large, `at-once-${index}`)).status),
    );
    const events = await open(token);
    let text = '';
    events.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    events.resume();
    const accepted = statuses.filter((status) => status === 202).length;
    await expect.poll(() => text.split('event: complete').length - 1, { timeout: 10_000 }).toBe(accepted);
    // twice the largest answer, in bytes of Latin-1
    expect(text.length).toBeLessThan(2 * 8_388_608 + 1024 * 1024);
    events.destroy();
  });
});
