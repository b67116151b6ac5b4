import { type GraphQLInputType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';

/** A number that is written with a decimal point in JSON: `1.0` is an Int there, and none in a document. */
export type Pointed = { readonly pointed: number };

/** What an argument or a variable is given; undefined where it is not given at all. */
export type Given =
  | null
  | boolean
  | number
  | string
  | Pointed
  | { readonly inner: InnerVariable }
  | readonly Given[]
  | { readonly [name: string]: Given };

/** A variable in the place of an item or of a field of an input object. */
export type InnerVariable = { readonly name: string; readonly given: Given | undefined };

const isPointed = (value: object): value is Pointed => 'pointed' in value;

export const isInner = (value: Given): value is { readonly inner: InnerVariable } =>
  typeof value === 'object' && value !== null && 'inner' in value;

/** As JSON, key by key in their order; inner variables must be settled. */
export function jsonOf(value: Given): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Given[]).map(jsonOf).join(',')}]`;
  if (isPointed(value)) return `${value.pointed}.0`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${jsonOf(member as Given)}`);
  return `{${members.join(',')}}`;
}

/**
 * As a literal of the type.
 * @param variable declares an inner variable of the type that is wanted at its place, and gives its name
 */
export function literalOf(
  value: Given,
  type: GraphQLInputType,
  variable: (inner: InnerVariable, type: GraphQLInputType) => string,
): string {
  if (value === null) return 'null';
  if (isInner(value)) return `$${variable(value.inner, type)}`;
  if (isNonNullType(type)) return literalOf(value, type.ofType, variable);
  if (Array.isArray(value)) {
    const itemType = isListType(type) ? type.ofType : type;
    return `[${(value as readonly Given[]).map((item) => literalOf(item, itemType, variable)).join(', ')}]`;
  }
  // one that stands for a list of itself
  if (isListType(type)) return literalOf(value, type.ofType, variable);
  if (typeof value === 'object') {
    if (isPointed(value)) return String(value.pointed);
    const fields = isInputObjectType(type) ? type.getFields() : {};
    const members = Object.entries(value).flatMap(([name, member]) => {
      const field = fields[name];
      return field === undefined ? [] : [`${name}: ${literalOf(member as Given, field.type, variable)}`];
    });
    return `{${members.join(', ')}}`;
  }
  return isEnumType(type) && typeof value === 'string' ? value : JSON.stringify(value);
}

/** With the values of its inner variables; what has none is left out. */
export function settled(value: Given): Given {
  if (typeof value !== 'object' || value === null || isPointed(value)) return value;
  if (isInner(value)) return settled(value.inner.given ?? null);
  if (Array.isArray(value)) return (value as readonly Given[]).filter(isSettled).map(settled);
  const entries = Object.entries(value as Readonly<Record<string, Given>>).filter(([, member]) => isSettled(member));
  return Object.fromEntries(entries.map(([name, member]) => [name, settled(member)]));
}

const isSettled = (value: Given): boolean => !isInner(value) || value.inner.given !== undefined;
