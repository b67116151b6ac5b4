import { type DocumentNode, type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { ModelArtsError } from '../../modelarts/wire/errors.ts';
import { isAbort } from '../../runtime/abort.ts';
import type { ResumePoint } from '../../schema/core/context.ts';
import type { Caller, OperationCaller } from '../graphql/context.ts';
import type { Operation, OperationEnd, OperationListener, OperationSpan } from './operation.ts';
import { endBy, noteEnd, type SubscriptionEnd } from './subscribed.ts';
import type { Tracing } from './tracing.ts';

export type Operations = {
  /** the operation of a caller: calls that are reported to it count for it */
  of(caller: Caller): Operation;
  readonly plugin: Plugin<Emitting, OperationCaller>;
  /** Ends the caller's operation, unless it has ended: what it is answered did not come out of its execution. */
  settle(caller: Caller, result: ExecutionResult): void;
  /** The gateway shuts down: resolves when no query or mutation runs, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
};

/** What a context holds of the event emitted last, once there is a context. */
type Emitting = OperationCaller & { readonly resume?: ResumePoint };

export type OperationsOptions = {
  readonly listeners: readonly OperationListener[];
  readonly tracing: Tracing | null;
  /** hears what a listener or a trace threw: an operation goes on without them */
  readonly onListenerFailed?: ((error: unknown) => void) | undefined;
};

/** Follows each operation from its arrival to its end, for the log, the metrics and the traces. */
export function createOperations({ listeners, tracing, onListenerFailed }: OperationsOptions): Operations {
  /** queries and mutations */
  let running = 0;
  let onSettled: (() => void) | null = null;
  let isShuttingDown = false;

  function of(caller: Caller): Operation {
    caller.operation ??= begun(caller, tracing?.startOperation(caller) ?? null);
    return caller.operation;
  }

  function read(operation: Operation, document: DocumentNode, operationName: string | null | undefined): void {
    const node = getOperationAST(document, operationName);
    operation.kind = node?.operation ?? null;
    operation.name = node?.name?.value.slice(0, 128) ?? null;
  }

  function notify(report: (listener: OperationListener) => void): void {
    for (const listener of listeners) {
      try {
        report(listener);
      } catch (error) {
        onListenerFailed?.(error);
      }
    }
  }

  /** Without a closure: of thousands of subscribers each event comes by here. */
  function eventSent(operation: Operation, observedAt: number | null): void {
    for (const listener of listeners) {
      try {
        listener.eventSent?.(operation, observedAt);
      } catch (error) {
        onListenerFailed?.(error);
      }
    }
  }

  function start(operation: Operation): void {
    operation.phase = 'running';
    if (operation.kind !== 'subscription') running += 1;
    notify((listener) => listener.operationStarted(operation));
  }

  function end(operation: Operation, outcome: OperationEnd['outcome'], codes: readonly string[]): void {
    const { phase, kind, startedAt, span, subscribed } = operation;
    if (phase === 'ended') return;
    if (subscribed !== null) {
      subscribed.end ??= outcome === 'ok' ? 'completed' : endBy(codes);
      // connections are closed then, and what is watched ends
      if (isShuttingDown && isOrderly(subscribed.end)) subscribed.end = 'shutdown';
    }
    operation.phase = 'ended';
    const isRun = phase === 'running';
    if (isRun && kind !== 'subscription') running -= 1;
    const ended = { outcome, isRun, codes, durationMs: performance.now() - startedAt };
    try {
      span?.end(operation, ended);
    } catch (error) {
      onListenerFailed?.(error);
    }
    notify((listener) => listener.operationEnded(operation, ended));
    if (running === 0) onSettled?.();
  }

  function finish(operation: Operation, { errors }: ExecutionResult): void {
    if (errors === undefined || errors.length === 0) end(operation, 'ok', noCodes);
    else end(operation, 'error', codesOf(errors));
  }

  function refuse(caller: Caller | undefined, codes: readonly string[], document?: DocumentNode): void {
    if (caller === undefined || caller.operation != null) return;
    const operation = of(caller);
    if (document !== undefined) read(operation, document, null);
    end(operation, 'refused', [...new Set(codes)]);
  }

  function settle(caller: Caller, { errors = [] }: ExecutionResult): void {
    const operation = of(caller);
    if (operation.phase === 'arrived' && errors.length > 0) end(operation, 'refused', codesOf(errors));
    else finish(operation, { errors });
  }

  const plugin: Plugin<Emitting, OperationCaller> = {
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
    // what was refused before it was parsed, or failed between two hooks; HTTP only
    onExecutionResult({ context, result }) {
      if (context.caller !== undefined && result !== undefined && !isAsyncIterable(result) && !Array.isArray(result))
        settle(context.caller, result);
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
          const code = codeOf(error);
          codes.add(code);
          // unless nobody is left to be told
          noteEnd(operation, isAbort(error) ? 'client' : endBy([code]));
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
              eventSent(operation, args.contextValue.resume?.observedAt ?? null);
            },
            onEnd: () => {
              // whatever single events told of errors, it has come to its end
              noteEnd(operation, 'completed');
              end(operation, codes.size === 0 ? 'ok' : 'error', [...codes]);
            },
          };
        },
      };
    },
  };

  return {
    plugin,
    of,
    settle,
    async settled(timeoutMs) {
      isShuttingDown = true;
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

const isOrderly = (end: SubscriptionEnd): boolean => end === 'client' || end === 'completed';

const noCodes: readonly string[] = [];

const codesOf = (errors: readonly unknown[]): readonly string[] => [...new Set(errors.map((error) => codeOf(error)))];

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
    phase: 'arrived',
    opened: null,
    subscribed: null,
    span,
  };
  return operation;
}

/** @param otherwise the code of an error of GraphQL itself, which has none yet where it is made */
function codeOf(error: unknown, otherwise = 'GRAPHQL'): string {
  if (error instanceof ModelArtsError) return error.code;
  // errors of a result may come from elsewhere, as plain objects
  const { originalError, extensions } = error as Partial<GraphQLError>;
  if (originalError instanceof ModelArtsError) return originalError.code;
  return typeof extensions?.code === 'string' ? extensions.code : otherwise;
}
