import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Operations } from '../../telemetry/operations.ts';
import type { Caller } from '../context.ts';
import { refusedError } from './extensions.ts';
import { plainResult } from './plain.ts';

/** What becomes of an operation in which something was thrown that no resolver threw. */
export type Failures = {
  /**
   * What the client is told: an error of GraphQL or of ModelArts in full; of anything else only that the gateway failed
   * (`INTERNAL_SERVER_ERROR`, HTTP status 500), with its cause in the log, once.
   */
  errorOf(error: unknown): GraphQLError;
  /** The same as the operation's result, which ends it. */
  resultOf(error: unknown, caller: Caller): { readonly errors: readonly [GraphQLError] };
  /** JSON of a result, for messages that have no status; where it has none, of the failure to write it. */
  textOf(result: ExecutionResult, caller: Caller): ResultText;
};

export type ResultText = { readonly text: string; readonly isFailure: boolean };

export type FailuresOptions = {
  readonly operations: Pick<Operations, 'settle'>;
  readonly maskError: (error: unknown) => Error;
};

export function createFailures({ operations, maskError }: FailuresOptions): Failures {
  function errorOf(error: unknown): GraphQLError {
    const masked = maskError(error);
    return masked instanceof GraphQLError ? masked : new GraphQLError(masked.message);
  }

  function resultOf(error: unknown, caller: Caller): { errors: [GraphQLError] } {
    const result: { errors: [GraphQLError] } = { errors: [refusedError(errorOf(error), caller.requestId)] };
    operations.settle(caller, result);
    return result;
  }

  return {
    errorOf,
    resultOf,
    textOf(result, caller) {
      try {
        return { text: JSON.stringify(plainResult(result)), isFailure: false };
      } catch (error) {
        return { text: JSON.stringify(plainResult(resultOf(error, caller))), isFailure: true };
      }
    },
  };
}
