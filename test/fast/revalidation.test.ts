import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { timesBefore } from '../../src/server/fast/execution/plans.ts';
import { describeBed } from '../support/bed.ts';
import type { SignedIn } from '../support/gateway.ts';
import { createNotebook, operationsOf, withCalls } from '../support/notebooks.ts';

/** Answers that are given again because ModelArts still says the same. Each query is asked so often that it is planned, and once more. */
describeBed('a revalidated response', { gateway: { revalidationMaxBytes: 1 << 20, onParity: undefined } }, (bed) => {
  let id: string;

  beforeAll(async () => {
    id = await createNotebook(bed, 'kept');
    await bed.advance(60_000);
  });
  beforeEach(() => bed.clearFaults());

  /** How often kept answers were compared so far, and found to be the same. */
  async function comparisons(): Promise<{ same: number; changed: number }> {
    const text = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
    const count = (outcome: string): number =>
      Number(new RegExp(`replays_total\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
    return { same: count('same'), changed: count('changed') };
  }

  async function keep(query: string, variables = {}, headers = {}): Promise<void> {
    for (let time = 0; time < timesBefore + 2; time++) await bed.ask(query, variables, headers);
  }

  const one = (fields: string, alias = '') => `query($id: ID!) { ${alias} notebook(id: $id) { ${fields} } }`;

  it('is the response of before, for the same calls of ModelArts', async () => {
    const query = one('name status image { name arch } flavor { name vcpus } lease { expiresAt }');
    const { answer: first, calls: firstCalls } = await withCalls(bed, () => bed.ask(query, { id }));
    await keep(query, { id });
    const before = await comparisons();
    const { answer, calls } = await withCalls(bed, () => bed.ask(query, { id }));
    expect(await comparisons()).toEqual({ ...before, same: before.same + 1 });
    expect(answer.data).toEqual(first.data);
    expect(operationsOf(calls).sort()).toEqual(operationsOf(firstCalls).sort());
  });

  it('is asked for with the token of who asks now', async () => {
    const query = one('name description', 'a:');
    await keep(query, { id });
    const { calls } = await withCalls(bed, () => bed.ask(query, { id }));
    expect(calls.map(({ request }) => request.headers['x-auth-token'])).toEqual([bed.simulator.demo.token]);
  });

  describe('for one token', () => {
    let other: SignedIn;
    beforeAll(async () => {
      other = await bed.signIn('demo', 'eu-de');
    });

    it('is not given to another, even of the same user', async () => {
      const query = one('name', 'b:');
      await keep(query, { id });
      const before = await comparisons();
      const { answer, calls } = await withCalls(bed, () => bed.ask(query, { id }, other.headers));
      expect(answer.data.b.name).toBe('kept');
      expect(await comparisons()).toEqual(before);
      expect(calls.map(({ request }) => request.headers['x-auth-token'])).toEqual([other.token]);
    });

    it('is refused once ModelArts refuses the token', async () => {
      const query = one('name', 'c:');
      await keep(query, { id });
      await bed.fault({ name: 'unauthorised', operation: 'showNotebook' });
      const { data, errors } = await bed.ask(query, { id });
      expect(data?.c ?? null).toBeNull();
      expect(errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
    });
  });

  it('gives way at once when anything ModelArts says has changed', async () => {
    const query = one('name status description', 'd:');
    await keep(query, { id });
    await bed.force(id, { status: 'ERROR', fail_reason: 'a test' });
    const { data } = await bed.ask(query, { id });
    expect(data.d.status).toBe('ERROR');
    await bed.force(id, { status: 'RUNNING' });
    expect((await bed.ask(query, { id })).data.d.status).toBe('RUNNING');
  });

  it('gives way when one of several reads fails, and the others are not made again', async () => {
    const query = one('name image { arch } flavor { vcpus }', 'e:');
    await keep(query, { id });
    await bed.fault({ name: 'malformed', operation: 'showImage', times: 1 });
    const { answer, calls } = await withCalls(bed, () => bed.ask(query, { id }));
    expect(answer.errors?.[0].extensions.code).toBe('UPSTREAM_INVALID');
    expect(operationsOf(calls).sort()).toEqual(['listFlavors', 'showImage', 'showNotebook']);
    expect((await bed.ask(query, { id })).errors).toBeUndefined();
  });

  it('makes no read a second time when one has changed', async () => {
    const query = one('name image { arch } flavor { vcpus }', 'f:');
    await keep(query, { id });
    await bed.force(id, { status: 'ERROR', fail_reason: 'another test' });
    const { answer, calls } = await withCalls(bed, () => bed.ask(query, { id }));
    expect(answer.errors).toBeUndefined();
    expect(operationsOf(calls).sort()).toEqual(['listFlavors', 'showImage', 'showNotebook']);
    await bed.force(id, { status: 'RUNNING' });
  });

  it.each([
    ['what depends on the clock', one('lease { remainingSeconds }')],
    ['a secret', one('name jupyterToken')],
    ['a secret in a fragment', `${one('...f')} fragment f on Notebook { jupyterToken }`],
    ['what the gateway itself remembers', 'query($id: ID!) { viewer { projectId } notebook(id: $id) { name } }'],
    ['an error', 'query($id: ID!) { notebook(id: $id) { name } image(id: "..") { name } }'],
    ['nothing of ModelArts', '{ __typename }'],
  ])('is never one with %s', async (_, query) => {
    const before = await comparisons();
    for (let time = 0; time < 5; time++) await bed.ask(query, query.startsWith('query') ? { id } : {});
    expect(await comparisons()).toEqual(before);
  });

  it('is not given where the cost was asked for, or the document is a mutation', async () => {
    const before = await comparisons();
    for (let time = 0; time < 5; time++) await bed.ask(one('name', 'g:'), { id }, { 'x-cost': '1' });
    const mutation = 'mutation($id: ID!) { stopNotebook(input: { id: $id, ifAlready: SUCCEED }) { __typename } }';
    for (let time = 0; time < 3; time++) await bed.ask(mutation, { id: 'no-such-notebook' });
    expect(await comparisons()).toEqual(before);
  });

  it('differs by variables', async () => {
    const query = 'query($first: Int) { images(first: $first) { nodes { name } } }';
    for (const first of [1, 2, 3, 1, 2, 3, 1, 2, 3]) {
      expect((await bed.ask(query, { first })).data.images.nodes).toHaveLength(first);
    }
  });

  it('is not tried any more where everything always changes, and is again where that ends', async () => {
    const query = one('name description status', 'h:');
    const turn = async (time: number) => {
      await bed.force(id, { status: 'ERROR', fail_reason: `time ${time}` });
      await bed.ask(query, { id });
    };
    for (let time = 0; time < 60; time++) await turn(time);
    const before = await comparisons();
    for (let time = 60; time < 80; time++) await turn(time);
    const { changed } = await comparisons();
    expect(changed - before.changed).toBeLessThan(5);
    for (let time = 0; time < 120; time++) await bed.ask(query, { id });
    expect((await comparisons()).same - before.same).toBeGreaterThan(10);
  });
});
