import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../../src/schema/relay/global-id.ts';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { type ScriptedUpstream, sendJson, startUpstream } from '../../support/wire/scripted-upstream.ts';

/** Calls of these tokens are left open, until the test answers them. */
const held = new Map<string, ServerResponse[]>();
/** What calls of these tokens are answered with. */
const failing = new Map<string, number>();
/** tokens IAM never gave out */
const isInvented = (token: string): boolean => token.startsWith('invented');

let upstream: ScriptedUpstream;
let bed: TestBed;

beforeEach(async () => {
  held.clear();
  failing.clear();
  upstream = await startUpstream((response, { headers, url }) => {
    const token = String(headers['x-auth-token']);
    const open = held.get(token);
    if (open === undefined) answer(response, token, url);
    else open.push(response);
  });
  bed = await startTestBed({ gateway: { endpoints: { modelarts: upstream.url, iam: upstream.url } } });
});
afterEach(async () => {
  // what is still open would be waited for until its deadline
  for (const open of held.values()) for (const response of open) response.destroy();
  await bed.close();
  await upstream.close();
});

function answer(response: ServerResponse, token: string, url: string): void {
  const status = isInvented(token) ? 401 : (failing.get(token) ?? 200);
  const body = status === 200 ? { id: url.split('/').at(-1), name: token, status: 'RUNNING' } : {};
  sendJson(response, body, { status });
}

/** Answers so many open calls of a token as they would have been. */
function release(token: string, count: number): void {
  for (const response of (held.get(token) ?? []).splice(0, count)) answer(response, token, '/n');
}

const projectOf = (token: string): string => `project-${token}`;
let asked = 0;
/** Reads one notebook that nobody has asked for. */
const read = (token: string) => {
  asked += 1;
  return bed.ask(
    'query($id: ID!) { notebook(id: $id) { name } }',
    { id: `nb-${asked}` },
    { 'x-auth-token': token, 'x-project-id': projectOf(token) },
  );
};
/** Reads many in one operation. */
const readMany = (token: string, count: number) => {
  asked += count;
  const ids = Array.from({ length: count }, (_, index) => encodeGlobalId('Notebook', `nb-${asked - index}`));
  return bed.ask(
    'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Notebook { name } } }',
    { ids },
    { 'x-auth-token': token, 'x-project-id': projectOf(token) },
  );
};
const others = ['other-1', 'other-2', 'other-3', 'other-4', 'other-5'];

/** Reads of five tenants, side by side. @returns those that were not answered */
async function failuresOfOthers(each: number): Promise<unknown[]> {
  const failures: unknown[] = [];
  await Promise.all(
    others.map(async (token) => {
      for (let turn = 0; turn < each; turn++) {
        const { data, errors } = await read(token);
        if (data?.notebook?.name !== token) failures.push(errors);
      }
    }),
  );
  return failures;
}

const callsOf = (token: string): number =>
  upstream.received.filter(({ headers }) => headers['x-auth-token'] === token).length;
const metrics = async (): Promise<string> => (await fetch(new URL('/metrics', bed.gateway.url))).text();

describe('a tenant with 200 reads that hang', () => {
  it('fails no read of five others, neither while they hang nor when they fail', async () => {
    await read('hog');
    held.set('hog', []);
    const hanging = Array.from({ length: 200 }, () => read('hog'));
    await expect.poll(() => held.get('hog')?.length).toBe(53);
    expect(await failuresOfOthers(20)).toEqual([]);
    // the hog had nothing meanwhile that it had not before
    expect(held.get('hog')).toHaveLength(53);
    for (const response of held.get('hog') ?? []) response.destroy();
    expect(await failuresOfOthers(20)).toEqual([]);
    for (const response of held.get('hog') ?? []) response.destroy();
    held.delete('hog');
    await Promise.all(hanging);
  });
});

describe('three requests of 240 ids with an invented token', () => {
  it('get two slots, and hold up or refuse no read of another', async () => {
    await read('known');
    held.set('invented', []);
    const requests = [0, 1, 2].map(() => readMany('invented', 240));
    await expect.poll(() => held.get('invented')?.length).toBe(2);
    for (const token of ['known', 'new']) {
      const { data } = await read(token);
      expect(data.notebook.name).toBe(token);
    }
    const { data } = await readMany('known', 100);
    expect(data.nodes).toHaveLength(100);
    expect(callsOf('invented')).toBe(2);
    held.delete('invented');
    release('invented', 2);
    for (const response of await Promise.all(requests)) {
      expect(response.errors?.[0].extensions.code).toMatch(/UNAUTHENTICATED|RATE_LIMITED|UPSTREAM_TIMEOUT/);
    }
  });

  it('with as many invented tokens get eight, and a new token that is good is answered', async () => {
    const invented = Array.from({ length: 12 }, (_, index) => `invented-${index}`);
    for (const token of invented) held.set(token, []);
    const requests = invented.map((token) => readMany(token, 240));
    const open = () => [...held.values()].flat().length;
    await expect.poll(open).toBe(8);
    const first = read('new');
    await expect.poll(async () => /upstream_waiting\{api="notebooks"\} (\d+)/.exec(await metrics())?.[1]).not.toBe('0');
    expect(open()).toBe(8);
    for (const [token, responses] of held) {
      held.delete(token);
      for (const response of responses) answer(response, token, '/n');
    }
    expect((await first).data.notebook.name).toBe('new');
    await Promise.all(requests);
  });
});

describe('a project whose reads are answered with 500', () => {
  it('fails no read of five others, and is not asked for itself any more', async () => {
    failing.set('failing', 500);
    const failures: unknown[] = [];
    for (let turn = 0; turn < 40; turn++) {
      expect((await read('failing')).errors).toHaveLength(1);
      if (turn % 4 === 0) failures.push(...(await failuresOfOthers(4)));
    }
    expect(failures).toEqual([]);
    expect(callsOf('failing')).toBeLessThan(40);
    const lines = (await metrics()).split('\n');
    expect(lines).toContain('modelarts_gateway_breaker_state{api="notebooks",state="closed"} 1');
    expect(lines).toContain('modelarts_gateway_callers_refused{api="notebooks"} 1');
  });

  it('with several others has the API left alone', async () => {
    const tokens = ['failing-1', 'failing-2', 'failing-3', 'failing-4', 'failing-5'];
    for (const token of tokens) await read(token);
    for (const token of tokens) failing.set(token, 500);
    for (let turn = 0; turn < 6; turn++) for (const token of tokens) await read(token);
    expect((await read('other')).errors?.[0].extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(callsOf('other')).toBe(0);
    expect(await metrics()).toContain('breaker_state{api="notebooks",state="open"} 1');
  });
});
