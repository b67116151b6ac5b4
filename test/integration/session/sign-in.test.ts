import { afterAll, describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';
import { operationsOf, withCalls } from '../../support/notebooks.ts';
import { collect, first, sse } from '../../support/subscription.ts';

const dayMs = 24 * 60 * 60 * 1000;
const signIn = `mutation($input: IssueTokenInput!) {
  issueToken(input: $input) {
    __typename
    ... on IssueTokenPayload { token expiresAt issuedAt user { name } project { name } }
    ... on Error { code message upstreamCode }
    ... on BadUserInputError { issues { path message } }
  }
}`;
const demo = { domain: 'acme', user: 'demo', password: 'demo', projectName: 'eu-de' };
const careful = { password: 'careful', passcode: '123456', projectName: 'eu-de' };
const carefulId = '10000000000000000000000000000003';

const bed = sharedBed({ gateway: { projectId: null } });
afterAll(async () => {
  expect(await bed.violations()).toEqual([]);
});

const issue = async (input: Record<string, unknown>) =>
  (await bed.ask(signIn, { input }, { 'x-auth-token': null })).data?.issueToken;

describe('a token whose end IAM writes its own way', () => {
  const at = Date.now() + 3 * 60 * 60 * 1000;
  const iso = new Date(at).toISOString();

  it.each([
    ['without a zone', iso.slice(0, -1), at],
    ['with a space, without a zone', iso.replace('T', ' ').slice(0, -1), at],
    ['as Unix ms', at, at],
    ['as Unix seconds', Math.floor(at / 1000), Math.floor(at / 1000) * 1000],
    ['as digits', String(at), at],
  ])('%s ends then', async (_, expires_at, expiresAtMs) => {
    await bed.fault({ name: 'merge', operation: 'issueToken', body: { token: { expires_at } } });
    const issued = await issue(demo);
    expect(issued).toMatchObject({ __typename: 'IssueTokenPayload', token: expect.stringMatching(/^MII/) });
    expect(Date.parse(issued.expiresAt)).toBe(expiresAtMs);
  });

  it.each([
    ['empty', { token: { expires_at: '' } }],
    ['null', { token: { expires_at: null } }],
    ['in words', { token: { expires_at: 'tomorrow' } }],
    ['in an object', { token: { expires_at: { at: 1 } } }],
    ['beyond all calendars', { token: { expires_at: 1e300 } }],
  ])('%s is taken to end 24 hours after it was issued, wherever that is asked', async (_, body) => {
    await bed.fault({ name: 'merge', operation: 'issueToken', body });
    const { token, expiresAt, issuedAt } = await issue(demo);
    expect(Date.parse(expiresAt)).toBe(Date.parse(issuedAt) + dayMs);
    const headers = { 'x-auth-token': token };
    const viewer = await bed.ask('{ viewer { tokenExpiresAt user { name } } }', {}, headers);
    expect(viewer.errors).toBeUndefined();
    expect(viewer.data.viewer).toEqual({ tokenExpiresAt: expiresAt, user: { name: 'demo' } });
    const event = await first(
      sse(bed, 'subscription { sessionExpiring { kind expiresAt remainingSeconds } }', { token }),
    );
    expect(event?.data?.sessionExpiring).toMatchObject({ kind: 'CURRENT', expiresAt });
    expect((await bed.ask('{ notebooks { totalCount } }', {}, headers)).errors).toBeUndefined();
    const renewed = await bed.ask(
      'mutation($token: String!) { renewSession(input: { token: $token }) { ... on RenewSessionPayload { expiresAt } ... on Error { message } } }',
      { token },
      headers,
    );
    expect(renewed.data.renewSession).toEqual({ expiresAt });
  });

  it.each([
    ['nothing else about it', { token: null }],
    ['no times', { token: { expires_at: '', issued_at: '' } }],
  ])('is not lost when IAM says %s', async (_, body) => {
    await bed.fault({ name: 'merge', operation: 'issueToken', body });
    const before = Date.now();
    const issued = await issue(demo);
    expect(issued).toMatchObject({ __typename: 'IssueTokenPayload', issuedAt: null });
    expect(Date.parse(issued.expiresAt) - before).toBeGreaterThanOrEqual(dayMs - 1000);
    expect((await bed.ask('{ images { totalCount } }', {}, { 'x-auth-token': issued.token })).status).toBe(200);
  });

  it('is over at an end that has no zone', async () => {
    const expires_at = new Date(Date.now() + 2000).toISOString().slice(0, -1);
    await bed.fault({ name: 'merge', operation: 'issueToken', body: { token: { expires_at } } });
    const { token } = await issue(demo);
    const events = await collect(
      sse(bed, 'subscription { sessionExpiring(beforeSeconds: [600]) { kind } }', { token }),
    );
    expect(events.map(({ data }) => data.sessionExpiring.kind)).toEqual(['CURRENT', 'EXPIRING', 'EXPIRED']);
  });
});

describe('a refusal of IAM', () => {
  it.each([
    ['with a code of its own', 401, '111401001', '111401001'],
    ['that repeats the status', 401, 401, null],
    ['that repeats the status as text', 401, '401', null],
  ])("in Keystone's envelope %s is UnauthenticatedError", async (_, status, code, upstreamCode) => {
    const body = { error: { code, message: 'no', title: 'Unauthorized' } };
    await bed.fault({ name: 'error', operation: 'issueToken', status, body });
    expect(await issue(demo)).toMatchObject({ __typename: 'UnauthenticatedError', upstreamCode });
  });
});

describe('a sign-in by the id of the user', () => {
  it('takes a passcode, and needs neither domain nor user', async () => {
    const { answer, calls } = await withCalls(bed, () =>
      bed.ask(signIn, { input: { ...careful, userId: carefulId } }, { 'x-auth-token': null }),
    );
    expect(answer.data.issueToken).toMatchObject({ __typename: 'IssueTokenPayload', user: { name: 'careful' } });
    expect(operationsOf(calls)).toEqual(['issueToken']);
    expect(JSON.parse(calls[0]?.request.body ?? '').auth.identity).toEqual({
      methods: ['password', 'totp'],
      password: { user: { id: carefulId, password: 'careful' } },
      totp: { user: { id: carefulId, passcode: '123456' } },
    });
  });

  it('takes a password alone', async () => {
    const issued = await issue({ userId: '10000000000000000000000000000001', password: 'demo', projectName: 'eu-de' });
    expect(issued).toMatchObject({ __typename: 'IssueTokenPayload', user: { name: 'demo' } });
  });

  it('is refused by IAM for a wrong passcode, password or id', async () => {
    for (const wrong of [{ passcode: '000000' }, { password: 'guess' }, { userId: '9'.repeat(32) }])
      expect(await issue({ ...careful, userId: carefulId, ...wrong })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('goes by name where there is one, with the id for the passcode, as before', async () => {
    const input = { ...careful, domain: 'acme', user: 'careful', userId: carefulId };
    const { answer, calls } = await withCalls(bed, () => bed.ask(signIn, { input }, { 'x-auth-token': null }));
    expect(answer.data.issueToken.__typename).toBe('IssueTokenPayload');
    expect(JSON.parse(calls[0]?.request.body ?? '').auth.identity).toMatchObject({
      password: { user: { name: 'careful', domain: { name: 'acme' } } },
      totp: { user: { id: carefulId } },
    });
  });

  it.each([
    [{ userId: carefulId, projectName: 'eu-de' }, [['password']]],
    [{ user: 'demo', password: 'demo', projectName: 'eu-de' }, [['domain']]],
    [{ user: 'demo', userId: carefulId, password: 'demo', projectName: 'eu-de' }, [['domain']]],
    [{ projectName: 'eu-de' }, [['domain'], ['user'], ['password']]],
  ])('lacks something in %j, which costs no call', async (input, paths) => {
    const { answer, calls } = await withCalls(bed, () => bed.ask(signIn, { input }, { 'x-auth-token': null }));
    const { issues } = answer.data.issueToken;
    expect(issues.map(({ path }: { path: string[] }) => path.slice(-1))).toEqual(paths);
    expect(calls).toEqual([]);
  });
});
