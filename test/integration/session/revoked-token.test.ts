import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshBed } from '../../support/bed.ts';
import { callsOf } from '../../support/follow.ts';
import type { SignedIn } from '../../support/gateway.ts';
import { cpuImageId, createNotebook } from '../../support/notebooks.ts';
import { type Event, transports } from '../../support/subscription.ts';
import { refusalOf, transportsOf } from '../../support/wire/transports.ts';

/** What is answered from memory when it was asked before; each is asked for twice first. */
const remembered: readonly (readonly [string, string])[] = [
  ['images', '{ images(first: 5) { nodes { imageId name } } }'],
  ['one image', `{ image(id: "${cpuImageId}") { name sizeBytes } }`],
  ['flavors', '{ flavors { nodes { flavorId } } }'],
  ['whose token it is', '{ viewer { user { name } domain { name } } }'],
  ['the end of the token', '{ viewer { tokenExpiresAt } }'],
  ['the project of the token', '{ viewer { projectId } }'],
];
const live = '{ devEnvInstances { totalCount } }';
const watchNotebook = 'subscription($id: ID!) { notebookStatusChanged(id: $id) { kind status } }';
const watchSession = 'subscription { sessionExpiring { kind } }';
const renew = `mutation($token: String!) { renewSession(input: { token: $token }) {
  __typename ... on Error { code } } }`;

/** Nothing is polled by itself within a test. */
const settledGateway = {
  projectId: null,
  catalogTtlMs: 60_000,
  revalidationMaxBytes: 32 * 1024 * 1024,
  pollIntervalMs: 60_000,
  pollIdleIntervalMs: 60_000,
} as const;

