import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ModelArtsError } from '../../../modelarts/wire/errors.ts';
import type { Context } from '../../../schema/core/context.ts';
import { volatileFields } from '../../../schema/loading/volatile.ts';
import type { OperationCaller, ServerContext } from '../../graphql/context.ts';
import { isLarge, textInTurns } from '../../graphql/result-text.ts';
import type { OperationReads } from '../revalidation/operation-reads.ts';
import type { ResponseStore } from '../revalidation/response-store.ts';
import { createRevalidation, type ResponseKey } from '../revalidation/revalidation.ts';
import { RevalidationWorth } from '../revalidation/revalidation-worth.ts';
import { asksForValues, hasField } from './conditions.ts';
import { type Plan, planQuery } from './plan.ts';
import type { Data } from './run.ts';
import { WrittenResult } from './written-result.ts';

export type QueryExecutionOptions = {
  /** false: graphql-js runs every query */
  readonly arePlansOn: boolean;
  /** null: no response is stored */
  readonly responseStore: ResponseStore | null;
  /** told of each comparison of a stored response with what ModelArts says now */
  readonly onRevalidation?: ((isSame: boolean) => void) | undefined;
  /** hears of what went wrong without a change of the answer: in a plan, or in keeping */
  readonly onUnexpected?: ((error: unknown) => void) | undefined;
  /** for tests: each query that a plan answers is run by graphql-js as well, with the same answers of ModelArts */
  readonly onParity?: ((args: ExecutionArgs, planned: ExecutionResult, ordinary: ExecutionResult) => void) | undefined;
};

type Prepared = {
  readonly id: number;
  readonly plan: Plan;
  /** its response can be stored for whoever it was given to */
  readonly isRevalidatable: boolean;
  readonly worth: RevalidationWorth;
};

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** A document is planned when it comes again: one whose values stand in its text may never do. */
type Sighting = { readonly prepared: Prepared | null } | 'once';

/** Runs queries that come again by a plan made once, and spares the run where nothing it depends on has changed. */
export function executeQueries(options: QueryExecutionOptions): Plugin<Context & OperationCaller> {
  const { arePlansOn, responseStore, onParity } = options;
  if (!arePlansOn) return {};
  const revalidation = responseStore === null ? null : createRevalidation(responseStore, options.onRevalidation);
  const operations = new WeakMap<OperationDefinitionNode, Sighting>();
  let volatileNames: ReadonlySet<string> = new Set();
  let count = 0;

  function prepare(schema: GraphQLSchema, document: DocumentNode, operationName: string | null | undefined): Sighting {
    const plan = planQuery(schema, document, operationName);
    if (plan === null) return { prepared: null };
    const isRevalidatable = revalidation !== null && asksForValues(document) && !hasField(document, volatileNames);
    return { prepared: { id: ++count, plan, isRevalidatable, worth: new RevalidationWorth() } };
  }

  function preparedOf({ schema, document, operationName }: ExecutionArgs): Prepared | null {
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== 'query') return null;
    let sighting = operations.get(operation);
    if (sighting === undefined && onParity === undefined) {
      operations.set(operation, 'once');
      return null;
    }
    if (sighting === undefined || sighting === 'once') {
      sighting = attempt(() => prepare(schema, document, operationName)) ?? { prepared: null };
      operations.set(operation, sighting);
    }
    return sighting === 'once' ? null : sighting.prepared;
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
    { prepared, key }: { readonly prepared: Prepared; readonly key: ResponseKey | null },
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

  return {
    onSchemaChange({ schema }) {
      volatileNames = volatileFields(schema);
    },
    onExecute({ executeFn, setExecuteFn }) {
      // Envelop leaves open what it gives; for queries it is one result
      const ordinary = executeFn as Execute;
      setExecuteFn((args: ExecutionArgs) => execute(ordinary, args));
    },
  };
}

/** A resolver means to give it, for the client to read. */
const isMeant = (error: unknown): boolean => error instanceof ModelArtsError || error instanceof GraphQLError;

/** @returns null: the response may not be stored for later */
function keyOf(
  { id }: Prepared,
  { operationName, variableValues }: ExecutionArgs,
  context: ServerContext & OperationCaller,
): ResponseKey | null {
  // the cost is part of the answer
  if (context.caller.isCostAsked === true) return null;
  const owner = context.server.owner();
  if (owner === null) return null;
  const variables = variableValues === undefined || variableValues === null ? '' : JSON.stringify(variableValues);
  return { session: owner.session, text: `${owner.key} ${id} ${operationName ?? ''} ${variables}` };
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
