/** What went wrong, in the words a client can switch on. One class and one GraphQL type for each. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'CONFLICT'
  | 'QUOTA_EXCEEDED'
  | 'CAPACITY'
  | 'BILLING'
  | 'RATE_LIMITED'
  | 'UPSTREAM_SETUP'
  | 'UPSTREAM_TIMEOUT'
  | 'UPSTREAM_UNAVAILABLE'
  | 'UPSTREAM_INVALID'
  | 'OUTCOME_UNKNOWN';

/** Where an error came from; all optional because the gateway's own checks fail before there is an upstream answer. */
export type ErrorOrigin = {
  /** documented operation name, for example `showNotebook` */
  readonly operationId?: string;
  /** for example `ModelArts.6309` */
  readonly upstreamCode?: string;
  /** HTTP status of the upstream's answer */
  readonly upstreamStatus?: number;
  /** `X-Request-Id` of the upstream call */
  readonly requestId?: string;
  readonly retryable?: boolean;
  /** seconds the upstream asks to wait (`Retry-After`) */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

/** Base of every failure this layer reports. Its `message` is fit for the client; `cause` is for the operator's log. */
export abstract class ModelArtsError extends Error {
  abstract readonly code: ErrorCode;
  readonly operationId: string | null;
  readonly upstreamCode: string | null;
  readonly upstreamStatus: number | null;
  readonly requestId: string | null;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | null;

  constructor(message: string, origin: ErrorOrigin = {}) {
    super(message, origin.cause === undefined ? undefined : { cause: origin.cause });
    this.name = new.target.name;
    this.operationId = origin.operationId ?? null;
    this.upstreamCode = origin.upstreamCode ?? null;
    this.upstreamStatus = origin.upstreamStatus ?? null;
    this.requestId = origin.requestId ?? null;
    this.retryable = origin.retryable ?? false;
    this.retryAfterSeconds = origin.retryAfterSeconds ?? null;
  }
}

export class UnauthenticatedError extends ModelArtsError {
  readonly code = 'UNAUTHENTICATED';
}
export class ForbiddenError extends ModelArtsError {
  readonly code = 'FORBIDDEN';
}
export class NotFoundError extends ModelArtsError {
  readonly code = 'NOT_FOUND';
}

/** The state in the way, where it is known. */
export type ConflictState = { readonly status: string; readonly allowedStatuses: readonly string[] };

export class ConflictError extends ModelArtsError {
  readonly code = 'CONFLICT';
  readonly state: ConflictState | null;

  constructor(message: string, origin: ErrorOrigin & { readonly state?: ConflictState } = {}) {
    super(message, origin);
    this.state = origin.state ?? null;
  }
}

export class QuotaExceededError extends ModelArtsError {
  readonly code = 'QUOTA_EXCEEDED';
}
export class CapacityError extends ModelArtsError {
  readonly code = 'CAPACITY';
}
export class BillingError extends ModelArtsError {
  readonly code = 'BILLING';
}
export class RateLimitedError extends ModelArtsError {
  readonly code = 'RATE_LIMITED';
}
export class UpstreamSetupError extends ModelArtsError {
  readonly code = 'UPSTREAM_SETUP';
}
export class UpstreamTimeoutError extends ModelArtsError {
  readonly code = 'UPSTREAM_TIMEOUT';
}
export class UpstreamUnavailableError extends ModelArtsError {
  readonly code = 'UPSTREAM_UNAVAILABLE';
}
export class UpstreamInvalidError extends ModelArtsError {
  readonly code = 'UPSTREAM_INVALID';
}
/** A write whose answer was lost: it may or may not have happened. */
export class OutcomeUnknownError extends ModelArtsError {
  readonly code = 'OUTCOME_UNKNOWN';
}

/** One thing wrong with the input: where and what. */
export type InputIssue = {
  /** the argument, then names of nested input fields and places in lists: `['input', 'volume', 'capacityGiB']`; empty: no argument */
  readonly path: readonly string[];
  readonly message: string;
};

export class BadUserInputError extends ModelArtsError {
  readonly code = 'BAD_USER_INPUT';
  readonly issues: readonly InputIssue[];

  constructor(message: string, origin: ErrorOrigin & { readonly issues?: readonly InputIssue[] } = {}) {
    super(message, origin);
    this.issues = origin.issues ?? [];
  }

  /** All problems of one input at once. */
  static of(issues: readonly InputIssue[]): BadUserInputError {
    const text = issues.map((issue) =>
      issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message,
    );
    return new BadUserInputError(text.join(' '), { issues });
  }
}
