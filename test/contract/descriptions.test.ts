import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';

type Described = {
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
};

/** Everything in a schema that can have a description, by its coordinate (`Type.field(argument:)`). */
function describables(of: GraphQLSchema): [string, Described][] {
  const types = Object.values(of.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const directives = of.getDirectives().filter((directive) => !isSpecifiedDirective(directive));
  return [
    ...types.flatMap((type): [string, Described][] => [[type.name, type], ...membersOf(type)]),
    ...directives.flatMap((directive): [string, Described][] => [
      [`@${directive.name}`, directive],
      ...directive.args.map((arg): [string, Described] => [`@${directive.name}(${arg.name}:)`, arg]),
    ]),
  ];
}

function membersOf(type: GraphQLNamedType): [string, Described][] {
  if (isEnumType(type)) return type.getValues().map((value) => [`${type.name}.${value.name}`, value]);
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field]);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field): [string, Described][] => [
    [`${type.name}.${field.name}`, field],
    ...field.args.map((arg): [string, Described] => [`${type.name}.${field.name}(${arg.name}:)`, arg]),
  ]);
}

const undescribed = (of: GraphQLSchema): string[] =>
  describables(of)
    .filter(([, { description }]) => (description ?? '').trim() === '')
    .map(([coordinate]) => coordinate);

/** Deprecations that do not say since when (YYYY-MM-DD) or what to use instead (a name in backticks). */
const unclearDeprecations = (of: GraphQLSchema): string[] =>
  describables(of)
    .filter(
      ([, { deprecationReason: reason }]) =>
        typeof reason === 'string' && !(/\b\d{4}-\d{2}-\d{2}\b/.test(reason) && /`\w[^`]*`/.test(reason)),
    )
    .map(([coordinate]) => coordinate);

describe('the rules of descriptions', () => {
  const careless = buildSchema(`
    "Root." type Query {
      "Old." a(b: Int): Kind @deprecated(reason: "Use \`c\`.")
      c: [Kind] @deprecated(reason: "Since 2026-01-31: use \`a\`.")
    }
    enum Kind { X }
    "Asked." input Box { size: Int }
  `);

  it('find what has no description', () => {
    expect(undescribed(careless)).toEqual(['Query.a(b:)', 'Query.c', 'Kind', 'Kind.X', 'Box.size']);
  });

  it('find deprecations without a date', () => {
    expect(unclearDeprecations(careless)).toEqual(['Query.a']);
  });
});

describe('the schema', () => {
  it('describes every type, field, argument, input field and enum value', () => {
    const hint =
      'write `description` where src/schema defines it, with its unit, and `REST: ShowThing.` at the end of a field that asks';
    expect(undescribed(schema), hint).toEqual([]);
  });

  it('says of every deprecation since when, and what to use instead', () => {
    const hint = 'write `deprecationReason` where src/schema defines it: "Since 2026-01-31: use `other`."';
    expect(unclearDeprecations(schema), hint).toEqual([]);
  });
});
