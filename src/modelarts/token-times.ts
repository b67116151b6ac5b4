import { instant } from './wire/read.ts';

/** What IAM documents for every token, ms. */
const tokenLifetimeMs = 24 * 60 * 60 * 1000;

/** Numbers below are Unix seconds, from here on Unix ms: in seconds it is the year 5138, in ms 1973. */
const leastMs = 100_000_000_000;

/** Date, time, zone. */
const written = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * A time of IAM, Unix ms. IAM writes ISO 8601 in UTC with microseconds; a time without a zone is UTC too, and a number,
 * or a text of digits, is Unix seconds or ms, whichever its size makes it.
 * @returns null when it is none
 */
export function tokenTimeMs(value: unknown): number | null {
  const number = instant(value);
  if (number !== null) return number <= 0 ? null : instant(number < leastMs ? number * 1000 : number);
  if (typeof value !== 'string') return null;
  const [, date, time = '00:00', zone = 'Z'] = written.exec(value.trim()) ?? [];
  if (date === undefined) return null;
  const timeMs = Date.parse(`${date}T${time}${zoneOf(zone)}`);
  return Number.isNaN(timeMs) ? null : timeMs;
}

/** `+02`, `+0200` and `+02:00` alike. */
const zoneOf = (zone: string): string =>
  zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;

/** The end of a token whose end cannot be read: what IAM documents, counted from when it was issued. */
export const assumedExpiryMs = (issuedAtMs: number | null): number => (issuedAtMs ?? Date.now()) + tokenLifetimeMs;
