import type { GraphQLError } from 'graphql';
import type { Credential } from '../http/credential.ts';
import { Buckets } from './buckets.ts';
import { createOpenCounts, type Opened } from './open-counts.ts';
import { type RateName, type Rates, rateError, rateOf } from './rates.ts';
import { createSignIns, type SignIns } from './sign-ins.ts';

/**
 * Bounds what one caller takes of the gateway: by token, where ModelArts or IAM has accepted it, and all others of an address
 * together, for anybody can make up tokens.
 */
export type ClientRates = {
  /** Counts a request. @returns why it is refused; null: it is not */
  request(credential: Credential): GraphQLError | null;
  /** Counts the upstream calls an operation can cost. */
  cost(credential: Credential, calls: number): GraphQLError | null;
  readonly subscriptions: {
    open(credential: Credential): Opened | GraphQLError;
    close(opened: Opened): void;
    readonly size: number;
  };
  readonly signIns: SignIns;
  /** whether the token of a caller was accepted upstream */
  isAccepted(credential: Credential): boolean;
  refused(rate: RateName): void;
  readonly rates: Rates;
};

export type ClientRatesOptions = {
  readonly rates: Rates;
  /** whether an upstream has taken the token of this key */
  readonly isAccepted: (key: string) => boolean;
  /** stands for a token in keys */
  readonly keyOf: (token: string) => string;
  readonly onRefused: (rate: RateName) => void;
};

export function createClientRates({ rates, isAccepted, keyOf, onRefused }: ClientRatesOptions): ClientRates {
  const bucketsOf = (name: RateName): Buckets | null => {
    const rate = rateOf(rates, name);
    return rate === null ? null : new Buckets(rate);
  };
  const buckets = {
    requests: bucketsOf('requests'),
    cost: bucketsOf('cost'),
    addressRequests: bucketsOf('addressRequests'),
    addressCost: bucketsOf('addressCost'),
  };
  const subscriptions = createOpenCounts({
    perCaller: rates.subscriptions,
    perAddress: rates.addressSubscriptions,
    isAccepted,
  });

  const keyOfCaller = (credential: Credential): string | null => {
    if (credential.token === null) return null;
    credential.key ??= keyOf(credential.token);
    return credential.key;
  };
  /** @returns null: it was not accepted */
  const acceptedKey = (credential: Credential): string | null => {
    const key = keyOfCaller(credential);
    return key !== null && isAccepted(key) ? key : null;
  };

  function take(name: keyof typeof buckets, key: string, amount: number): GraphQLError | null {
    const waitMs = buckets[name]?.take(key, amount, performance.now()) ?? 0;
    if (waitMs === 0) return null;
    onRefused(name);
    return rateError({ rate: name, maximum: rates[name], waitMs });
  }

  return {
    rates,
    request(credential) {
      const key = acceptedKey(credential);
      return key === null ? take('addressRequests', credential.address, 1) : take('requests', key, 1);
    },
    cost(credential, calls) {
      if (calls === 0) return null;
      const key = acceptedKey(credential);
      return key === null ? take('addressCost', credential.address, calls) : take('cost', key, calls);
    },
    subscriptions: {
      open(credential) {
        const opened = subscriptions.open({ key: keyOfCaller(credential), address: credential.address });
        if (opened !== null) return opened;
        const rate = acceptedKey(credential) === null ? 'addressSubscriptions' : 'subscriptions';
        onRefused(rate);
        return rateError({ rate, maximum: rates[rate], waitMs: null });
      },
      close: subscriptions.close,
      get size() {
        return subscriptions.size;
      },
    },
    signIns: createSignIns(rates, onRefused),
    isAccepted: (credential) => acceptedKey(credential) !== null,
    refused: onRefused,
  };
}
