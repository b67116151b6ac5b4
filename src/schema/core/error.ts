import {
  BadUserInputError,
  BillingError,
  CapacityError,
  ConflictError,
  type ErrorOrigin,
  ForbiddenError,
  type InputIssue,
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
} from '../../modelarts/wire/errors.ts';
import { builder } from './builder.ts';
import { requestEnum } from './enums.ts';
import { remedyOf } from './remedy.ts';

export const ErrorCodeEnum = requestEnum('ErrorCode', {
  description: 'What kind of failure this is; stable, for programs to switch on.',
  values: {
    UNAUTHENTICATED: 'The token is missing, expired or not accepted.',
    FORBIDDEN: 'The token does not permit this.',
    NOT_FOUND: 'There is no such object in the project.',
    BAD_USER_INPUT: 'The input is wrong; nothing was changed.',
    CONFLICT: 'The object is in a state that does not allow this, or is busy.',
    QUOTA_EXCEEDED: 'The account or user has as many objects as allowed.',
    CAPACITY: 'ModelArts has no resources of this kind left at the moment.',
    BILLING: 'The account is suspended, restricted or in arrears.',
    RATE_LIMITED: 'Too many requests; wait before the next.',
    UPSTREAM_SETUP: 'ModelArts is not authorised or not set up for this account.',
    UPSTREAM_TIMEOUT: 'ModelArts did not answer in time; nothing is known to have changed.',
    UPSTREAM_UNAVAILABLE: 'ModelArts cannot be reached or failed.',
    UPSTREAM_INVALID: 'ModelArts gave an answer that could not be read.',
    OUTCOME_UNKNOWN: 'The answer to a change was lost; it may or may not have taken effect.',
  },
});

export const ErrorInterface = builder.interfaceRef<ModelArtsError>('Error').implement({
  description: 'A failure a client can act on.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What went wrong, in a sentence for people.' }),
    code: t.expose('code', { type: ErrorCodeEnum, description: 'What went wrong, for programs.' }),
    remedy: t.string({ nullable: true, description: 'What to do next.', resolve: (error) => remedyOf(error) }),
    retryable: t.exposeBoolean('retryable', {
      description: 'Whether the very same request can succeed later.',
    }),
    upstreamCode: t.exposeString('upstreamCode', {
      nullable: true,
      description: 'Code ModelArts or IAM gave, for example `ModelArts.6309`; null for checks of the gateway itself.',
    }),
    requestId: t.string({
      nullable: true,
      description:
        'Request id to quote to the operator of the gateway or to the support of the cloud: that of the call of ModelArts that failed, else that of this operation, which is in the `X-Request-Id` header of the answer.',
      resolve: (error, _args, context) => error.requestId ?? context.requestId,
    }),
  }),
});

export const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One thing wrong with the input.',
  fields: (t) => ({
    path: t.stringList({
      description:
        'Where it lies: the argument, then the names of nested input fields and the places in lists, for example `["input", "volume", "capacityGiB"]`. Empty when it lies in no argument.',
      resolve: (issue) => [...issue.path],
    }),
    message: t.exposeString('message', { description: 'What is wrong and what would be right.' }),
  }),
});

builder.objectType(BadUserInputError, {
  name: 'BadUserInputError',
  description: 'The input is wrong; nothing was changed.',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof BadUserInputError,
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'All problems found, with the input fields they lie in; empty when only ModelArts knows.',
      resolve: (error) => [...error.issues],
    }),
  }),
});

builder.objectType(ConflictError, {
  name: 'ConflictError',
  description: 'The object is in a state that does not allow this, or is busy.',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof ConflictError,
  fields: (t) => ({
    status: t.string({
      nullable: true,
      description: 'Status that stands in the way, as ModelArts writes it, when it is known.',
      resolve: (error) => error.state?.status ?? null,
    }),
    allowedStatuses: t.stringList({
      description: 'Statuses that would do; empty when it is not the status that stands in the way.',
      resolve: (error) => [...(error.state?.allowedStatuses ?? [])],
    }),
  }),
});

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: 'Too many requests; wait before the next.',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof RateLimitedError,
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      nullable: true,
      description: 'Seconds to wait, where they are known.',
    }),
  }),
});

function plainError(
  name: string,
  errorClass: new (message: string, origin?: ErrorOrigin) => ModelArtsError,
  description: string,
): void {
  builder.objectType(errorClass, {
    name,
    description,
    interfaces: [ErrorInterface],
    isTypeOf: (value) => value instanceof errorClass,
  });
}

plainError('UnauthenticatedError', UnauthenticatedError, 'The token is missing, expired or not accepted.');
plainError('ForbiddenError', ForbiddenError, 'The token does not permit this.');
plainError('NotFoundError', NotFoundError, 'There is no such object in the project.');
plainError('QuotaExceededError', QuotaExceededError, 'The account or user has as many objects as allowed.');
plainError('CapacityError', CapacityError, 'ModelArts has no resources of this kind left at the moment.');
plainError('BillingError', BillingError, 'The account is suspended, restricted or in arrears.');
plainError('UpstreamSetupError', UpstreamSetupError, 'ModelArts is not authorised or not set up for this account.');
plainError('UpstreamTimeoutError', UpstreamTimeoutError, 'ModelArts did not answer in time.');
plainError('UpstreamUnavailableError', UpstreamUnavailableError, 'ModelArts cannot be reached or failed.');
plainError('UpstreamInvalidError', UpstreamInvalidError, 'ModelArts gave an answer that could not be read.');
plainError('OutcomeUnknownError', OutcomeUnknownError, 'The answer to a change was lost; look before you try again.');

/** Every call can end like this. */
export const upstreamErrors = [
  UnauthenticatedError,
  ForbiddenError,
  RateLimitedError,
  UpstreamSetupError,
  UpstreamUnavailableError,
  UpstreamInvalidError,
];

/** What a change can end with besides: it never left in time, or its answer was lost. */
export const changeErrors = [...upstreamErrors, UpstreamTimeoutError, BadUserInputError, OutcomeUnknownError];
