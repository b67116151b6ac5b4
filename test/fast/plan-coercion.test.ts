import fc from 'fast-check';
import {
  buildSchema,
  type FieldNode,
  type GraphQLField,
  type GraphQLScalarType,
  getArgumentValues,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  ValuesOfCorrectTypeRule,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { argsOf } from '../../src/server/fast/execution/plan-args.ts';
import { variablesOf } from '../../src/server/fast/execution/plan-variables.ts';

const schema = buildSchema(`
  scalar Even
  enum Color { RED GREEN }
  input Point { x: Int! y: Int = 2 }
  type Query {
    a(s: String, i: Int! = 7, n: Int!, b: Boolean = true, c: Color = RED, e: Even, l: [Int!], p: Point): String
  }
`);
/** Changes what it reads, and refuses some of it. */
const even = schema.getType('Even') as GraphQLScalarType;
even.parseValue = (value) => {
  if (typeof value !== 'number' || value % 2 !== 0) throw new Error('odd');
  return { even: value };
};
// an enum whose values inside are others than outside
const color = schema.getType('Color') as unknown as { getValue(name: string): { value: unknown } };
color.getValue('GREEN').value = 'green inside';

const types = ['String', 'Int', 'Int!', 'Boolean!', 'Color', 'Color!', 'Even', 'Even!', '[Int!]', 'Point', 'Point!'];
const defaults = ['', ' = null', ' = 4', ' = "text"', ' = RED', ' = true', ' = [1, 2]', ' = {x: 1}'];
const given = fc.oneof(
  fc.constantFrom<unknown>(null, 1, 2, 1.5, 'text', 'RED', 'GREEN', 'BLUE', true, [], [1], [null], { x: 1 }, { y: 1 }),
);

const operationOf = (text: string): OperationDefinitionNode => parse(text).definitions[0] as OperationDefinitionNode;

/** What comes out; that it throws is one of the outcomes. */
function outcomeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch {
    return 'for graphql-js to say';
  }
}

describe('variables of a plan are coerced as by graphql-js', () => {
  it('whatever their types, defaults and values', () => {
    const definition = fc.record({ type: fc.constantFrom(...types), otherwise: fc.constantFrom(...defaults) });
    const variable = fc.record({ definition, value: fc.option(given, { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(variable, { minLength: 1, maxLength: 3 }), (variables) => {
        const definitions = variables.map(
          ({ definition: { type, otherwise } }, index) => `$v${index}: ${type}${otherwise}`,
        );
        const text = `query (${definitions.join(', ')}) { a }`;
        // others never get as far
        fc.pre(validate(schema, parse(text), [ValuesOfCorrectTypeRule]).length === 0);
        const { variableDefinitions = [] } = operationOf(text);
        const values: Record<string, unknown> = { other: 1 };
        for (const [index, { value }] of variables.entries()) if (value !== undefined) values[`v${index}`] = value;
        const theirs = getVariableValues(schema, variableDefinitions, values).coerced;
        expect(variablesOf(schema, variableDefinitions)(values)).toEqual(theirs);
      }),
      { numRuns: 3000 },
    );
  });

  it('with a name that means something to JavaScript', () => {
    const { variableDefinitions = [] } = operationOf('query ($__proto__: Int) { a }');
    const values = JSON.parse('{"__proto__": 1}') as Record<string, unknown>;
    const theirs = getVariableValues(schema, variableDefinitions, values).coerced;
    expect(JSON.stringify(variablesOf(schema, variableDefinitions)(values))).toBe(JSON.stringify(theirs));
  });

  it('where there are none', () => {
    for (const nothing of [undefined, null, {}]) expect(variablesOf(schema, [])(nothing)).toEqual({});
  });
});

describe('arguments of a plan are coerced as by graphql-js', () => {
  const literals = {
    s: ['"text"', 'null', '$v', '1'],
    i: ['1', 'null', '$v', '"text"'],
    n: ['1', 'null', '$v', '1.5'],
    b: ['false', 'null', '$v'],
    c: ['GREEN', 'null', '$v', 'BLUE', '"RED"'],
    e: ['2', 'null', '$v'],
    l: ['[1, 2]', '[]', '[$v]', '1', 'null', '$v', '[null]'],
    p: ['{x: 1}', '{x: $v}', '{x: 1, y: $v}', '{y: 1}', 'null', '$v'],
  };
  const definition = schema.getQueryType()?.getFields().a as GraphQLField<unknown, unknown>;

  it('whatever is written for them, and whatever the variables are', () => {
    const chosen = fc.record(
      Object.fromEntries(Object.entries(literals).map(([name, texts]) => [name, fc.constantFrom(...texts)])),
      { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, string>>;
    fc.assert(
      fc.property(chosen, fc.option(given, { nil: undefined }), (texts, value) => {
        const written = Object.entries(texts).map(([name, text]) => `${name}: ${text}`);
        const operation = operationOf(`query ($v: Int) { a${written.length > 0 ? `(${written.join(', ')})` : ''} }`);
        const node = operation.selectionSet.selections[0] as FieldNode;
        const variables = value === undefined ? {} : { v: value };
        const theirs = outcomeOf(() => getArgumentValues(definition, node, variables));
        const ours = outcomeOf(() => argsOf(definition, node)(variables));
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 5000 },
    );
  });
});
