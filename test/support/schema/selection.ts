import { type GraphQLObjectType, getNamedType, isObjectType, isRequiredArgument } from 'graphql';

/**
 * A selection of every field of a type and of the objects below it, for answers that must be whole.
 * Fields with required arguments are left out, and so is what leads back to a type on the way.
 */
export function everyFieldOf(type: GraphQLObjectType, above: readonly GraphQLObjectType[] = []): string {
  const selections = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const named = getNamedType(field.type);
    if (!isObjectType(named)) return [field.name];
    return named === type || above.includes(named) ? [] : [`${field.name} ${everyFieldOf(named, [...above, type])}`];
  });
  return `{ ${selections.join(' ')} }`;
}
