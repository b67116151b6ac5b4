import type { ErrorCode } from './errors.ts';

/**
 * Upstream error codes by the class they mean (contract/NOTES.md, section f). Numbers without prefix are `ModelArts.NNNN`.
 * The upstream's HTTP status is no guide: not-found, conflict, quota and bad input are all HTTP 400.
 */
const codesByClass: Readonly<Record<Exclude<ErrorCode, 'OUTCOME_UNKNOWN' | 'UPSTREAM_INVALID'>, string>> = {
  NOT_FOUND: '6309 6404 6797 0102',
  CONFLICT: '6357 6304 6305 6306 6307 6308 6327 6333 6355 6347 6301 6737 7004',
  QUOTA_EXCEEDED: '0113 0118 6302 0116',
  CAPACITY: '6329 6716 6360 6528 6200',
  BILLING: '6326 6201 6203 4116 4118 4106',
  BAD_USER_INPUT:
    '0101 0104 0107 6332 6335 6336 6400 6600 6303 6316 6317 6318 6324 6358 6371 6323 6330 6792 6870 6331 6334 6346 6348 6349 6768 6771 7005 IAM.0011',
  // 0428 comes with 401 too: the account is not authorised for ModelArts, and another token changes nothing
  UPSTREAM_SETUP:
    '6319 6320 6350 6353 6354 6782 6374 6376 6377 6378 6379 2785 0420 0421 0422 0423 0424 0425 0426 0427 0428 0429 0430 0431 APIG.0101 APIG.0104 APIG.0105 APIG.0106 APIGW.0101 APIGW.0104 APIGW.0105 APIGW.0106',
  FORBIDDEN: '6328 6789 6407 0108 0112 7002 7003 4126 2786 IAM.0002 IAM.0003',
  UNAUTHENTICATED:
    '0201 0202 0203 0204 0207 0212 6608 6620 4127 6401 2784 APIG.0301 APIGW.0301 IAM.0001 IAM.0061 IAM.0062 IAM.0066 IAM.0067',
  RATE_LIMITED: '6101 2799 APIG.0308 APIGW.0308 IAM.0012',
  UPSTREAM_TIMEOUT: '6100',
  UPSTREAM_UNAVAILABLE: '0010 6102 6361 7001 7008 7009 3301',
};

const classByCode = new Map<string, ErrorCode>();
// entries forget what keys there were
for (const [errorClass, codes] of Object.entries(codesByClass) as [ErrorCode, string][]) {
  for (const code of codes.split(' ')) classByCode.set(code.includes('.') ? code : `ModelArts.${code}`, errorClass);
}

/** Every upstream code the table knows, with its class. */
export const knownErrorCodes: ReadonlyMap<string, ErrorCode> = classByCode;

/** CONFLICT codes that pass by themselves: the same request may be sent again after a minute. */
const passingCodes = new Set(['ModelArts.6333', 'ModelArts.6355']);

/** Whether sending the very same request again later can succeed. */
export const isRetryable = (errorClass: ErrorCode, upstreamCode: string | null): boolean =>
  errorClass === 'RATE_LIMITED' ||
  errorClass === 'UPSTREAM_UNAVAILABLE' ||
  errorClass === 'UPSTREAM_TIMEOUT' ||
  errorClass === 'CAPACITY' ||
  (upstreamCode !== null && passingCodes.has(upstreamCode));

/**
 * Class of a failed answer: by upstream code first, HTTP status second.
 * ModelArts.0210 is one code with two meanings (403: wrong project, 400: invalid project id, 401: token).
 */
export function classify(status: number, upstreamCode: string | null): ErrorCode {
  if (upstreamCode === 'ModelArts.0210')
    return status === 403 ? 'FORBIDDEN' : status === 401 ? 'UNAUTHENTICATED' : 'BAD_USER_INPUT';
  if (upstreamCode === 'ModelArts.0112' && status === 401) return 'UNAUTHENTICATED';
  const known = upstreamCode === null ? undefined : classByCode.get(upstreamCode);
  return known ?? classifyStatus(status);
}

/** The headers were too large for a gateway on the way: 431 by the book, 494 by that of the cloud. What is large in ours is the token. */
export const isHeadersTooLarge = (status: number | null): boolean => status === 431 || status === 494;

function classifyStatus(status: number): ErrorCode {
  switch (status) {
    case 400:
    case 413:
    case 422:
    case 431:
    case 494:
      return 'BAD_USER_INPUT';
    case 401:
      return 'UNAUTHENTICATED';
    case 402:
      return 'BILLING';
    case 403:
      return 'FORBIDDEN';
    case 404:
      return 'NOT_FOUND';
    case 408:
    case 504:
      return 'UPSTREAM_TIMEOUT';
    case 409:
      return 'CONFLICT';
    case 429:
      return 'RATE_LIMITED';
    default:
      return status >= 500 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_INVALID';
  }
}
