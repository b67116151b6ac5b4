import { GraphQLError } from 'graphql';
import type { Rate } from './buckets.ts';

/** How much one caller may ask for; each is a setting `RATE_*`, and 0 is no limit. */
export type Rates = {
  /** requests a minute with a token that was accepted upstream */
  readonly requests: number;
  /** upstream calls a minute that operations with such a token can cost */
  readonly cost: number;
  /** subscriptions open at the same time with such a token */
  readonly subscriptions: number;
  /** the same three, of all requests of an address that have no such token */
  readonly addressRequests: number;
  readonly addressCost: number;
  readonly addressSubscriptions: number;
  /** connections open at the same time from an address */
  readonly addressConnections: number;
  /** sign-ins in 15 minutes with a wrong password, of one user, wherever they come from */
  readonly signIns: number;
  /** the same from one address, whoever signs in */
  readonly addressSignIns: number;
};

export type RateName = keyof Rates;

/** The setting that holds a rate, as clients and operators know it. */
export const settingOfRate = (rate: RateName): string =>
  `RATE_${rate.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();

const minuteMs = 60_000;
const signInWindowMs = 15 * minuteMs;

/** Window of a rate; null: it bounds what is open at the same time */
export const windowOf = (rate: RateName): number | null => {
  switch (rate) {
    case 'subscriptions':
    case 'addressSubscriptions':
    case 'addressConnections':
      return null;
    case 'signIns':
    case 'addressSignIns':
      return signInWindowMs;
    default:
      return minuteMs;
  }
};

export type Refusal = {
  readonly rate: RateName;
  readonly maximum: number;
  /** ms until the same can succeed; null: when something open was closed */
  readonly waitMs: number | null;
};

/** Said where nobody knows when something will be closed. */
const unknownWaitSeconds = 5;

export const retryAfterSeconds = ({ waitMs }: Refusal): number =>
  waitMs === null ? unknownWaitSeconds : Math.max(1, Math.ceil(waitMs / 1000));

/**
 * `Retry-After` (RFC 9110), and `RateLimit` with `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): quota, its
 * window and what is left, times in seconds.
 */
export function rateHeaders(refusal: Refusal): Record<string, string> {
  const { rate, maximum } = refusal;
  const windowMs = windowOf(rate);
  const name = `"${settingOfRate(rate)}"`;
  const seconds = retryAfterSeconds(refusal);
  return {
    'retry-after': String(seconds),
    'ratelimit-policy': `${name};q=${maximum}${windowMs === null ? '' : `;w=${windowMs / 1000}`}`,
    ratelimit: `${name};r=0;t=${seconds}`,
  };
}

const what: Readonly<Record<RateName, string>> = {
  requests: 'requests a minute',
  cost: 'calls of ModelArts a minute',
  subscriptions: 'open subscriptions',
  addressRequests: 'requests a minute without a token that ModelArts has accepted',
  addressCost: 'calls of ModelArts a minute without a token that it has accepted',
  addressSubscriptions: 'open subscriptions without a token that ModelArts has accepted',
  addressConnections: 'open connections',
  signIns: 'failed sign-ins of a user in 15 minutes',
  addressSignIns: 'failed sign-ins in 15 minutes',
};

export const messageOf = ({ rate, maximum }: Refusal): string => {
  const whose = rate.startsWith('address') ? 'An address' : rate === 'signIns' ? 'This gateway' : 'A caller';
  return `Too many: ${whose.toLowerCase()} may have ${maximum} ${what[rate]}.`;
};

/** The error of a request or operation that was not begun: `extensions.code` RATE_LIMITED, status 429 where there is one. */
export const rateError = (refusal: Refusal): GraphQLError =>
  new GraphQLError(messageOf(refusal), {
    extensions: {
      code: 'RATE_LIMITED',
      limit: settingOfRate(refusal.rate),
      maximum: refusal.maximum,
      retryAfterSeconds: retryAfterSeconds(refusal),
      http: { status: 429, headers: rateHeaders(refusal) },
    },
  });

/** @returns null: there is no limit */
export function rateOf(rates: Rates, name: RateName): Rate | null {
  const windowMs = windowOf(name);
  return windowMs === null || rates[name] === 0 ? null : { count: rates[name], windowMs };
}
