import type { IncomingHttpHeaders } from 'node:http';
import { errorBodyOf } from '../wire/error-body.ts';
import { longestAskedMs, retryAfterMs } from './retry.ts';

const unitSeconds: readonly (readonly [unit: RegExp, seconds: number])[] = [
  [/^s(ec(ond)?s?)?$/i, 1],
  [/^m(in(ute)?s?)?$/i, 60],
  [/^h(our|r)?s?$/i, 3600],
  [/^d(ay)?s?$/i, 86_400],
];

/** `limit:60,time:1 minute` of the cloud's gateway, `5 times per 60 seconds` of IAM. */
const windows = [
  /\blimit\s*[:=]\s*\d+\s*[,;]?\s*time\s*[:=]\s*(\d{0,9})\s*([a-z]+)/i,
  /\btimes\s+(?:per|in|every)\s+(\d{0,9})\s*([a-z]+)/i,
];

/**
 * The window of a rate limit, ms, from the sentence that says it was overrun.
 * The limit may be free again sooner: this is the longest it takes.
 * @returns null when the sentence names none
 */
export function windowMs(sentence: string): number | null {
  for (const window of windows) {
    const [, count, unit = ''] = window.exec(sentence) ?? [];
    const seconds = unitSeconds.find(([name]) => name.test(unit))?.[1];
    if (count === undefined || seconds === undefined) continue;
    return Math.min(longestAskedMs, (count === '' ? 1 : Number(count)) * seconds * 1000);
  }
  return null;
}

/** The upstream's sentences have a hundred characters. */
const maxSentenceLength = 1000;

type FailedAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** Codes of limits that count calls in a window, each refused one included. */
const isWindowed = (upstreamCode: string | null): boolean => /^APIGW?\.0308$/.test(upstreamCode ?? '');

/**
 * How long a failed answer asks to be left alone, ms: `Retry-After`, else the window its text names when it is a 429.
 * @returns null when it does not say; `unknown` when it is a limit over a window it does not name
 */
export function askedWaitMs({ status, headers, body }: FailedAnswer, nowMs: number): number | 'unknown' | null {
  const asked = retryAfterMs(headers['retry-after'], nowMs);
  if (asked !== null || status !== 429) return asked;
  const refusal = errorBodyOf(body);
  return (
    windowMs(refusal?.message?.slice(0, maxSentenceLength) ?? '') ??
    (isWindowed(refusal?.upstreamCode ?? null) ? 'unknown' : null)
  );
}
