import {
  type GraphQLLeafType,
  type GraphQLSchema,
  getVariableValues,
  isLeafType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import type { Data } from './run.ts';

export type Variables = Readonly<Record<string, unknown>> | null | undefined;

type LeafVariable = {
  readonly name: string;
  readonly type: GraphQLLeafType;
  readonly isRequired: boolean;
  /** undefined: it has none */
  readonly defaultValue: unknown;
};

/**
 * The variables of an operation as graphql-js coerces them, with what does not depend on their values found out once.
 * @returns a function that gives undefined where graphql-js has something to say about a value
 */
export function variablesOf(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): (given: Variables) => Data | undefined {
  const variables = definitions.map((definition) => leafVariable(schema, definition));
  if (variables.some((variable) => variable === null)) {
    return (given) => getVariableValues(schema, definitions, given ?? {}, { maxErrors: 1 }).coerced;
  }
  // null was ruled out above
  return (given) => coerced(variables as LeafVariable[], given ?? {});
}

/** @returns null: it is a list or an object, or nothing a variable can be */
function leafVariable(schema: GraphQLSchema, definition: VariableDefinitionNode): LeafVariable | null {
  const name = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type);
  const isRequired = isNonNullType(type);
  const named = isNonNullType(type) ? type.ofType : type;
  // what a plain object cannot hold
  if (type === undefined || name === '__proto__' || !isLeafType(named)) return null;
  return { name, type: named, isRequired, defaultValue: valueFromAST(definition.defaultValue, named) };
}

function coerced(variables: readonly LeafVariable[], given: Data): Data | undefined {
  const values: Data = {};
  for (const { name, type, isRequired, defaultValue } of variables) {
    if (!Object.hasOwn(given, name)) {
      if (defaultValue !== undefined) values[name] = defaultValue;
      else if (isRequired) return undefined;
      continue;
    }
    const value = parsedValue(type, given[name]);
    if (value === undefined || (value === null && isRequired)) return undefined;
    values[name] = value;
  }
  return values;
}

/** @returns undefined: the type has no such value */
function parsedValue(type: GraphQLLeafType, given: unknown): unknown {
  if (given === null || given === undefined) return null;
  try {
    return type.parseValue(given);
  } catch {
    return undefined;
  }
}
