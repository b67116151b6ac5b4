import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { BadUserInputError, ModelArtsError } from '../../../modelarts/wire/errors.ts';
import { remedyOf } from '../../../schema/core/remedy.ts';

/** What a client is told of an error: ours in full, GraphQL's own as they are, anything else masked and logged. */
export const maskError =
  (log: Logger) =>
  (error: unknown): Error => {
    const cause = error instanceof GraphQLError ? error.originalError : error;
    if (cause instanceof ModelArtsError) return expose(cause, error);
    if (error instanceof GraphQLError && (cause === undefined || cause instanceof GraphQLError)) return error;
    log.error({ err: cause ?? error }, 'unexpected error');
    // what failed without a field that failed has no data beside it; the status is for `application/graphql-response+json`
    const status =
      error instanceof GraphQLError && error.path !== undefined ? null : { http: { spec: true, status: 500 } };
    return place('The gateway failed unexpectedly.', error, {
      code: 'INTERNAL_SERVER_ERROR',
      requestId: requestIdOf(error),
      ...status,
    });
  };

function expose(cause: ModelArtsError, error: unknown): GraphQLError {
  return place(cause.message, error, {
    code: cause.code,
    remedy: remedyOf(cause),
    retryable: cause.retryable,
    upstreamCode: cause.upstreamCode,
    requestId: cause.requestId ?? requestIdOf(error),
    ...(cause.retryAfterSeconds !== null && { retryAfterSeconds: cause.retryAfterSeconds }),
    ...(cause instanceof BadUserInputError && cause.issues.length > 0 && { issues: cause.issues }),
  });
}

/** The operation's, where it is known by now. */
const requestIdOf = (error: unknown): unknown =>
  (error instanceof GraphQLError ? error.extensions.requestId : null) ?? null;

function place(message: string, error: unknown, extensions: Readonly<Record<string, unknown>>): GraphQLError {
  const at = error instanceof GraphQLError ? error : null;
  return new GraphQLError(message, {
    nodes: at?.nodes ?? null,
    source: at?.source ?? null,
    positions: at?.positions ?? null,
    path: at?.path ?? null,
    extensions,
  });
}
