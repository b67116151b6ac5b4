import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST, Kind } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { ModelArtsError } from '../../../modelarts/wire/errors.ts';
import type { OperationCaller } from '../context.ts';

type Executed = {
  readonly args: ExecutionArgs;
  readonly result: ExecutionResult | AsyncIterable<ExecutionResult>;
  readonly setResult: (next: ExecutionResult) => void;
};

/**
 * Gives every error of an answer its `extensions.code` and `extensions.requestId`: codes by the names Apollo's servers use, the
 * request id that the answer's `X-Request-Id` has. It hangs on parse, validate, execute and subscribe, which every transport
 * takes from `getEnveloped`, and comes first among the plugins, so that the log, the metrics and the mask see what clients see.
 */
export function completeErrors(): Plugin<OperationCaller, OperationCaller> {
  // one for all operations, and nothing made for those without errors, which are most
  const executed = {
    onExecuteDone(end: Executed): void {
      const { args, result } = end;
      if (!isAsyncIterable(result) && result.errors !== undefined) end.setResult(completed(result, args));
    },
  };
  return {
    onParse:
      ({ context: { caller } }) =>
      ({ result, replaceParseResult }) => {
        if (!(result instanceof GraphQLError)) return;
        replaceParseResult(withExtensions(result, { code: 'GRAPHQL_PARSE_FAILED', requestId: caller?.requestId }));
      },
    onValidate:
      ({ context: { caller } }) =>
      ({ valid, result, setResult }) => {
        if (valid) return;
        // what is wrong with a document is remembered, and with it the request id of whoever sent it before
        const extensions = { code: 'GRAPHQL_VALIDATION_FAILED', requestId: caller?.requestId };
        setResult(result.map((error) => (error instanceof GraphQLError ? withExtensions(error, extensions) : error)));
      },
    onExecute: () => executed,
    onSubscribe: ({ args }) => ({
      onSubscribeResult({ result, setResult }) {
        if (!isAsyncIterable(result)) setResult(completed(result, args));
        return {
          onNext({ result: event, setResult: replace }) {
            if (!isAsyncIterable(event)) replace(completed(event, args));
          },
        };
      },
      onSubscribeError({ error, setError }) {
        // an operation that was given up is told nothing
        if (!(error instanceof DOMException)) setError(executionError(error, args));
      },
    }),
    // what became an error outside of all that; HTTP only
    onExecutionResult({ result, context: { caller }, setResult }) {
      if (result !== undefined && !isAsyncIterable(result)) setResult(refused(result, caller.requestId));
    },
    onResultProcess({ result, serverContext: { caller }, setResult }) {
      if (!Array.isArray(result) && !isAsyncIterable(result)) setResult(refused(result, caller.requestId));
    },
  };
}

function completed(result: ExecutionResult, args: ExecutionArgs): ExecutionResult {
  if (result.errors === undefined) return result;
  const isRefused = result.data === undefined;
  return { ...result, errors: result.errors.map((error) => executionError(error, args, isRefused)) };
}

/** @param isRefused the operation did not get as far as its first field */
function executionError(error: unknown, args: ExecutionArgs, isRefused = false): GraphQLError {
  // graphql-js knows no type of it; every transport puts the caller there
  const { caller } = args.contextValue as OperationCaller;
  const located =
    error instanceof GraphQLError ? error : new GraphQLError(textOf(error), { originalError: causeOf(error) });
  const requestId =
    (located.originalError instanceof ModelArtsError && located.originalError.requestId) || caller.requestId;
  return withExtensions(located, { code: codeOf(located, args, isRefused), requestId });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Anything can be thrown; without a cause the mask would take it for an error of GraphQL's own. */
const causeOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Code of an error that brings none along, as the mask will tell it. */
function codeOf(error: GraphQLError, { document, operationName }: ExecutionArgs, isRefused: boolean): string {
  const { originalError, nodes } = error;
  if (originalError instanceof ModelArtsError) return originalError.code;
  if (originalError !== undefined && !(originalError instanceof GraphQLError)) return 'INTERNAL_SERVER_ERROR';
  if (isRefused) return getOperationAST(document, operationName) ? 'BAD_USER_INPUT' : 'OPERATION_RESOLUTION_FAILURE';
  // variables, arguments and directives are named by their places in the document; a value that fits no type by its field alone
  const isInput = nodes?.some(({ kind }) => kind !== Kind.FIELD && kind !== Kind.OPERATION_DEFINITION);
  return isInput === true ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR';
}

function refused<T extends ExecutionResult>(result: T, requestId: string): T {
  if (result.errors === undefined) return result;
  return { ...result, errors: result.errors.map((error) => refusedError(error, requestId)) };
}

/** An error of no hook that knows the operation: a transport's own, or one that was masked already. */
export function refusedError(error: GraphQLError, requestId: string): GraphQLError {
  const { code, requestId: known } = error.extensions;
  if (typeof code === 'string' && typeof known === 'string') return error;
  return withExtensions(error, { code: 'BAD_REQUEST', requestId: known ?? requestId });
}

type Extensions = { readonly code: string; readonly requestId: unknown };

/** @param extensions `code` holds where the error has none */
function withExtensions(error: GraphQLError, { code, requestId }: Extensions): GraphQLError {
  const { message, nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions: { code, ...extensions, ...(requestId !== undefined && { requestId }) },
  });
}
