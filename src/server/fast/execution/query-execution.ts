import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ModelArtsError } from '../../../modelarts/wire/errors.ts';
import type { Context } from '../../../schema/core/context.ts';
import { volatileFields } from '../../../schema/loading/volatile.ts';
import type { Caller, OperationCaller, ServerContext } from '../../graphql/context.ts';
import { isLarge, textInTurns } from '../../graphql/result-text.ts';
import type { OperationReads } from '../revalidation/operation-reads.ts';
import type { ResponseStore } from '../revalidation/response-store.ts';
import { createRevalidation, type ResponseKey } from '../revalidation/revalidation.ts';
import { RevalidationWorth } from '../revalidation/revalidation-worth.ts';
import { asksForValues, hasField } from './conditions.ts';
import { type Compile, type Plan, type PlannedQuery, planQuery } from './plan.ts';
import { createPlans, type Plans } from './plans.ts';
import type { Data } from './run.ts';
import { WrittenResult } from './written-result.ts';

export type QueryExecutionOptions = {
  /** false: graphql-js runs every query */
  readonly arePlansOn: boolean;
  /** null: no response is stored */
  readonly responseStore: ResponseStore | null;
  /** whom a plan counts against that is made for this caller's operation */
  readonly ownerOf: (caller: Caller) => string;
  /** told of each comparison of a stored response with what ModelArts says now */
  readonly onRevalidation?: ((isSame: boolean) => void) | undefined;
  /** hears of what went wrong without a change of the answer: in a plan, or in keeping */
  readonly onUnexpected?: ((error: unknown) => void) | undefined;
  /** for tests: each query is planned when it comes first, whatever that takes; by default it must have come often */
  readonly isEachPlanned?: boolean | undefined;
  /** for tests: each query that a plan answers is run by graphql-js as well, with the same answers of ModelArts */
  readonly onParity?: ((args: ExecutionArgs, planned: ExecutionResult, ordinary: ExecutionResult) => void) | undefined;
};

type PlannedOperation = {
  readonly id: number;
  readonly plan: Plan;
  /** its response can be stored for whoever it was given to */
  readonly isRevalidatable: boolean;
  readonly worth: RevalidationWorth;
};

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

type QueryExecution = {
  readonly plugin: Plugin<Context & OperationCaller>;
  /** null: there are no plans */
  readonly plans: Pick<Plans, 'stats'> | null;
};

