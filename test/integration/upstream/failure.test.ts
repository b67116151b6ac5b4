import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { expectNothingInternal } from '../../support/disclosure.ts';
import type { Answer } from '../../support/gateway.ts';
import {
  createNotebook,
  createNotebookMutation,
  notebookInput,
  operationsOf,
  withCalls,
} from '../../support/notebooks.ts';

const list = '{ notebooks { nodes { name } } }';
const stop = `mutation($id: ID!) {
  stopNotebook(input: { id: $id }) {
    __typename
    ... on StopNotebookPayload { notebook { status } }
    ... on Error { message code remedy retryable upstreamCode requestId }
    ... on RateLimitedError { retryAfterSeconds }
  }
}`;

type Expected = { readonly code: string; readonly calls: number; readonly [property: string]: unknown };

const readCases: [string, Expected][] = [
  ['unavailable', { code: 'UPSTREAM_UNAVAILABLE', upstreamCode: 'APIG.0202', retryable: true, calls: 3 }],
  ['bad-gateway', { code: 'UPSTREAM_UNAVAILABLE', upstreamCode: null, retryable: true, calls: 3 }],
  ['gateway-timeout', { code: 'UPSTREAM_TIMEOUT', upstreamCode: 'APIG.0201', retryable: true, calls: 3 }],
  ['throttled', { code: 'RATE_LIMITED', upstreamCode: 'ModelArts.6101', retryAfterSeconds: 1, calls: 1 }],
  ['reset', { code: 'UPSTREAM_UNAVAILABLE', upstreamCode: null, retryable: true, calls: 3 }],
  ['internal', { code: 'UPSTREAM_UNAVAILABLE', upstreamCode: 'ModelArts.0010', retryable: true, calls: 1 }],
  ['malformed', { code: 'UPSTREAM_INVALID', retryable: false, calls: 1 }],
  ['html', { code: 'UPSTREAM_INVALID', retryable: false, calls: 1 }],
  ['empty', { code: 'UPSTREAM_INVALID', retryable: false, calls: 1 }],
  ['oversize', { code: 'UPSTREAM_INVALID', retryable: false, calls: 1 }],
  ['slow-drip', { code: 'UPSTREAM_TIMEOUT', retryable: true, calls: 1 }],
  ['hang', { code: 'UPSTREAM_TIMEOUT', retryable: true, calls: 1 }],
  ['unauthorised', { code: 'UNAUTHENTICATED', upstreamCode: 'APIGW.0301', retryable: false, calls: 1 }],
];

