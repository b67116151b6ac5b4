import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { ClientRates } from '../../rates/client-rates.ts';
import type { OperationCaller } from '../context.ts';
import { inOrder } from '../errors/order.ts';
import { withoutSuggestion } from '../suggestions.ts';
import type { CostMemo } from './cost-memo.ts';
import { measureOf, nestingOf } from './document-size.ts';
import { type Excess, type Limits, limitError } from './limits.ts';
import { validationWork } from './validation-work.ts';

export type LimitOptions = {
  readonly limits: Limits;
  /** whether errors name what the client may have meant */
  readonly areSuggestionsOn: boolean;
  readonly clientRates: Pick<ClientRates, 'cost' | 'isAccepted'>;
  readonly costs: CostMemo;
};

type Operation = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'> & {
  readonly contextValue: OperationCaller;
};

type Verdict = { readonly refused: GraphQLError | null; readonly calls: number };

/**
 * Refuses operations that ask for too much, before anything is done for them, and keeps what they are told short. All of it
 * hangs on parse, validate, execute and subscribe, which every transport takes from `getEnveloped`.
 */
export function limitOperations({
  limits,
  areSuggestionsOn,
  clientRates,
  costs,
}: LimitOptions): Plugin<OperationCaller> {
  const excesses = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  const shown = (errors: readonly GraphQLError[]): GraphQLError[] => {
    const first = errors.slice(0, limits.errors);
    return areSuggestionsOn ? first : first.map(withoutSuggestion);
  };
  const shortened = (result: ExecutionResult): ExecutionResult =>
    result.errors === undefined ? result : { ...result, errors: shown(inOrder(result.errors)) };

  return {
    onParse({ context: { caller }, setParseFn }) {
      setParseFn((source, options) => {
        const document = parseWithin(limits.tokens, source, options);
        // here, for what is found while it is validated is remembered for whoever sends it next
        refuseDear(document, caller !== undefined && clientRates.isAccepted(caller.credential));
        return document;
      });
    },
    onValidate({ params: { documentAST }, setResult, setValidationFn }) {
      let errors = excesses.get(documentAST);
      if (errors === undefined) {
        const found = tooLarge(documentAST, limits);
        errors = found.length === 0 ? noExcess : found;
        excesses.set(documentAST, errors);
      }
      if (errors.length > 0) setResult(errors);
      else {
        setValidationFn((schema, document, rules, typeInfo, options) =>
          validate(schema, document, rules, { ...options, maxErrors: limits.errors }, typeInfo),
        );
      }
      return ({ valid, result, setResult: replace }) => {
        if (!valid) replace(shown(result.filter((error) => error instanceof GraphQLError)));
      };
    },
    onExecute({ args, setResultAndStopExecution }) {
      const verdict = judge(args);
      const refused = excessOf(verdict, args.contextValue);
      if (refused !== null) return setResultAndStopExecution({ errors: [refused] });
      return {
        onExecuteDone({ result, setResult }) {
          if (!isAsyncIterable(result)) setResult(withCost(shortened(result), verdict.calls, args.contextValue));
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const verdict = judge(args);
      const refused = excessOf(verdict, args.contextValue);
      if (refused !== null) return setResultAndStopExecution({ errors: [refused] });
      const withItsCost = (result: ExecutionResult) => withCost(shortened(result), verdict.calls, args.contextValue);
      return {
        onSubscribeResult({ result, setResult }) {
          if (!isAsyncIterable(result)) setResult(withItsCost(result));
          return { onNext: ({ result: event, setResult: replace }) => replace(withItsCost(event)) };
        },
      };
    },
  };

  function refuseDear(document: DocumentNode, isAccepted: boolean): void {
    const maximum = isAccepted ? limits.validation : Math.ceil(limits.validation / 4);
    const actual = validationWork(document);
    if (actual <= maximum) return;
    throw exceeded('The document is too dear to validate', 'pairs of fields to compare', {
      limit: 'validation',
      maximum,
      actual,
    });
  }

  /** Why the calls it can cost are too many for its caller now; null: they are not. */
  function excessOf(verdict: Verdict, { caller }: OperationCaller): GraphQLError | null {
    return verdict.refused ?? clientRates.cost(caller.credential, verdict.calls);
  }

  /** What only the variables tell: how deep they are, how large the pages, and what it all costs. */
  function judge(args: Operation): Verdict {
    const { schema, document, operationName, variableValues, contextValue } = args;
    const operation = getOperationAST(document, operationName);
    // execution says that there is no such operation
    if (!operation) return { refused: null, calls: 0 };
    const variables = variableValues ?? {};
    const maximum = limits.depth;
    if (isNestedBeyond(maximum, variables)) {
      return {
        refused: limitError(`The variables are nested too deeply: ${maximum} levels are allowed.`, {
          limit: 'depth',
          maximum,
        }),
        calls: 0,
      };
    }
    const { calls, largestPage } = costs.of({ schema, document, operation, variables }, contextValue.caller);
    if (largestPage > limits.pageSize) {
      const excess = { limit: 'pageSize', maximum: limits.pageSize, actual: largestPage } as const;
      return { refused: exceeded('A page is too large', 'items', excess), calls };
    }
    if (calls <= limits.cost) return { refused: null, calls };
    const message = `The operation can cost ${calls} calls of ModelArts, and may cost ${limits.cost}: ask for smaller pages, or for fewer fields that are read one by one.`;
    return { refused: limitError(message, { limit: 'cost', maximum: limits.cost, actual: calls }), calls };
  }

  function withCost(result: ExecutionResult, calls: number, { caller }: OperationCaller): ExecutionResult {
    if (caller.isCostAsked !== true) return result;
    return { ...result, extensions: { ...result.extensions, cost: { upstreamCalls: calls, maximum: limits.cost } } };
  }
}

/** What comments, long names and block strings may take on an average: they are no tokens of their own, and are read all the same. */
const charactersForToken = 32;

/** graphql-js stops at the token too many, but its error has no code. */
function parseWithin(maxTokens: number, ...[source, options]: Parameters<typeof parse>): DocumentNode {
  const { length } = typeof source === 'string' ? source : source.body;
  if (length > maxTokens * charactersForToken) {
    const message = `The document is too long: it may have ${maxTokens * charactersForToken} characters.`;
    throw limitError(message, { limit: 'tokens', maximum: maxTokens });
  }
  try {
    return parse(source, { ...options, maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError) || !error.message.includes('tokens. Parsing aborted')) throw error;
    throw limitError(`The document is too long: it may have ${maxTokens} tokens.`, {
      limit: 'tokens',
      maximum: maxTokens,
    });
  }
}

const noExcess: readonly GraphQLError[] = [];

const measured = [
  ['depth', 'nested too deeply', 'levels of selections, lists and input objects'],
  ['aliases', 'too large', 'aliases'],
  ['rootFields', 'too large', 'root fields'],
  ['directives', 'too large', 'directives'],
  ['fields', 'too large', 'fields'],
] as const;

function tooLarge(document: DocumentNode, limits: Limits): GraphQLError[] {
  const measure = measureOf(document);
  return measured
    .filter(([limit]) => measure[limit] > limits[limit])
    .map(([limit, what, unit]) =>
      exceeded(`The operation is ${what}`, unit, { limit, maximum: limits[limit], actual: measure[limit] }),
    );
}

const exceeded = (what: string, unit: string, excess: Excess): GraphQLError =>
  limitError(`${what}: it has ${excess.actual ?? 'too many'} ${unit}, and may have ${excess.maximum}.`, excess);

function isNestedBeyond(maximum: number, variables: Readonly<Record<string, unknown>>): boolean {
  for (const name in variables) if (nestingOf(variables[name], maximum) > maximum) return true;
  return false;
}
