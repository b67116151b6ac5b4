import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Answer } from '../../../src/modelarts/client/answer.ts';
import type { Call } from '../../../src/modelarts/client/call.ts';
import { createCallerReads } from '../../../src/modelarts/client/caller-reads.ts';
import { TokenStandings } from '../../../src/modelarts/client/token-standing.ts';
import type { StoreStats } from '../../../src/runtime/bounded-store.ts';
import { schema } from '../../../src/schema/index.ts';
import { createPlans, timesBefore } from '../../../src/server/fast/execution/plans.ts';
import type { Caller } from '../../../src/server/graphql/context.ts';
import { bytesOf, createDocumentStore } from '../../../src/server/graphql/document-store.ts';
import { createMemoryStore } from '../../../src/server/graphql/idempotency-store.ts';
import { createCostMemo } from '../../../src/server/graphql/limits/cost-memo.ts';
import { createTokenMemory } from '../../../src/server/graphql/token-store.ts';

const many = 20_000;
const mebibyte = 1024 * 1024;

/** It is full, and no fuller than it may be. */
function expectFull({ bytes, maxBytes }: StoreStats, share = 1): void {
  expect(bytes).toBeLessThanOrEqual(maxBytes * share);
  expect(bytes).toBeGreaterThan(maxBytes * share * 0.9);
}

const callerOf = (token: string): Caller => ({
  credential: { token, problem: null, projectId: null, address: '' },
  requestId: 'r',
});
const tokenOf = ({ credential }: Caller): string => credential.token ?? '';

describe('20,000 different documents', () => {
  const textOf = (index: number): string =>
    `query Q${index} { notebooks(first: ${index % 50}) { nodes { name status } } }`;

  it('of 20,000 callers fill the store of documents and no more', () => {
    const store = createDocumentStore();
    for (let index = 0; index < many; index++) store.keep(textOf(index), parse(textOf(index)), `caller ${index}`);
    expectFull(store.stats);
    expect(store.get(textOf(many - 1))).toBeDefined();
    expect(store.get(textOf(0))).toBeUndefined();
  });

  it('of one caller fill their share of it, and push out nothing of others', () => {
    const store = createDocumentStore();
    store.keep('{ __typename }', parse('{ __typename }'), 'quiet');
    for (let index = 0; index < many; index++) store.keep(textOf(index), parse(textOf(index)), 'loud');
    expectFull(store.stats, 1 / 4);
    expect(store.get('{ __typename }')).toBeDefined();
  });

  it('are counted by what is parsed from them, however short their text', () => {
    expect(bytesOf(parse(`{ ${'a '.repeat(1000)} }`))).toBeGreaterThan(400_000);
  });

  it('each sent often, fill the store of plans and no more, and none is planned the second time', () => {
    const clock = { ms: 0 };
    let made = 0;
    const plans = createPlans<object>({
      ownerOf: tokenOf,
      now: () => clock.ms,
      make: () => {
        made += 1;
        const plan = {};
        clock.ms += 1;
        return plan;
      },
    });
    for (let index = 0; index < many; index++) {
      const document = parse(`{ __typename } # ${index}`);
      const [operation] = document.definitions;
      if (operation?.kind !== 'OperationDefinition') throw new Error('one operation each');
      const caller = callerOf(`caller ${index}`);
      // time to make it
      clock.ms += 100;
      for (let time = 1; time <= timesBefore; time++)
        expect(plans.of(operation, caller, { schema, document })).toBeNull();
      expect(made).toBe(index);
      expect(plans.of(operation, caller, { schema, document })).not.toBeNull();
    }
    expectFull(plans.stats);
  });

  it('are planned within a budget of time, of which one caller has a part', () => {
    const clock = { ms: 0 };
    const made: string[] = [];
    const plans = createPlans<object>({
      ownerOf: tokenOf,
      now: () => clock.ms,
      make: ({ operationName }) => {
        made.push(operationName ?? '');
        clock.ms += 60;
        return {};
      },
    });
    const askOften = (token: string, index: number): void => {
      const document = parse(`{ __typename } # ${index}`);
      const [operation] = document.definitions;
      if (operation?.kind !== 'OperationDefinition') throw new Error('one operation each');
      const query = { schema, document, operationName: token };
      for (let time = 0; time <= timesBefore; time++) plans.of(operation, callerOf(token), query);
    };
    const count = (token: string) => made.filter((name) => name === token).length;
    for (let index = 0; index < 400; index++) askOften('loud', index);
    // 250 ms saved up, at 60 ms each
    expect(count('loud')).toBe(5);
    askOften('quiet', 1000);
    expect(count('quiet')).toBe(1);
    for (let index = 0; index < 400; index++) askOften(`one of many ${index % 40}`, 2000 + index);
    expect(made.length).toBeLessThanOrEqual(12);
    clock.ms += 60_000;
    askOften('loud', 3000);
    expect(count('loud')).toBe(6);
  });
});

