import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { collectFields } from 'graphql/execution/collectFields.js';
import type { Compiler, Fields, Selected } from './compiler.ts';
import { conditionsOf } from './conditions.ts';
import { fieldsOf } from './plan-fields.ts';
import { type Variables, variablesOf } from './plan-variables.ts';
import { type Data, Run } from './run.ts';

/**
 * A query made ready to run: what graphql-js finds out anew for every object is found out once. It answers only what comes
 * out without an error; everything else, and every error, is left to graphql-js.
 */
export type Plan = {
  /**
   * @param onError hears why it was given up, when a resolver failed
   * @returns the answer's `data`; null: this run was given up, ask graphql-js
   */
  run(context: unknown, variables: Variables, onError?: (error: unknown) => void): Data | null | Promise<Data | null>;
};

/** Combinations of variables in `@skip` and `@include` that are made ready; with more of them a query is left to graphql-js. */
const maxSelections = 16;

/** The fields of one such combination; null: they cannot be planned. */
export type Compiled = { readonly fields: Fields | null; readonly fieldCount: number };

/** Makes them, or not now: null. */
export type Compile = (make: () => Compiled) => Compiled | null;

export type PlannedQuery = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
};

/** @returns null: the operation cannot be planned */
export function planQuery(
  { schema, document, operationName }: PlannedQuery,
  compile: Compile = (make) => make(),
): Plan | null {
  const operation = getOperationAST(document, operationName);
  const type = schema.getQueryType();
  if (operation?.operation !== 'query' || !type) return null;
  const { variableDefinitions = [] } = operation;
  const conditions = conditionsOf(document);
  const selections = new Map<string, Fields | null>();
  const coerce = variablesOf(schema, variableDefinitions);
  return {
    run(context, variables, onError) {
      const coerced = coerce(variables);
      if (coerced === undefined) return null;
      const key = conditions.length === 0 ? '' : conditions.map((name) => String(coerced[name])).join();
      let selection = selections.get(key);
      if (selection === undefined) {
        if (selections.size >= maxSelections) return null;
        const compiled = compile(() => attempted({ schema, document, operation, type }, coerced, onError));
        if (compiled === null) return null;
        selection = compiled.fields;
        selections.set(key, selection);
      }
      return selection && runOf(selection, new Run(context, coerced, onError));
    },
  };
}

type Query = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly type: GraphQLObjectType;
};

function runOf(selection: Fields, run: Run): Data | null | Promise<Data | null> {
  try {
    run.data = selection(run, undefined);
  } catch (error) {
    run.giveUp(error);
  }
  return run.end();
}

/** graphql-js says what is wrong with a condition (`@include(if: null)`); anything else makes a query that is not planned. */
function attempted(query: Query, variables: Data, onError?: (error: unknown) => void): Compiled {
  try {
    return selectionOf(query, variables);
  } catch (error) {
    onError?.(error);
    return { fields: null, fieldCount: 0 };
  }
}

/** Without fields where it reads the schema, which is rare and large, hides a field from JavaScript, or is too large. */
function selectionOf({ schema, document, operation, type }: Query, variables: Data): Compiled {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  const selected = collectFields(schema, fragments, variables, type, operation.selectionSet);
  const compiler: Compiler = {
    schema,
    root: type,
    operation,
    fragments,
    variables,
    fieldsOf: (objectType, nodes) => fieldsOf(compiler, objectType, nodes),
    fieldCount: 0,
    isPossible: true,
  };
  // what graphql-js collects has a node at least for each name
  const fields = compiler.fieldsOf(type, selected as Selected);
  return { fields: compiler.isPossible ? fields : null, fieldCount: compiler.fieldCount };
}
