import { classify, isHeadersTooLarge, isRetryable, knownErrorCodes } from './error-codes.ts';
import {
  BadUserInputError,
  BillingError,
  CapacityError,
  ConflictError,
  type ErrorCode,
  type ErrorOrigin,
  ForbiddenError,
  type ModelArtsError,
  NotFoundError,
  OutcomeUnknownError,
  QuotaExceededError,
  RateLimitedError,
  UnauthenticatedError,
  UpstreamInvalidError,
  UpstreamSetupError,
  UpstreamTimeoutError,
  UpstreamUnavailableError,
} from './errors.ts';
import { withoutSecrets } from './mask.ts';
import { object, text } from './read.ts';

const classes: Readonly<Record<ErrorCode, new (message: string, origin: ErrorOrigin) => ModelArtsError>> = {
  UNAUTHENTICATED: UnauthenticatedError,
  FORBIDDEN: ForbiddenError,
  NOT_FOUND: NotFoundError,
  BAD_USER_INPUT: BadUserInputError,
  CONFLICT: ConflictError,
  QUOTA_EXCEEDED: QuotaExceededError,
  CAPACITY: CapacityError,
  BILLING: BillingError,
  RATE_LIMITED: RateLimitedError,
  UPSTREAM_SETUP: UpstreamSetupError,
  UPSTREAM_TIMEOUT: UpstreamTimeoutError,
  UPSTREAM_UNAVAILABLE: UpstreamUnavailableError,
  UPSTREAM_INVALID: UpstreamInvalidError,
  OUTCOME_UNKNOWN: OutcomeUnknownError,
};

/** What we say where the upstream's own sentence is missing or is not for a client's eyes. */
const sentences: Readonly<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'The token is missing, expired or not accepted.',
  FORBIDDEN: 'The token does not permit this.',
  NOT_FOUND: 'There is no such object.',
  BAD_USER_INPUT: 'ModelArts refused the input.',
  CONFLICT: 'The object is in a state that does not allow this.',
  QUOTA_EXCEEDED: 'The quota is used up.',
  CAPACITY: 'ModelArts has no resources of this kind left.',
  BILLING: 'The account is suspended, restricted or in arrears.',
  RATE_LIMITED: 'ModelArts is throttling requests.',
  UPSTREAM_SETUP: 'ModelArts is not set up for this account or endpoint.',
  UPSTREAM_TIMEOUT: 'ModelArts did not answer in time.',
  UPSTREAM_UNAVAILABLE: 'ModelArts cannot be reached or failed.',
  UPSTREAM_INVALID: 'ModelArts gave an answer that could not be read.',
  OUTCOME_UNKNOWN: 'The answer to this change was lost; it may or may not have taken effect.',
};

/** Classes whose upstream sentence helps the client; the others speak of the upstream's inside. */
const quoted: ReadonlySet<ErrorCode> = new Set([
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'QUOTA_EXCEEDED',
  'CAPACITY',
  'BILLING',
  'UPSTREAM_SETUP',
]);

const maxQuoteLength = 500;

/** Of a longer text no more is looked through for secrets, or quoted. */
const maxTextLength = 4 * maxQuoteLength;

const tokenTooLong =
  'The token in `X-Auth-Token` is too long for ModelArts: its gateway refuses the headers (HTTP 431 or 494).';

/** An error of the given class, worded for the client. */
export function errorOf(code: ErrorCode, origin: ErrorOrigin & { readonly message?: string } = {}): ModelArtsError {
  const { message, ...rest } = origin;
  const retryable = rest.retryable ?? isRetryable(code, rest.upstreamCode ?? null);
  return new classes[code](message ?? sentences[code], { ...rest, retryable });
}

export type ErrorBody = {
  readonly upstreamCode: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
};

/** The body of a failed answer as it came; null when it is none of the three. */
export function errorBodyOf(bytes: Buffer): ErrorBody | null {
  try {
    return readErrorBody(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

/** What the three error bodies (`error_msg`, `error_message`, Keystone's `error.message`) have in common. */
export function readErrorBody(body: unknown): ErrorBody | null {
  const wire = object(body);
  if (wire === null) return null;
  const keystone = object(wire.error);
  const upstreamCode = text(wire.error_code) ?? text(wire.errorCode) ?? (keystone && keystoneCode(keystone.code));
  const message = text(wire.error_msg) ?? text(wire.error_message) ?? (keystone && text(keystone.message));
  if (upstreamCode === null && message === null && keystone === null) return null;
  return { upstreamCode, message, requestId: text(wire.request_id) };
}

/** Keystone's `code` repeats the HTTP status; newer APIs of IAM put a code of their own there, as text (`111401001`). */
function keystoneCode(code: unknown): string | null {
  return typeof code === 'string' && code !== '' && !/^[1-5]\d\d$/.test(code) ? code : null;
}

/** The body without what the request carried in secret: it is repeated to clients and in the log. */
function masked(body: ErrorBody | null, secrets: Iterable<string>): ErrorBody | null {
  if (body === null) return null;
  const mask = (value: string | null): string | null =>
    value === null ? null : withoutSecrets(value.slice(0, maxTextLength), secrets);
  const { upstreamCode, message, requestId } = body;
  // a known code is one whatever password somebody has
  const isKnown = upstreamCode !== null && knownErrorCodes.has(upstreamCode);
  return {
    upstreamCode: isKnown ? upstreamCode : mask(upstreamCode),
    message: mask(message),
    requestId: mask(requestId),
  };
}

/**
 * The error a failed answer means.
 * A write answered by a gateway in between (502, 504, or a 5xx that is not ModelArts' own body) may have happened: OUTCOME_UNKNOWN.
 */
export function errorOfAnswer(
  answer: {
    readonly status: number;
    readonly body: unknown;
    readonly isWrite: boolean;
    readonly secrets?: Iterable<string>;
  },
  origin: ErrorOrigin,
): ModelArtsError {
  const { status, isWrite } = answer;
  const parsed = masked(readErrorBody(answer.body), answer.secrets ?? []);
  const upstreamCode = parsed?.upstreamCode ?? null;
  const from: ErrorOrigin = {
    ...origin,
    upstreamStatus: status,
    ...(upstreamCode !== null && { upstreamCode }),
    ...(parsed?.requestId != null && { requestId: parsed.requestId }),
  };
  const isAmbiguous =
    status === 408 || status === 502 || status === 504 || (status >= 500 && status !== 503 && upstreamCode === null);
  if (isWrite && isAmbiguous) return errorOf('OUTCOME_UNKNOWN', from);
  if (status === 404 && parsed === null)
    return errorOf('UPSTREAM_SETUP', { ...from, message: 'The endpoint does not know this path.' });
  const code = classify(status, upstreamCode);
  if (code === 'UNAUTHENTICATED' && origin.operationId === 'issueToken') {
    return errorOf(code, { ...from, message: 'IAM does not accept these credentials.' });
  }
  if (isHeadersTooLarge(status)) return errorOf(code, { ...from, message: tokenTooLong });
  const quote = quoted.has(code) ? parsed?.message?.slice(0, maxQuoteLength) : undefined;
  return errorOf(code, { ...from, ...(quote && { message: quote }) });
}