const writeCases: [string, Record<string, unknown>][] = [
  ['unavailable', { code: 'UPSTREAM_UNAVAILABLE', upstreamCode: 'APIG.0202', retryable: true }],
  ['throttled', { code: 'RATE_LIMITED', upstreamCode: 'ModelArts.6101', retryAfterSeconds: 1, retryable: true }],
  ['internal', { code: 'UPSTREAM_UNAVAILABLE', upstreamCode: 'ModelArts.0010', retryable: true }],
  ['unauthorised', { code: 'UNAUTHENTICATED', upstreamCode: 'APIGW.0301', retryable: false }],
  ['bad-gateway', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['lost-answer', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['gateway-timeout', { code: 'OUTCOME_UNKNOWN', upstreamCode: 'APIG.0201', retryable: false }],
  ['reset', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['reset-after', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['malformed', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['html', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['empty', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['oversize', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['slow-drip', { code: 'OUTCOME_UNKNOWN', retryable: false }],
  ['hang', { code: 'OUTCOME_UNKNOWN', retryable: false }],
];

/** What hangs ends at the deadline, and what is to be asked again later only behind it; all else fails long before a long one. */
const isLate = ([name]: readonly [string, unknown]): boolean => ['slow-drip', 'hang', 'throttled'].includes(name);

/** A bed for each test, in which a notebook runs. */
function failing(upstreamTimeoutMs: number) {
  const bed = freshBed({ gateway: { upstreamTimeoutMs } });
  const notebook = { id: '' };
  beforeEach(async () => {
    notebook.id = await createNotebook(bed, 'steady');
    await bed.advance(1000);
  });
  afterEach(async () => {
    expect(await bed.violations()).toEqual([]);
  });
  return { bed, notebook };
}

describe.each([
  ['fails', 15_000, readCases.filter((row) => !isLate(row)), writeCases.filter((row) => !isLate(row))],
  ['answers too late, or asks to wait too long', 900, readCases.filter(isLate), writeCases.filter(isLate)],
] as const)('an upstream that %s', (_, timeoutMs, reads, writes) => {
  const { bed, notebook } = failing(timeoutMs);

  it.each(reads)('with %s makes a read a typed error', async (name, expected) => {
    await bed.fault({ name, operation: 'listNotebooks' });
    const { answer, calls } = await withCalls(bed, () => bed.ask(list, {}, { 'x-request-id': 'failing-read-1' }));
    const { calls: count, ...extensions } = expected;
    expect(answer).toMatchObject({ status: 200, data: null });
    expect(answer.errors).toMatchObject([
      {
        message: expect.stringMatching(/\w/),
        path: ['notebooks'],
        extensions: { remedy: expect.any(String), requestId: 'failing-read-1', ...extensions },
      },
    ]);
    expect(operationsOf(calls)).toEqual(Array.from({ length: count }, () => 'listNotebooks'));
    expectNothingInternal(bed, answer);
  });

  it.each(writes)('with %s makes a change a typed error, and is asked once', async (name, expected) => {
    await bed.fault({ name, operation: 'stopNotebook' });
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(stop, { id: notebook.id }, { 'x-request-id': 'failing-write-1' }),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.stopNotebook).toMatchObject({
      __typename: expect.stringMatching(/Error$/),
      message: expect.stringMatching(/\w/),
      remedy: expect.any(String),
      requestId: 'failing-write-1',
      ...expected,
    });
    expect(operationsOf(calls)).toEqual(['stopNotebook']);
    expectNothingInternal(bed, answer);
  });
});

describe('an upstream that fails', () => {
  const { bed } = failing(2000);

  describe('during a create', () => {
    const create = (name: string): Promise<Answer> => bed.ask(createNotebookMutation, { input: notebookInput(name) });
    const posts = () => bed.exchanges.filter(({ operationId }) => operationId === 'createNotebook').length;

    it.each(['unavailable', 'throttled', 'internal'])('with %s never asks twice', async (name) => {
      await bed.fault({ name, operation: 'createNotebook', times: 1 });
      const { answer, calls } = await withCalls(bed, () => create('refused'));
      expect(answer.data.createNotebook.__typename).toMatch(/^(UpstreamUnavailable|RateLimited)Error$/);
      expect(operationsOf(calls).filter((operation) => operation === 'createNotebook')).toHaveLength(1);
    });

    it('that did not happen ends with OUTCOME_UNKNOWN, asked once', async () => {
      const faults = ['bad-gateway', 'gateway-timeout', 'reset', 'html', 'oversize', 'hang'];
      const answers: Promise<Answer>[] = [];
      for (const [index, name] of faults.entries()) {
        const before = posts();
        await bed.fault({ name, operation: 'createNotebook', times: 1 });
        answers.push(create(`lost-${index}`));
        await expect.poll(posts).toBe(before + 1);
      }
      const asked = posts();
      for (const answer of await Promise.all(answers)) {
        expect(answer.data.createNotebook).toMatchObject({
          __typename: 'OutcomeUnknownError',
          code: 'OUTCOME_UNKNOWN',
        });
        expectNothingInternal(bed, answer);
      }
      expect(posts()).toBe(asked);
    });

    it('that happened finds the notebook, asked once', async () => {
      for (const name of ['lost-answer', 'reset-after', 'malformed', 'empty', 'slow-drip']) {
        await bed.fault({ name, operation: 'createNotebook', times: 1 });
        const { answer, calls } = await withCalls(bed, () => create(`found-after-${name}`));
        expect(answer.data.createNotebook).toMatchObject({
          __typename: 'CreateNotebookPayload',
          notebook: { name: `found-after-${name}` },
        });
        expect(operationsOf(calls).filter((operation) => operation === 'createNotebook')).toHaveLength(1);
      }
      const { data } = await bed.ask(list);
      expect(data.notebooks.nodes).toHaveLength(6);
    });
  });

  it('is not noticed by a read when it recovers at once', async () => {
    await bed.fault({ name: 'unavailable', operation: 'listNotebooks', times: 2 });
    const { data, errors } = await bed.ask(list);
    expect(errors).toBeUndefined();
    expect(data.notebooks.nodes).toEqual([{ name: 'steady' }]);
  });

  it('in one part leaves the rest of the answer alone', async () => {
    await bed.fault({ name: 'html', operation: 'listFlavors' });
    const { data, errors } = await bed.ask('{ notebooks { nodes { name flavor { name } } } }');
    expect(data).toEqual({ notebooks: { nodes: [{ name: 'steady', flavor: null }] } });
    expect(errors).toMatchObject([
      { path: ['notebooks', 'nodes', 0, 'flavor'], extensions: { code: 'UPSTREAM_INVALID' } },
    ]);
  });

  it('is logged with operation and code, and without token', async () => {
    await bed.fault({ name: 'throttled', operation: 'listNotebooks', retryAfterSeconds: 60 });
    await bed.ask(list, {}, { 'x-request-id': 'logged-1' });
    const lines = bed.logLines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId === 'logged-1');
    expect(lines).toMatchObject([
      { operationId: 'listNotebooks', status: 429, attempts: 1, code: 'RATE_LIMITED', upstreamCode: 'ModelArts.6101' },
      { msg: 'operation', kind: 'query', codes: ['RATE_LIMITED'] },
    ]);
    expect(bed.logLines.join('')).not.toContain(bed.simulator.demo.token.slice(0, 32));
  });
});
