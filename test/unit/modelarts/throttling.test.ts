import { describe, expect, it } from 'vitest';
import { askedWaitMs, windowMs } from '../../../src/modelarts/client/throttling.ts';

const throttled = 'The throttling threshold has been reached: policy user over ratelimit,';

describe('the window of a limit', () => {
  it.each([
    [`${throttled}limit:60,time:1 minute`, 60],
    [`${throttled}limit:60,time:1 minute.`, 60],
    [`${throttled}limit:5,time:5 second`, 5],
    [`${throttled}limit:20,time:30 seconds`, 30],
    [`${throttled}limit:100,time:1 Hour`, 3600],
    [`${throttled}limit:100,time:1 day`, 86_400],
    [`${throttled}limit:100,time:2 DAYS`, 172_800],
    [`${throttled}limit: 100 , time : 10  minutes`, 600],
    [`${throttled}limit:1,time:minute`, 60],
    [`${throttled}limit:1,time:1s`, 1],
    ['The request is throttled: 5 times per 60 seconds.', 60],
    ['Too many requests, exceeded rate limit is 5 times per minute.', 60],
    [`${throttled}limit:1,time:999999999 days`, 999_999_999],
  ])('is read from %j: %i s', (sentence, seconds) => {
    expect(windowMs(sentence)).toBe(seconds * 1000);
  });

  it.each([
    '',
    'The system is busy. Try again later.',
    `${throttled}limit:10`,
    `${throttled}limit:10,time:1 fortnight`,
    `${throttled}limit:10,time:1`,
    'time:1 minute',
    `limit:${' '.repeat(50_000)}`,
    `limit:1,time:${'9'.repeat(50_000)} minute`,
  ])('is not there in %j', (sentence) => {
    expect(windowMs(sentence)).toBeNull();
  });
});

describe('the wait an answer asks for', () => {
  const answer = (status: number, body: unknown, headers = {}) => ({
    status,
    headers,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
  const limited = { error_code: 'APIG.0308', error_msg: `${throttled}limit:60,time:1 minute` };

  it.each<[string, ReturnType<typeof answer>, number | 'unknown' | null]>([
    ['Retry-After where there is one', answer(429, limited, { 'retry-after': '7' }), 7000],
    ['the window where there is no Retry-After', answer(429, limited), 60_000],
    ['the window in a body of demanager', answer(429, { error_code: 'x', error_message: limited.error_msg }), 60_000],
    ['unknown for a limit that names no window', answer(429, { ...limited, error_msg: 'over' }), 'unknown'],
    ['none in a body that is no JSON', answer(429, '<html>limit:60,time:1 minute'), null],
    ['none with another status', answer(503, limited), null],
    ['that of a 503 with Retry-After', answer(503, '', { 'retry-after': '3' }), 3000],
  ])('is %s', (_, response, expected) => {
    expect(askedWaitMs(response, Date.now())).toBe(expected);
  });
});
