import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
  visit,
} from 'graphql';
import { type Data, LeftToGraphqlError } from './run.ts';

/** One argument: a value that is always the same, or that of a variable. */
type Argument = { readonly name: string } & (
  | { readonly value: unknown }
  | { readonly variable: string; readonly defaultValue: unknown; readonly isRequired: boolean }
);

/**
 * The arguments of a field as graphql-js coerces them, with what does not depend on variables found out once.
 * @returns a function that throws where graphql-js has something to say about a value
 */
export function argsOf(definition: GraphQLField<unknown, unknown>, node: FieldNode): (variables: Data) => Data {
  const { args } = definition;
  if (args.length === 0) return () => noArgs;
  const nodes = new Map(node.arguments?.map(({ name, value }) => [name.value, value]));
  const known = args.map((argument) => knownArgument(argument, nodes.get(argument.name)));
  if (known.includes('unknown')) return (variables) => getArgumentValues(definition, node, variables);
  const given = known.filter((argument) => typeof argument === 'object');
  return (variables) => valuesOf(given, variables);
}

const noArgs: Data = Object.freeze({});

/** @returns absent: it is not given and has no default; unknown: for graphql-js to say */
function knownArgument(argument: GraphQLArgument, node: ValueNode | undefined): Argument | 'absent' | 'unknown' {
  const { name, type, defaultValue } = argument;
  if (node === undefined) {
    if (defaultValue !== undefined) return { name, value: defaultValue };
    return isNonNullType(type) ? 'unknown' : 'absent';
  }
  if (node.kind === Kind.VARIABLE) {
    return { name, variable: node.name.value, defaultValue, isRequired: isNonNullType(type) };
  }
  const value = hasVariable(node) ? undefined : valueFromAST(node, type);
  return value === undefined ? 'unknown' : { name, value };
}

function hasVariable(node: ValueNode): boolean {
  let isFound = false;
  visit(node, {
    Variable() {
      isFound = true;
    },
  });
  return isFound;
}

function valuesOf(args: readonly Argument[], variables: Data): Data {
  const values: Data = {};
  for (const argument of args) {
    if ('value' in argument) values[argument.name] = argument.value;
    else if (Object.hasOwn(variables, argument.variable)) {
      const value = variables[argument.variable];
      if (value === null && argument.isRequired) throw new LeftToGraphqlError();
      values[argument.name] = value;
    } else if (argument.defaultValue !== undefined) values[argument.name] = argument.defaultValue;
    else if (argument.isRequired) throw new LeftToGraphqlError();
  }
  return values;
}
