import { hash } from 'node:crypto';
import { RateLimitedError, UnauthenticatedError } from '../../modelarts/wire/errors.ts';
import { Buckets } from './buckets.ts';
import { FailureLog } from './failure-log.ts';
import { messageOf, type RateName, type Rates, type Refusal, rateOf, retryAfterSeconds } from './rates.ts';

/**
 * Bounds how many wrong passwords are tried, by user and by address, before IAM bounds it: its lock-out is of the account, so
 * whoever guesses here would lock the user out everywhere. With replicas each counts for itself; one that asks Redis would
 * have this shape too.
 */
export type SignIns = {
  /**
   * Makes an attempt, if there is one left.
   * @param user whoever signs in, by names or id; null: by a token, which cannot be guessed
   * @throws RateLimitedError it was not made; else what the attempt throws
   */
  attempt<T>(asked: { readonly user: string | null; readonly address: string }, make: () => Promise<T>): Promise<T>;
};

export function createSignIns(rates: Rates, onRefused: (rate: RateName) => void): SignIns {
  const ofUser = rateOf(rates, 'signIns');
  const ofAddress = rateOf(rates, 'addressSignIns');
  const users = ofUser === null ? null : new FailureLog(ofUser);
  const addresses = ofAddress === null ? null : new Buckets(ofAddress);

  return {
    async attempt({ user, address }, make) {
      // names run to kilobytes, and differ in case alone for the same user
      const counted = [
        { rate: 'signIns', counts: users, key: user === null ? null : hash('sha256', user.toLowerCase()) },
        { rate: 'addressSignIns', counts: addresses, key: address },
      ] as const;
      const taken: (() => void)[] = [];
      const giveBack = (): void => {
        for (const back of taken) back();
      };
      // taken before it is known how it ends: any number of them can be on their way at once
      for (const { rate, counts, key } of counted) {
        if (counts === null || key === null) continue;
        const waitMs = counts.take(key, 1, performance.now());
        if (waitMs === 0) taken.push(() => counts.giveBack(key, 1));
        else {
          giveBack();
          onRefused(rate);
          throw refused({ rate, maximum: rates[rate], waitMs });
        }
      }
      try {
        const result = await make();
        giveBack();
        return result;
      } catch (error) {
        if (!(error instanceof UnauthenticatedError)) giveBack();
        throw error;
      }
    },
  };
}

const refused = (refusal: Refusal): RateLimitedError =>
  new RateLimitedError(messageOf(refusal), { retryable: true, retryAfterSeconds: retryAfterSeconds(refusal) });
