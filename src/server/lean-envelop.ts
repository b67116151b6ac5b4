import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Envelop's context building and execution for queries and mutations, hook by hook in the same order, without the
 * objects it makes for each hook and request. Hooks that make an operation wait are waited for as well.
 */
export type LeanEnvelop = {
  /** @param initial what is known of the operation; the context is built into it */
  contextOf(initial: object): object | Promise<object>;
  execute(args: ExecutionArgs): Result | Promise<Result>;
};

export type Result = ExecutionResult | AsyncIterable<ExecutionResult>;

type OnContext = NonNullable<Plugin['onContextBuilding']>;
type OnExecute = NonNullable<Plugin['onExecute']>;
type ExecutePayload = Parameters<OnExecute>[0];
type Done = (end: {
  readonly args: ExecutionArgs;
  readonly result: Result;
  setResult(result: Result): void;
}) => unknown;

/** The hooks of a plugin that this calls. */
type Hooks = { readonly onContextBuilding?: unknown; readonly onExecute?: unknown };

/** @param plugins all of them, in their order */
export function leanEnvelop(plugins: readonly Hooks[]): LeanEnvelop {
  const onContext = plugins.flatMap(({ onContextBuilding: hook }) => (hook === undefined ? [] : [hook as OnContext]));
  const onExecute = plugins.flatMap(({ onExecute: hook }) => (hook === undefined ? [] : [hook as OnExecute]));
  return {
    contextOf(initial) {
      const context = initial as Record<string, unknown>;
      const extendContext = (extension: object): void => {
        Object.assign(context, extension);
      };
      let isBroken = false;
      const breakContextBuilding = (): void => {
        isBroken = true;
      };
      const after: ((payload: object) => unknown)[] = [];
      const built = inTurn(onContext, (hook) => {
        if (isBroken) return undefined;
        return then(
          hook({ context, extendContext, breakContextBuilding } as Parameters<OnContext>[0]),
          (afterwards) => {
            if (typeof afterwards === 'function') after.push(afterwards as (payload: object) => unknown);
          },
        );
      });
      const done = then(built, () =>
        isBroken ? undefined : inTurn(after, (hook) => hook({ context, extendContext })),
      );
      return then(done, () => context) as object | Promise<object>;
    },
    execute(args) {
      const executing = new Executing(args);
      const after: Done[] = [];
      const begun = inTurn(onExecute, (hook) => {
        if (executing.stopped !== null) return undefined;
        return then(hook(executing as unknown as ExecutePayload), (hooks) => {
          const onExecuteDone = (hooks as { readonly onExecuteDone?: Done } | undefined)?.onExecuteDone;
          if (onExecuteDone !== undefined) after.push(onExecuteDone);
        });
      });
      const executed = then(
        begun,
        () => executing.stopped ?? executing.executeFn({ ...args, contextValue: executing.context }),
      );
      return then(executed, (result) => ended(args, result as Result, after)) as Result | Promise<Result>;
    },
  };
}

function ended(args: ExecutionArgs, last: Result, hooks: readonly Done[]): Result | Promise<Result> {
  const end = {
    args,
    result: last,
    setResult(next: Result): void {
      end.result = next;
    },
  };
  return then(
    inTurn(hooks, (hook) => hook(end)),
    () => end.result,
  );
}

/** What hooks on execute are given: they take it apart, so what they call is bound when they ask for it. */
class Executing {
  readonly args: ExecutionArgs;
  readonly context: Record<string, unknown>;
  executeFn: (args: ExecutionArgs) => Result | Promise<Result> = notThere;
  stopped: Result | null = null;

  constructor(args: ExecutionArgs) {
    this.args = args;
    this.context = (args.contextValue ?? {}) as Record<string, unknown>;
  }

  get setExecuteFn() {
    return (next: typeof this.executeFn): void => {
      this.executeFn = next;
    };
  }

  get setResultAndStopExecution() {
    return (result: Result): void => {
      this.stopped = result;
    };
  }

  get extendContext() {
    return (extension: object): void => {
      Object.assign(this.context, extension);
    };
  }
}

function notThere(): never {
  throw new Error('no plugin executes');
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** What comes next: at once where there is nothing to wait for. */
const then = <T>(value: unknown, next: (value: unknown) => T): T | Promise<T> =>
  isPromise(value) ? (value.then(next) as Promise<T>) : next(value);

/** One hook after the other. */
function inTurn<H>(hooks: readonly H[], call: (hook: H) => unknown, from = 0): unknown {
  for (let index = from; index < hooks.length; index++) {
    const waiting = call(hooks[index] as H);
    if (isPromise(waiting)) return waiting.then(() => inTurn(hooks, call, index + 1));
  }
  return undefined;
}
