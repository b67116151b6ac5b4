import { describe, expect, it } from 'vitest';
import { builtInAccounts } from '../../../src/simulator/iam/accounts.ts';
import { withBed } from '../../support/bed.ts';
import type { TestBed } from '../../support/gateway.ts';

const query = `mutation($input: IssueTokenInput!) {
  issueToken(input: $input) { __typename ... on RateLimitedError { code retryable retryAfterSeconds } }
}`;

const [account] = builtInAccounts;
if (account === undefined) throw new Error('the simulator has no user');
const right = {
  domain: account.domain.name,
  user: account.user,
  password: account.password,
  projectName: account.projects[0]?.name ?? '',
};

type Outcome = { readonly __typename: string; readonly code?: string; readonly retryAfterSeconds?: number };

/** Not by `bed.ask`, which asks everything again when the bed is closed. */
async function signIn(bed: TestBed, input: Partial<typeof right>, headers: Record<string, string> = {}) {
  const response = await fetch(bed.gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables: { input: { ...right, ...input } } }),
  });
  const { data } = (await response.json()) as { readonly data: { readonly issueToken: Outcome } };
  return data.issueToken;
}

const guessesAtIam = (bed: TestBed): number =>
  bed.exchanges.filter(({ request }) => request.path === '/v3/auth/tokens').length;

const from = (address: string) => ({ 'x-forwarded-for': address });

const rates = { signIns: 4, addressSignIns: 100 };

describe('failed sign-ins', () => {
  it('of one user come to IAM four times, of two thousand guesses at once', () =>
    withBed(
      async (bed) => {
        const outcomes = await Promise.all(
          Array.from({ length: 2000 }, (_, guess) => signIn(bed, { password: `guess-${guess}` })),
        );
        expect(guessesAtIam(bed)).toBe(4);
        const refused = outcomes.filter(({ __typename }) => __typename === 'RateLimitedError');
        expect(refused).toHaveLength(1996);
        expect(refused[0]).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
        expect(refused[0]?.retryAfterSeconds).toBeGreaterThan(0);
        // the right one as well: nobody can tell that it is without asking IAM
        expect((await signIn(bed, {})).__typename).toBe('RateLimitedError');
      },
      { rates },
    )());

  it('of one user are counted together, however the name is written and from wherever they come', () =>
    withBed(
      async (bed) => {
        for (let turn = 0; turn < 8; turn++) {
          const user = turn % 2 === 0 ? right.user : right.user.toUpperCase();
          await signIn(bed, { user, password: 'wrong' }, from(`203.0.113.${turn}`));
        }
        expect(guessesAtIam(bed)).toBe(4);
      },
      { rates, gateway: { trustedProxies: 1 } },
    )());

  it('from one address come to IAM a hundred times, whoever is tried', () =>
    withBed(
      async (bed) => {
        await Promise.all(Array.from({ length: 300 }, (_, turn) => signIn(bed, { user: `user-${turn}` })));
        expect(guessesAtIam(bed)).toBe(100);
      },
      { rates },
    )());

  it('stop neither another user nor another address', () =>
    withBed(
      async (bed) => {
        for (let turn = 0; turn < 10; turn++) await signIn(bed, { user: 'somebody' }, from('203.0.113.1'));
        expect((await signIn(bed, {}, from('203.0.113.1'))).__typename).toBe('IssueTokenPayload');
        for (let turn = 0; turn < 10; turn++) await signIn(bed, { user: `user-${turn}` }, from('203.0.113.1'));
        expect((await signIn(bed, {}, from('203.0.113.1'))).__typename).toBe('RateLimitedError');
        expect((await signIn(bed, {}, from('203.0.113.2'))).__typename).toBe('IssueTokenPayload');
      },
      { rates: { signIns: 4, addressSignIns: 10 }, gateway: { trustedProxies: 1 } },
    )());
});

it('sign-ins that succeed are not counted', () =>
  withBed(
    async (bed) => {
      for (let turn = 0; turn < 10; turn++) expect((await signIn(bed, {})).__typename).toBe('IssueTokenPayload');
    },
    { rates },
  )());

it('sign-ins that IAM has not judged are not counted', () =>
  withBed(
    async (bed) => {
      await bed.fault({ name: 'internal', operation: 'issueToken', times: 6 });
      for (let turn = 0; turn < 6; turn++) {
        expect((await signIn(bed, {})).__typename).not.toBe('RateLimitedError');
      }
      expect((await signIn(bed, {})).__typename).toBe('IssueTokenPayload');
    },
    { rates, gateway: { isEachCallAlone: true } },
  )());
