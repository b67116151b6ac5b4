import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, type YogaServerInstance } from 'graphql-yoga';
import { isAbort } from '../../runtime/abort.ts';
import type { Context } from '../../schema/core/context.ts';
import type { Operation } from '../telemetry/operation.ts';
import { type EventTransport, noteEnd } from '../telemetry/subscribed.ts';
import { abandon } from './abandoned-events.ts';
import type { OperationCaller } from './context.ts';
import type { Failures } from './errors/failures.ts';
import { plainError, plainResult } from './errors/plain.ts';

export type Yoga = YogaServerInstance<OperationCaller, Context>;

export type Arguments = ExecutionArgs & { readonly contextValue: Context };

/** An operation that is ready to run, or what it is answered instead. */
export type Prepared =
  | { readonly args: Arguments }
  | {
      readonly errors: readonly GraphQLError[];
      /** not the client's document is to blame, but the gateway */
      readonly isFailure: boolean;
    };

/**
 * What an operation goes through on its way, with every hook of every plugin, for transports that do not go through Yoga's
 * HTTP layer. Nothing of it throws: what goes wrong unexpectedly is masked, logged and ends the operation. Messages of these
 * transports have no status, and results none for them.
 */
export type Enveloped = {
  /** Parses, validates and builds the context. */
  prepare(params: OperationParams): Promise<Prepared>;
  execute(args: ExecutionArgs): Promise<ExecutionResult>;
  /** An iterator throws errors of GraphQL alone, to be told as they are, and has ended by then. */
  subscribe(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>>;
};

export type OperationParams = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
};

/** What plugins find in the context from the start. */
type Initial = OperationCaller & { readonly request?: Request };

export type EnvelopedOptions = Initial & {
  /** how events go to the client */
  readonly transport: EventTransport;
};

export function enveloped(yoga: Yoga, failures: Failures, { transport, ...initial }: EnvelopedOptions): Enveloped {
  const failed = (error: unknown) => failures.resultOf(error, initial.caller);
  // of one operation alone, which is prepared before it is run
  let functions: Functions | null = null;
  const open = (params: OperationParams): Functions => {
    functions = yoga.getEnveloped({ ...initial, params });
    return functions;
  };
  const opened = (): Functions => {
    if (functions === null) throw new Error('the operation was not prepared');
    return functions;
  };

  return {
    async prepare(params) {
      try {
        const { schema, parse, validate, contextFactory } = open(params);
        const document = parse(params.query);
        const errors = validate(schema, document);
        if (errors.length > 0) return { errors: errors.map(plainError), isFailure: false };
        const contextValue = await contextFactory();
        const { operationName, variables: variableValues } = params;
        return { args: { schema, document, contextValue, operationName, variableValues } };
      } catch (error) {
        // one on building the context was masked before it was thrown
        const { errors } = failed(error);
        return { errors: errors.map(plainError), isFailure: errors[0].extensions.code === 'INTERNAL_SERVER_ERROR' };
      }
    },
    async execute(args) {
      try {
        const result = await opened().execute(args);
        if (isAsyncIterable(result)) throw new Error('there is no @defer and no @stream');
        return plainResult(result);
      } catch (error) {
        return plainResult(failed(error));
      }
    },
    async subscribe(args) {
      const { operation } = initial.caller;
      try {
        if (operation != null) operation.subscribed = { transport, openedAt: Date.now(), end: null };
        const result = await opened().subscribe(args);
        // Envelop leaves open of what the iterable is
        if (isAsyncIterable(result)) return new Events(result as AsyncIterable<ExecutionResult>, failed, operation);
        return plainResult(result);
      } catch (error) {
        // graphql-js knows no type of it; `prepare` made it
        await abandon(args.contextValue as object);
        return plainResult(failed(error));
      }
    },
  };
}

type Functions = ReturnType<Yoga['getEnveloped']>;

type Failed = (error: unknown) => ReturnType<Failures['resultOf']>;

/** Results of a subscription, whose operation has ended when one of them could not be had. */
class Events implements AsyncIterableIterator<ExecutionResult> {
  readonly #results: AsyncIterator<ExecutionResult>;
  readonly #failed: Failed;
  readonly #operation: Operation | null | undefined;

  constructor(results: AsyncIterable<ExecutionResult>, failed: Failed, operation: Operation | null | undefined) {
    this.#results = results[Symbol.asyncIterator]();
    this.#failed = failed;
    this.#operation = operation;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    try {
      const { done, value } = await this.#results.next();
      return done === true ? { done, value: undefined } : { done: false, value: plainResult(value) };
    } catch (error) {
      // hooks on the end of a subscription hear of it from here: a loop over the results leaves it at that
      noteEnd(this.#operation, isAbort(error) ? 'client' : 'error');
      await this.return().catch(() => {});
      if (isAbort(error)) throw error;
      throw plainError(this.#failed(error).errors[0]);
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    noteEnd(this.#operation, 'client');
    await this.#results.return?.();
    return { done: true, value: undefined };
  }

  /** graphql-ws and graphql-sse end those alone that have it. */
  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
