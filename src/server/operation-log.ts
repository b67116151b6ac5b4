import { type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { ModelArtsError } from '../modelarts/errors.ts';
import type { OperationCaller } from './context.ts';

/** One log line for each operation: what it was, how long it took and how it ended. Never variables, never credentials. */
export const logOperations = (log: Logger): Plugin<OperationCaller> => ({
  onExecute({ args }) {
    const startedAt = performance.now();
    return {
      onExecuteDone({ result }) {
        const codes = 'errors' in result ? result.errors?.map(codeOf) : undefined;
        log.info(
          {
            operation: args.operationName ?? getOperationAST(args.document, args.operationName)?.name?.value ?? null,
            kind: getOperationAST(args.document, args.operationName)?.operation ?? null,
            requestId: args.contextValue.caller.requestId,
            durationMs: Math.round(performance.now() - startedAt),
            ...(codes !== undefined && { codes }),
          },
          'operation',
        );
      },
    };
  },
});

const codeOf = (error: GraphQLError): unknown =>
  error.originalError instanceof ModelArtsError ? error.originalError.code : (error.extensions.code ?? 'GRAPHQL');
