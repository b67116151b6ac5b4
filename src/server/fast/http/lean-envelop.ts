import type { ExecutionArgs, ExecutionResult } from 'graphql';

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

type OnContext = (building: Building) => unknown;
type OnExecute = (executing: Executing) => unknown;
type Done = (end: End) => unknown;

/** The hooks of a plugin that this calls. */
type Hooks = { readonly onContextBuilding?: unknown; readonly onExecute?: unknown };

type PluginCollection = {
  readonly plugin: { onPluginInit(init: { readonly plugins: readonly Hooks[] }): void };
  readonly plugins: () => readonly Hooks[];
};

/** The plugins of the Envelop that `plugin` is put into: all of them in their order, once it is made. */
export function collectPlugins(): PluginCollection {
  let collected: readonly Hooks[] = [];
  return {
    plugin: {
      // those that are added afterwards are added to this list
      onPluginInit({ plugins }) {
        collected = plugins;
      },
    },
    plugins: () => collected,
  };
}

/** @param plugins all of them, in their order */
export function leanEnvelop(plugins: readonly Hooks[]): LeanEnvelop {
  // hooks are typed for the whole of Envelop; these are given the part of it that hooks use
  const onContext = plugins.flatMap(({ onContextBuilding: hook }) => (hook === undefined ? [] : [hook as OnContext]));
  const onExecute = plugins.flatMap(({ onExecute: hook }) => (hook === undefined ? [] : [hook as OnExecute]));

  /** Goes on where a hook makes the others wait, or wants to be called when all are through. */
  async function buildOn(building: Building, from: number, first: unknown): Promise<object> {
    const after: AfterBuilding[] = [];
    let returned = await first;
    for (let index = from; ; index++) {
      // the only function a hook can return
      if (typeof returned === 'function') after.push(returned as AfterBuilding);
      const hook = onContext[index + 1];
      if (hook === undefined || building.isBroken) break;
      returned = await hook(building);
    }
    for (const hook of building.isBroken ? [] : after) await hook(building);
    return building.context;
  }

  function executed(executing: Executing): Result | Promise<Result> {
    const result = executing.stopped ?? executing.executeFn(executing.args);
    return isPromise(result)
      ? // of a result, or it would be no answer of execution
        (result as Promise<Result>).then((settled) => ended(executing, settled))
      : ended(executing, result);
  }

  async function executeOn(executing: Executing, from: number, first: unknown): Promise<Result> {
    executing.noteEnd(await first);
    for (const hook of onExecute.slice(from + 1)) {
      if (executing.stopped !== null) break;
      executing.noteEnd(await hook(executing));
    }
    return executed(executing);
  }

  return {
    contextOf(initial) {
      const building = new Building(initial);
      for (let index = 0; index < onContext.length; index++) {
        // below its length; a check costs more than the call
        const returned: unknown = (onContext[index] as OnContext)(building);
        if (returned !== undefined || building.isBroken) return buildOn(building, index, returned);
      }
      return building.context;
    },
    execute(args) {
      const executing = new Executing(args);
      for (let index = 0; index < onExecute.length; index++) {
        // as above
        const returned: unknown = (onExecute[index] as OnExecute)(executing);
        if (isPromise(returned)) return executeOn(executing, index, returned);
        executing.noteEnd(returned);
        if (executing.stopped !== null) break;
      }
      return executed(executing);
    },
  };
}

type AfterBuilding = (building: Building) => unknown;

/** What hooks on context building are given. */
class Building {
  readonly context: Record<string, unknown>;
  isBroken = false;

  constructor(initial: object) {
    // hooks add to it what they like, as in Envelop
    this.context = initial as Record<string, unknown>;
  }

  get extendContext() {
    return (extension: object): void => {
      Object.assign(this.context, extension);
    };
  }

  get breakContextBuilding() {
    return (): void => {
      this.isBroken = true;
    };
  }
}

function ended({ args, ends }: Executing, result: Result): Result | Promise<Result> {
  const end = new End(args, result);
  for (let index = 0; index < ends.length; index++) {
    // below its length
    const returned = (ends[index] as Done)(end);
    if (isPromise(returned)) return endOn(end, ends.slice(index + 1), returned);
  }
  return end.result;
}

async function endOn(end: End, rest: readonly Done[], first: unknown): Promise<Result> {
  await first;
  for (const hook of rest) await hook(end);
  return end.result;
}

/** What hooks on the end of an execution are given. */
class End {
  readonly args: ExecutionArgs;
  result: Result;

  constructor(args: ExecutionArgs, result: Result) {
    this.args = args;
    this.result = result;
  }

  get setResult() {
    return (next: Result): void => {
      this.result = next;
    };
  }
}

/** What hooks on execute are given: they take it apart, so what they call is bound when they ask for it. */
class Executing {
  readonly args: ExecutionArgs;
  readonly context: Record<string, unknown>;
  executeFn: (args: ExecutionArgs) => Result | Promise<Result> = notThere;
  stopped: Result | null = null;
  /** to be called at the end */
  readonly ends: Done[] = [];

  /** @param args with the context, which is the operation's own */
  constructor(args: ExecutionArgs) {
    this.args = args;
    // graphql-js knows no type of it; `contextOf` made it
    this.context = args.contextValue as Record<string, unknown>;
  }

  /** @param returned what a hook gave */
  noteEnd(returned: unknown): void {
    // what a hook on execution may return
    const onExecuteDone = (returned as { readonly onExecuteDone?: Done } | undefined)?.onExecuteDone;
    if (onExecuteDone !== undefined) this.ends.push(onExecuteDone);
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
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
