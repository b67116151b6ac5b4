import { type DocumentNode, type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { ModelArtsError } from '../modelarts/errors.ts';
import type { Caller, OperationCaller } from './context.ts';
import type { Operation, OperationEnd, OperationListener, OperationSpan } from './operation.ts';
import type { Tracing } from './tracing.ts';

export type Operations = {
  /** the operation of a caller: calls that are reported to it count for it */
  of(caller: Caller): Operation;
  readonly plugin: Plugin<OperationCaller, OperationCaller>;
  /** Resolves when no query or mutation runs, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
};

export type OperationsOptions = { readonly listeners: readonly OperationListener[]; readonly tracing: Tracing | null };

/** Follows each operation from its arrival to its end, for the log, the metrics and the traces. */
export function createOperations({ listeners, tracing }: OperationsOptions): Operations {
  /** queries and mutations */
  let running = 0;
  let onSettled: (() => void) | null = null;

  function of(caller: Caller): Operation {
    caller.operation ??= begun(caller, tracing?.startOperation(caller) ?? null);
    return caller.operation;
  }

  function read(operation: Operation, document: DocumentNode, operationName: string | null | undefined): void {
    const node = getOperationAST(document, operationName);
    operation.kind = node?.operation ?? null;
    operation.name = node?.name?.value.slice(0, 128) ?? null;
  }

  function start(operation: Operation): void {
    if (operation.kind !== 'subscription') running += 1;
    for (const listener of listeners) listener.operationStarted(operation);
  }

  function end(operation: Operation, outcome: OperationEnd['outcome'], codes: readonly string[]): void {
    if (outcome !== 'refused' && operation.kind !== 'subscription') running -= 1;
    const ended = { outcome, codes, durationMs: performance.now() - operation.startedAt };
    operation.span?.end(operation, ended);
    for (const listener of listeners) listener.operationEnded(operation, ended);
    if (running === 0) onSettled?.();
  }

  function finish(operation: Operation, { errors }: ExecutionResult): void {
    if (errors === undefined || errors.length === 0) end(operation, 'ok', noCodes);
    else end(operation, 'error', [...new Set(errors.map((error) => codeOf(error)))]);
  }

  function refuse(caller: Caller | undefined, codes: readonly string[], document?: DocumentNode): void {
    if (caller === undefined || caller.operation != null) return;
    const operation = of(caller);
    if (document !== undefined) read(operation, document, null);
    end(operation, 'refused', [...new Set(codes)]);
  }

  const plugin: Plugin<OperationCaller, OperationCaller> = {
    onParse:
      ({ context }) =>
      ({ result }) => {
        if (result instanceof Error) refuse(context.caller, [codeOf(result, 'GRAPHQL_PARSE_FAILED')]);
      },
    onValidate:
      ({ context, params }) =>
      ({ valid, result }) => {
        if (valid) return;
        const codes = result.map((error: unknown) => codeOf(error, 'GRAPHQL_VALIDATION_FAILED'));
        refuse(context.caller, codes, params.documentAST);
      },
    // what another plugin refused before parsing was asked; HTTP only
    onExecutionResult({ context, result }) {
      if (result !== undefined && 'errors' in result && result.errors !== undefined)
        refuse(
          context.caller,
          result.errors.map((error) => codeOf(error)),
        );
    },
    onExecute({ args }) {
      const operation = of(args.contextValue.caller);
      read(operation, args.document, args.operationName);
      start(operation);
      return {
        onExecuteDone: ({ result }) => {
          // there is no @defer and no @stream
          if (!isAsyncIterable(result)) finish(operation, result);
        },
      };
    },
    onSubscribe({ args }) {
      const operation = of(args.contextValue.caller);
      read(operation, args.document, args.operationName);
      start(operation);
      const codes = new Set<string>();
      return {
        onSubscribeError: ({ error }) => {
          codes.add(codeOf(error));
        },
        onSubscribeResult({ result }) {
          if (!isAsyncIterable(result)) {
            finish(operation, result);
            return;
          }
          return {
            onNext: ({ result: event }) => {
              operation.events += 1;
              if (!isAsyncIterable(event)) for (const error of event.errors ?? []) codes.add(codeOf(error));
            },
            onEnd: () => end(operation, codes.size === 0 ? 'ok' : 'error', [...codes]),
          };
        },
      };
    },
  };

  return {
    plugin,
    of,
    async settled(timeoutMs) {
      if (running === 0) return;
      await new Promise<void>((resolve) => {
        const giveUp = setTimeout(resolve, timeoutMs);
        onSettled = () => {
          clearTimeout(giveUp);
          // the answer of the last one is still to be written
          setImmediate(resolve);
        };
      });
    },
  };
}

const noCodes: readonly string[] = [];

function begun({ requestId }: Caller, span: OperationSpan | null): Operation {
  const operation: Operation = {
    requestId,
    kind: null,
    name: null,
    startedAt: performance.now(),
    upstreamCalls: 0,
    upstreamCodes: null,
    onCall({ error }) {
      operation.upstreamCalls += 1;
      if (error === null) return;
      operation.upstreamCodes ??= new Set();
      operation.upstreamCodes.add(error.code);
    },
    events: 0,
    span,
  };
  return operation;
}

/** @param otherwise the code of an error of GraphQL itself, which has none yet where it is made */
function codeOf(error: unknown, otherwise = 'GRAPHQL'): string {
  if (error instanceof ModelArtsError) return error.code;
  const { originalError, extensions } = error as Partial<GraphQLError>;
  if (originalError instanceof ModelArtsError) return originalError.code;
  return typeof extensions?.code === 'string' ? extensions.code : otherwise;
}
