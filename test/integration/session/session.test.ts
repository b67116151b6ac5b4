import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startTestBed, type TestBed } from '../../support/gateway.ts';
import { collect, sse } from '../../support/subscription.ts';

const signIn = `mutation($input: IssueTokenInput!) {
  issueToken(input: $input) { ... on IssueTokenPayload { token expiresAt } ... on Error { message } }
}`;
const renew = `mutation($token: String!) {
  renewSession(input: { token: $token }) { __typename ... on RenewSessionPayload { expiresAt } ... on Error { message code } }
}`;
const create = `mutation { createNotebook(input: {
  name: "watched", flavorId: "modelarts.vm.cpu.2u", imageId: "e1a07296-22a8-4f05-8bc8-e936c8e54090", volume: { category: EFS }
}) { ... on CreateNotebookPayload { notebook { notebookId } } } }`;
const watch =
  'subscription($id: ID!, $until: [NotebookStatus!]) { notebookStatusChanged(id: $id, until: $until) { status } }';

describe('a session', () => {
  let bed: TestBed;

  beforeEach(async () => {
    bed = await startTestBed();
  });
  afterEach(async () => {
    await bed.close();
  });

  const tokenOf = async (user = 'demo', projectName = 'eu-de', domain = 'acme'): Promise<string> => {
    const input = { domain, user, password: user, projectName };
    const { data } = await bed.ask(signIn, { input }, { 'x-auth-token': null });
    return data.issueToken.token;
  };
  const createWith = async (token: string): Promise<string> => {
    const { data } = await bed.ask(create, {}, { 'x-auth-token': token });
    return data.createNotebook.notebook.notebookId;
  };
  /** calls of showNotebook and listNotebooks, by the token they carried */
  const pollsWith = (token: string): number =>
    bed.exchanges.filter(
      ({ operationId, request }) =>
        /^(show|list)Notebook/.test(operationId ?? '') && request.headers['x-auth-token'] === token,
    ).length;

  it('goes on with a newer token in the subscriptions that run, without a gap', async () => {
    const [old, next] = [await tokenOf(), await tokenOf()];
    const id = await createWith(old);
    const events = collect(sse(bed, watch, { token: old, variables: { id, until: ['STOPPED'] } }));
    await expect.poll(() => pollsWith(old)).toBeGreaterThan(0);

    const { data } = await bed.ask(renew, { token: next }, { 'x-auth-token': old });
    expect(data.renewSession.__typename).toBe('RenewSessionPayload');
    await expect.poll(() => pollsWith(next)).toBeGreaterThan(1);
    const before = pollsWith(old);
    await expect
      .poll(
        async () =>
          (await bed.ask('query($id: ID!) { notebook(id: $id) { status } }', { id }, { 'x-auth-token': next })).data
            .notebook.status,
      )
      .toBe('RUNNING');
    await bed.ask(
      'mutation($id: ID!) { stopNotebook(input: { id: $id }) { __typename } }',
      { id },
      { 'x-auth-token': next },
    );

    const statuses = (await events).map((event) => event.data?.notebookStatusChanged.status);
    expect(statuses.at(-1)).toBe('STOPPED');
    expect(pollsWith(old)).toBe(before);
  });

  it('is not lent to the old token: who subscribes with it afterwards asks ModelArts for themselves', async () => {
    const [old, next] = [await tokenOf(), await tokenOf()];
    const id = await createWith(old);
    const abort = new AbortController();
    const first = collect(sse(bed, watch, { token: old, variables: { id }, signal: abort.signal })).catch(() => []);
    await expect.poll(() => pollsWith(old)).toBeGreaterThan(0);
    await bed.ask(renew, { token: next }, { 'x-auth-token': old });
    await expect.poll(() => pollsWith(next)).toBeGreaterThan(0);
    const before = pollsWith(old);
    const second = collect(sse(bed, watch, { token: old, variables: { id }, signal: abort.signal })).catch(() => []);
    await expect.poll(() => pollsWith(old)).toBeGreaterThan(before);
    abort.abort();
    await Promise.all([first, second]);
  });

  it('goes on with nobody else’s token', async () => {
    const own = await tokenOf();
    const others = [
      await tokenOf('colleague'),
      await tokenOf('demo', 'eu-de_team'),
      await tokenOf('stranger', 'eu-de', 'globex'),
    ];
    for (const other of others) {
      const { data } = await bed.ask(renew, { token: other }, { 'x-auth-token': own });
      expect(data.renewSession).toMatchObject({ __typename: 'ForbiddenError', code: 'FORBIDDEN' });
    }
    const { data } = await bed.ask(renew, { token: 'no-token-at-all' }, { 'x-auth-token': own });
    expect(data.renewSession).toMatchObject({ __typename: 'UnauthenticatedError' });
    const { data: malformed } = await bed.ask(renew, { token: 'two words' }, { 'x-auth-token': own });
    expect(malformed.renewSession).toMatchObject({ __typename: 'BadUserInputError' });
  });

  it('goes on with a token the gateway did not issue, once IAM has said whose it is', async () => {
    const next = await tokenOf();
    const { data } = await bed.ask(renew, { token: next }, { 'x-project-id': bed.simulator.demo.projectId });
    expect(data.renewSession.__typename).toBe('RenewSessionPayload');
    expect(bed.exchanges.filter(({ operationId }) => operationId === 'issueToken')).toHaveLength(2);
  });

  it('goes on on a live WebSocket connection', async () => {
    const [old, next] = [await tokenOf(), await tokenOf()];
    const client = createClient({
      url: bed.gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { 'X-Auth-Token': old },
      lazy: false,
    });
    const once = async (query: string, variables = {}) => {
      for await (const result of client.iterate<Record<string, unknown>>({ query, variables })) return result.data;
      return null;
    };
    await once('{ notebooks { totalCount } }');
    expect(pollsWith(old)).toBe(1);
    await once(renew, { token: next });
    await once('{ notebooks { totalCount } }');
    expect(pollsWith(old)).toBe(1);
    expect(pollsWith(next)).toBe(1);
    await client.dispose();
  });

  it('says when it ends, at each threshold once, and when it was renewed', async () => {
    await bed.close();
    bed = await startTestBed({ simulator: { speed: 100, tokenLifetimeMs: 2500 } });
    const [old] = [await tokenOf()];
    const events: { kind: string; remainingSeconds: number }[] = [];
    const query = 'subscription { sessionExpiring(beforeSeconds: [2, 1]) { kind expiresAt remainingSeconds } }';
    const listening = (async () => {
      for await (const event of sse(bed, query, { token: old })) events.push(event.data?.sessionExpiring);
    })();
    await expect.poll(() => events.map(({ kind }) => kind)).toContain('EXPIRING');
    const next = await tokenOf();
    await bed.ask(renew, { token: next }, { 'x-auth-token': old });
    await listening;
    expect(events.map(({ kind }) => kind)).toEqual([
      'CURRENT',
      'EXPIRING',
      'RENEWED',
      'EXPIRING',
      'EXPIRING',
      'EXPIRED',
    ]);
    expect(events.at(-1)?.remainingSeconds).toBe(0);
  });

  it.each([
    ['not before the end, or longer before it than a token lasts', [-5, 0, 99_999_999], 3],
    ['0', [0], 1],
    ['more than ten', Array.from({ length: 11 }, (_, index) => index + 1), 1],
  ])('refuses thresholds that are %s, each with its path', async (_what, beforeSeconds, issues) => {
    const query = 'subscription($s: [Int!]) { sessionExpiring(beforeSeconds: $s) { kind } }';
    const [event] = await collect(sse(bed, query, { variables: { s: beforeSeconds } }));
    expect(event?.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(event?.errors?.[0].extensions.issues).toHaveLength(issues);
    expect(event?.errors?.[0].extensions.issues[0].path[0]).toBe('beforeSeconds');
  });

  it('has thresholds of 600 and 60 seconds when none are asked for', async () => {
    await bed.close();
    bed = await startTestBed({ simulator: { speed: 100, tokenLifetimeMs: 50_000 } });
    const token = await tokenOf();
    const kinds: string[] = [];
    for await (const { data } of sse(bed, 'subscription { sessionExpiring(beforeSeconds: null) { kind } }', {
      token,
    })) {
      kinds.push(data?.sessionExpiring.kind);
      if (kinds.length === 2) break;
    }
    expect(kinds).toEqual(['CURRENT', 'EXPIRING']);
  });
});