/** Runs queries that come again by a plan made once, and spares the run where nothing it depends on has changed. */
export function executeQueries(options: QueryExecutionOptions): QueryExecution {
  const { arePlansOn, responseStore, onParity } = options;
  if (!arePlansOn) return { plugin: {}, plans: null };
  const revalidation = responseStore === null ? null : createRevalidation(responseStore, options.onRevalidation);
  const plans = createPlans<PlannedOperation>({
    ownerOf: options.ownerOf,
    make: (args, compile) => attempt(() => prepare(args, compile)),
    isEachPlanned: options.isEachPlanned === true || onParity !== undefined,
  });
  let volatileNames: ReadonlySet<string> = new Set();
  let count = 0;

  function prepare(query: PlannedQuery, compile: Compile): PlannedOperation | null {
    const plan = planQuery(query, compile);
    if (plan === null) return null;
    const { document } = query;
    const isRevalidatable = revalidation !== null && asksForValues(document) && !hasField(document, volatileNames);
    return { id: ++count, plan, isRevalidatable, worth: new RevalidationWorth() };
  }

  function preparedOf(args: ExecutionArgs): PlannedOperation | null {
    const operation = getOperationAST(args.document, args.operationName);
    if (operation?.operation !== 'query') return null;
    return plans.of(operation, contextOf(args).caller, args);
  }

  /** What serves speed alone is done without where it fails. */
  function attempt<T>(make: () => T): T | null {
    try {
      return make();
    } catch (error) {
      options.onUnexpected?.(error);
      return null;
    }
  }

  function execute(ordinary: Execute, args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
    const prepared = preparedOf(args);
    if (prepared === null) return ordinary(args);
    const context = contextOf(args);
    const reads = readsOf(context);
    reads.record();
    const key = prepared.isRevalidatable ? attempt(() => keyOf(prepared, args, context)) : null;
    const again =
      revalidation === null || key === null ? null : attempt(() => revalidation.again(key, reads, prepared.worth));
    if (again === null) return run(ordinary, args, { prepared, key });
    return again.then(
      (text) => {
        if (text === null) return run(ordinary, args, { prepared, key });
        context.server.release();
        return resultOf(context, text);
      },
      (error: unknown) => {
        options.onUnexpected?.(error);
        return run(ordinary, args, { prepared, key });
      },
    );
  }

  function run(
    ordinary: Execute,
    args: ExecutionArgs,
    { prepared, key }: { readonly prepared: PlannedOperation; readonly key: ResponseKey | null },
  ): ExecutionResult | Promise<ExecutionResult> {
    const context = contextOf(args);
    /** what a resolver threw and did not mean to */
    let thrown: unknown[] | null = null;
    const onError = (error: unknown): void => {
      if (isMeant(error)) return;
      thrown ??= [];
      thrown.push(error);
    };
    const finish = (data: Data | null): ExecutionResult | Promise<ExecutionResult> => {
      if (data === null) {
        context.server.startOver();
        return thrown === null ? ordinary(args) : meetAgain(ordinary(args), thrown);
      }
      if (onParity !== undefined) return parity(ordinary, args, { data });
      if (revalidation === null || key === null || !prepared.worth.isDue) return answered(context, data, null);
      // written once, for this answer and for later ones
      if (!isLarge({ data })) return answered(context, data, { key, text: textOf(data) });
      return textInTurns({ data }).then(
        (text) => answered(context, data, { key, text }),
        () => answered(context, data, null),
      );
    };
    const data = prepared.plan.run(context, args.variableValues, onError);
    return data instanceof Promise ? data.then(finish) : finish(data);
  }

  /** @param written its text, to be remembered under the key; null: it is neither written nor remembered here */
  function answered(
    context: ServerContext & TextTaker,
    data: Data,
    written: { readonly key: ResponseKey; readonly text: string | null } | null,
  ): ExecutionResult {
    const text = written?.text ?? null;
    if (revalidation !== null && written !== null && text !== null) {
      revalidation
        .remember(written.key, readsOf(context), text)
        .catch((error: unknown) => options.onUnexpected?.(error));
    }
    context.server.release();
    return text === null ? { data } : resultOf(context, text, data);
  }

  /** graphql-js, asked next, may not meet again what was thrown: then nobody else would log it. */
  async function meetAgain(
    result: ExecutionResult | Promise<ExecutionResult>,
    thrown: readonly unknown[],
  ): Promise<ExecutionResult> {
    const settled = await result;
    const isMet = settled.errors?.some(({ originalError }) => originalError != null && !isMeant(originalError));
    if (isMet !== true) for (const error of thrown) options.onUnexpected?.(error);
    return settled;
  }

  async function parity(ordinary: Execute, args: ExecutionArgs, planned: ExecutionResult): Promise<ExecutionResult> {
    contextOf(args).server.startOver();
    onParity?.(args, planned, await ordinary(args));
    return planned;
  }

  const plugin: Plugin<Context & OperationCaller> = {
    onSchemaChange({ schema }) {
      volatileNames = volatileFields(schema);
    },
    onExecute({ executeFn, setExecuteFn }) {
      // Envelop leaves open what it gives; for queries it is one result
      const ordinary = executeFn as Execute;
      setExecuteFn((args: ExecutionArgs) => execute(ordinary, args));
    },
  };
  return { plugin, plans };
}

/** A resolver means to give it, for the client to read. */
const isMeant = (error: unknown): boolean => error instanceof ModelArtsError || error instanceof GraphQLError;

/** @returns null: the response may not be stored for later */
function keyOf(
  { id }: PlannedOperation,
  { operationName, variableValues }: ExecutionArgs,
  context: ServerContext & OperationCaller,
): ResponseKey | null {
  // the cost is part of the answer
  if (context.caller.isCostAsked === true) return null;
  const owner = context.server.owner();
  if (owner === null) return null;
  const variables = variableValues === undefined || variableValues === null ? '' : JSON.stringify(variableValues);
  return { session: owner.session, owner: owner.key, text: `${owner.key} ${id} ${operationName ?? ''} ${variables}` };
}

/** @returns null: it has none, which is for whoever writes the answer to say */
function textOf(data: Data): string | null {
  try {
    return JSON.stringify({ data });
  } catch {
    return null;
  }
}

/** The context of an operation whose answer is sent as text: its result may be a `WrittenResult`. */
export type TextTaker = { readonly takesText?: boolean };

// graphql-js knows no type of it; createContext made it, and the transport what is beside it
const contextOf = (args: ExecutionArgs) => args.contextValue as ServerContext & OperationCaller & TextTaker;

/** Those of this lane: `trackReads` of fast/index.ts. */
const readsOf = (context: ServerContext): OperationReads => context.server.reads as OperationReads;

/** A plain object, unless whoever asked for it takes the text. */
function resultOf(context: TextTaker, text: string, data?: Data): ExecutionResult {
  if (context.takesText === true) return new WrittenResult(text);
  return data === undefined ? JSON.parse(text) : { data };
}