describe('the cost of operations', () => {
  const document = parse(
    'query($n: Int, $ids: [ID!]) { notebooks(first: $n) { nodes { name } } nodes(ids: $ids) { id } }',
  );
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('one operation');
  const costed = (variables: Record<string, unknown>) => ({ schema, document, operation, variables });

  it('is kept within its bytes for 20,000 sizes of pages, and 20,000 callers', () => {
    const costs = createCostMemo({ ownerOf: tokenOf, maxBytes: mebibyte });
    for (let index = 0; index < many; index++) costs.of(costed({ n: index }), callerOf(`caller ${index}`));
    expectFull(costs.stats);
  });

  it('is kept by how many are asked for, not by what is sent', () => {
    const costs = createCostMemo({ ownerOf: tokenOf });
    for (let index = 0; index < 100; index++) {
      const large = `${index} `.repeat(60_000);
      costs.of(costed({ n: large }), callerOf('a'));
      costs.of(costed({ ids: [large, index, { large }] }), callerOf('a'));
    }
    expect(costs.stats).toMatchObject({ entries: 2 });
    expect(costs.stats.bytes).toBeLessThan(2000);
  });

  it('is the same as worked out anew, whatever the variables', () => {
    const costs = createCostMemo({ ownerOf: tokenOf });
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `id-${index}`);
    const calls = (variables: Record<string, unknown>) => costs.of(costed(variables), callerOf('a')).calls;
    for (const _ of [1, 2]) {
      expect(calls({ ids: ids(7) }) - calls({ ids: ids(3) })).toBe(4);
      expect(calls({ ids: [...ids(3), ...ids(3)] })).toBe(calls({ ids: ids(3) }));
      expect(calls({ n: 200, ids: [] })).toBeGreaterThan(calls({ n: 1, ids: [] }));
    }
  });
});

describe('20,000 different tokens', () => {
  const issued = (index: number, user: string) => ({
    token: `${index} `.padEnd(2000, 't'),
    expiresAtMs: 0,
    issuedAtMs: 0,
    project: { id: 'p'.repeat(32), name: 'eu-de' },
    user: { id: user, name: user },
    domain: { id: 'd'.repeat(32), name: 'acme' },
  });

  it('are remembered within their bytes, with the projects and sessions they are of', () => {
    const tokens = createTokenMemory();
    for (let index = 0; index < many; index++) {
      const { token } = issued(index, `user ${index}`);
      tokens.remember(issued(index, `user ${index}`));
      tokens.remember(issued(many + index, `user ${index}`));
      tokens.rememberProject(token, 'p'.repeat(32));
      tokens.renew(token, issued(many + index, '').token);
    }
    for (const [name, stats] of Object.entries(tokens.stats)) {
      expect(stats.bytes, name).toBeLessThanOrEqual(stats.maxBytes);
      if (name !== 'refused_tokens') expect(stats.bytes, name).toBeGreaterThan(stats.maxBytes * 0.9);
    }
  });

  it('of one user push out nothing of another', () => {
    const tokens = createTokenMemory();
    tokens.remember(issued(-1, 'quiet'));
    for (let index = 0; index < many; index++) tokens.remember(issued(index, 'loud'));
    expect(tokens.known(issued(-1, 'quiet').token)).not.toBeNull();
    // and the one of the other user
    expect(tokens.stats.tokens?.bytes).toBeLessThan((tokens.stats.tokens?.maxBytes ?? 0) / 16 + 2000);
  });

  it('that read catalogues fill the store of these and no more', async () => {
    const reads = createCallerReads({ catalogTtlMs: 60_000, standings: new TokenStandings(60_000) });
    const body = Buffer.from(JSON.stringify({ data: [], padding: 'x'.repeat(2000) }));
    const call: Call = { operationId: 'listFlavors', method: 'GET', service: 'modelarts', path: '/v1/p/flavors' };
    for (let index = 0; index < many; index++) {
      await reads.read(`caller ${index}`, call, {
        signal: undefined,
        isFresh: false,
        send: async () => new Answer({ status: 200, headers: {}, body }),
        failed: (error) => error,
      });
      reads.accept(`caller ${index}`, call);
    }
    expectFull(reads.stats.catalog);
    expect(reads.stats.projects.bytes).toBeLessThanOrEqual(reads.stats.projects.maxBytes);
  });

  it('whose creates were not answered share one share, and push out no key that was', () => {
    const creates = createMemoryStore();
    const create = { fingerprint: 'f', askedAtMs: 0, outcome: Promise.resolve('nb-1') };
    creates.of('good').set('key', { ...create, isAnswered: true });
    for (let index = 0; index < many; index++)
      creates.of(`made up ${index}`).set('key', { ...create, isAnswered: false });
    expect(creates.of('good').get('key')).toBeDefined();
    creates.of('good').drop('key');
    expectFull(creates.stats, 1 / 8);
  });
});
