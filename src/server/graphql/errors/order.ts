import type { GraphQLError } from 'graphql';

/**
 * Errors in the order of their fields in the document, those of one field in the order of its objects: what fails first is
 * noted first, and that is another each time.
 */
export const inOrder = (errors: readonly GraphQLError[]): readonly GraphQLError[] =>
  errors.length < 2 ? errors : errors.toSorted((one, other) => byPlace(one, other) || byPath(one, other));

function byPlace({ locations: [one] = [] }: Located, { locations: [other] = [] }: Located): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
  return one.line - other.line || one.column - other.column;
}

type Located = Pick<GraphQLError, 'locations'>;

/** Paths to one field differ where lists have their items, and where it is reached in several ways. */
function byPath({ path: one = [] }: GraphQLError, { path: other = [] }: GraphQLError): number {
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const [key, otherKey] = [one[index] ?? 0, other[index] ?? 0];
    if (key === otherKey) continue;
    if (typeof key === 'number' && typeof otherKey === 'number') return key - otherKey;
    return String(key) < String(otherKey) ? -1 : 1;
  }
  return one.length - other.length;
}
