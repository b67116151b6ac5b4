import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Operations } from '../../telemetry/operations.ts';
import type { Caller } from '../context.ts';
import { answerTooLarge } from '../limits/limits.ts';
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
  /** What is answered in place of as many bytes; null: they are not too many. */
  tooLarge(bytes: number, caller: Caller): { readonly errors: readonly [GraphQLError] } | null;
};

export type ResultText = { readonly text: string; readonly isFailure: boolean };

export type FailuresOptions = {
  readonly operations: Pick<Operations, 'settle'>;
  readonly maskError: (error: unknown) => Error;
  /** bytes an answer may have */
  readonly responseBytes: number;
  /** hears of an answer that was not given, its operation having ended well */
  readonly onTooLarge: (refused: { readonly requestId: string; readonly bytes: number }) => void;
};

export function createFailures({ operations, maskError, responseBytes, onTooLarge }: FailuresOptions): Failures {
  function errorOf(error: unknown): GraphQLError {
    const masked = maskError(error);
    return masked instanceof GraphQLError ? masked : new GraphQLError(masked.message);
  }

  function resultOf(error: unknown, caller: Caller): { errors: [GraphQLError] } {
    const result: { errors: [GraphQLError] } = { errors: [refusedError(errorOf(error), caller.requestId)] };
    operations.settle(caller, result);
    return result;
  }

  function tooLarge(bytes: number, caller: Caller): { errors: [GraphQLError] } | null {
    if (bytes <= responseBytes) return null;
    onTooLarge({ requestId: caller.requestId, bytes });
    return resultOf(answerTooLarge(responseBytes, bytes), caller);
  }

  const failureText = (result: ExecutionResult): ResultText => ({
    text: JSON.stringify(plainResult(result)),
    isFailure: true,
  });

  return {
    errorOf,
    resultOf,
    textOf(result, caller) {
      let text: string;
      try {
        text = JSON.stringify(plainResult(result));
      } catch (error) {
        return failureText(resultOf(error, caller));
      }
      const refused = tooLarge(Buffer.byteLength(text), caller);
      return refused === null ? { text, isFailure: false } : failureText(refused);
    },
    tooLarge,
  };
}