describe('a token that is revoked, once a call with it was refused', () => {
  const bed = freshBed({ gateway: settledGateway });
  let user: SignedIn;
  let leaving: AbortController;

  beforeEach(async () => {
    user = await bed.signIn('demo');
    leaving = new AbortController();
  });
  afterEach(() => leaving.abort());

  const seeRefused = async (): Promise<void> => {
    const { errors } = await bed.ask(live, {}, user.headers);
    expect(errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
  };

  describe.each(transportsOf)('over %s', (_, ask) => {
    it.each(remembered)('is answered nothing of %s any more', async (_what, query) => {
      for (let times = 0; times < 3; times += 1) {
        expect(await ask(bed, { query }, user.headers)).not.toHaveProperty('errors');
      }
      await bed.revoke(user.token);
      // as long as nobody knows of it, that is how it is
      expect(await ask(bed, { query }, user.headers)).not.toHaveProperty('errors');
      await seeRefused();
      expect(refusalOf(await ask(bed, { query }, user.headers))).toMatchObject({ code: 'UNAUTHENTICATED' });
    });
  });

  /** Reads a subscription in the background. */
  function read(subscribe: (typeof transports)[number][1], query: string, variables = {}): Event[] {
    const events: Event[] = [];
    const options = { token: user.token, variables, signal: leaving.signal };
    (async () => {
      for await (const event of subscribe(bed, query, options)) events.push(event);
    })().catch((error: unknown) => events.push({ errors: [error] }));
    return events;
  }
  const codeOf = (event: Event | undefined): unknown => event?.errors?.[0]?.extensions?.code;

  describe.each(transports)('over %s', (_, subscribe) => {
    it('ends the subscriptions that run with it, and gives a new one no state', async () => {
      const id = await createNotebook(bed, 'watched', user.headers);
      const running = read(subscribe, watchNotebook, { id });
      await expect.poll(() => running.length).toBe(1);
      await bed.revoke(user.token);
      await seeRefused();
      await expect.poll(() => codeOf(running.at(-1))).toBe('UNAUTHENTICATED');
      const late = read(subscribe, watchNotebook, { id });
      await expect.poll(() => late.length).toBe(1);
      expect(codeOf(late[0])).toBe('UNAUTHENTICATED');
      expect(bed.gateway.watchStats()).toMatchObject({ watches: 0, listeners: 0 });
    });

    it('ends the subscription to its end, and begins it no more', async () => {
      const running = read(subscribe, watchSession);
      await expect.poll(() => running[0]?.data?.sessionExpiring.kind).toBe('CURRENT');
      await bed.revoke(user.token);
      await seeRefused();
      await expect.poll(() => codeOf(running.at(-1))).toBe('UNAUTHENTICATED');
      const late = read(subscribe, watchSession);
      await expect.poll(() => codeOf(late[0])).toBe('UNAUTHENTICATED');
    });
  });

  it('leaves what is kept for other tokens of the same user', async () => {
    const other = await bed.signIn('demo');
    for (const { headers } of [user, other]) await bed.ask('{ flavors { nodes { flavorId } } }', {}, headers);
    const calls = callsOf(bed, 'listFlavors');
    await bed.revoke(user.token);
    await seeRefused();
    expect((await bed.ask('{ flavors { nodes { flavorId } } }', {}, other.headers)).errors).toBeUndefined();
    expect(callsOf(bed, 'listFlavors')).toBe(calls);
  });

  it('ends the session that was carried on with it, and no other token enters it', async () => {
    const next = await bed.signIn('demo');
    const id = await createNotebook(bed, 'watched', user.headers);
    const running = read(transports[0][1], watchNotebook, { id });
    await expect.poll(() => running.length).toBe(1);
    const renewed = await bed.ask(renew, { token: next.token }, user.headers);
    expect(renewed.data.renewSession.__typename).toBe('RenewSessionPayload');
    await bed.revoke(next.token);
    expect((await bed.ask(live, {}, next.headers)).errors).toHaveLength(1);
    await expect.poll(() => codeOf(running.at(-1))).toBe('UNAUTHENTICATED');
  });

  it('carries on no session', async () => {
    const next = await bed.signIn('demo');
    await bed.revoke(next.token);
    expect((await bed.ask(live, {}, next.headers)).errors).toHaveLength(1);
    const { data } = await bed.ask(renew, { token: next.token }, user.headers);
    expect(data.renewSession).toEqual({ __typename: 'UnauthenticatedError', code: 'UNAUTHENTICATED' });
  });

  it('is not given an answer that was on its way before', async () => {
    await bed.ask(live, {}, user.headers);
    await bed.fault({ name: 'slow', operation: 'listFlavors', delayMs: 300, times: 1 });
    const before = bed.ask('{ flavors { nodes { flavorId } } }', {}, user.headers);
    await expect.poll(() => callsOf(bed, 'listFlavors')).toBe(1);
    await bed.revoke(user.token);
    await seeRefused();
    const joined = await bed.ask('{ flavors { nodes { flavorId } } }', {}, user.headers);
    expect(joined.errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
    expect((await before).errors).toBeUndefined();
    const after = await bed.ask('{ flavors { nodes { flavorId } } }', {}, user.headers);
    expect(after.errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  it('is asked about at IAM when it is to be exchanged, and forgotten when IAM refuses it', async () => {
    const exchange =
      'mutation($input: IssueTokenInput!) { issueToken(input: $input) { __typename ... on Error { code } } }';
    await bed.ask('{ flavors { nodes { flavorId } } }', {}, user.headers);
    await bed.revoke(user.token);
    const input = { token: user.token, projectName: 'eu-de' };
    const { data } = await bed.ask(exchange, { input }, { 'x-auth-token': null });
    expect(data.issueToken.code).toBe('UNAUTHENTICATED');
    const { errors } = await bed.ask('{ flavors { nodes { flavorId } } }', {}, user.headers);
    expect(errors?.[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('a token that is revoked while nothing is asked', () => {
  const tokenTrustMs = 200;
  const bed = freshBed({ gateway: { ...settledGateway, tokenTrustMs } });

  describe.each(transportsOf)('over %s', (_, ask) => {
    it.each(remembered)('is answered nothing of %s after TOKEN_TRUST_MS', async (_what, query) => {
      const { token, headers } = await bed.signIn('demo');
      for (let times = 0; times < 3; times += 1) {
        expect(await ask(bed, { query }, headers)).not.toHaveProperty('errors');
      }
      await bed.revoke(token);
      await delay(tokenTrustMs + 50);
      expect(refusalOf(await ask(bed, { query }, headers))).toMatchObject({ code: 'UNAUTHENTICATED' });
    });
  });
});
