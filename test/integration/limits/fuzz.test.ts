import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../../src/schema/index.ts';
import { describeBed } from '../../support/bed.ts';
import { expectNothingInternal } from '../../support/disclosure.ts';
import { hostileIds } from '../../support/schema/hostile-ids.ts';
import { type Ask, areErrorsComplete, overPost, transportsOf } from '../../support/wire/transports.ts';

/** Time for each property. fast-check prints the seed of what fails. */
const durationMs = 8000;
const bounded = { interruptAfterTimeLimit: durationMs, numRuns: 100_000, markInterruptAsFailure: false };

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(...hostileIds));

/** JSON that fits the type, or is near it. */
function inputOf(type: GraphQLInputType, depth = 0): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, 0, -1, 1e308, 2 ** 31, true));
  return fc.oneof({ weight: 12, arbitrary: right(type, depth) }, { weight: 1, arbitrary: wrong });
}

function right(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return fc.array(inputOf(nullable.ofType, depth + 1), { maxLength: 3 });
  if (isEnumType(nullable)) return fc.constantFrom(...nullable.getValues().map(({ name }) => name));
  if (isInputObjectType(nullable)) {
    if (depth > 4) return fc.constant({});
    const fields = Object.values(nullable.getFields());
    const requiredKeys = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
    return fc.record(Object.fromEntries(fields.map((field) => [field.name, inputOf(field.type, depth + 1)])), {
      requiredKeys,
    });
  }
  if (nullable.name === 'Boolean') return fc.boolean();
  if (nullable.name === 'Int' || nullable.name === 'BigInt')
    return fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer());
  return fc.oneof(text, fc.uuid());
}

const strict: Ask = (bed, payload) => overPost(bed, payload, { accept: 'application/graphql-response+json' });

/** With their names, for the counterexample. */
const transports: readonly (readonly [string, Ask])[] = [...transportsOf, ['POST, its own type', strict]];

type Part = {
  readonly text: string;
  readonly declared: readonly string[];
  readonly variables: Readonly<Record<string, unknown>>;
};

/** A selection of the type, with its arguments as variables. */
function selectionOf(type: GraphQLNamedType, depth: number, prefix: string): fc.Arbitrary<Part> {
  const leaf: fc.Arbitrary<Part> = fc.constant({ text: '__typename', declared: [], variables: {} });
  if (isAbstractType(type)) {
    const possible = schema.getPossibleTypes(type);
    return fc.tuple(fc.constantFrom(...possible), fc.integer({ min: 0, max: 999 })).chain(([one, mark]) =>
      selectionOf(one, depth, `${prefix}${mark}`).map((part) => ({
        ...part,
        text: `... on ${one.name} { ${part.text} }`,
      })),
    );
  }
  if (!isObjectType(type) || depth > 5) return leaf;
  const fields = Object.values(type.getFields());
  return fc
    .uniqueArray(fc.constantFrom(...fields), { minLength: 1, maxLength: 4 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((field, index) => {
          const own = `${prefix}_${index}`;
          const named = getNamedType(field.type);
          const inner =
            isObjectType(named) || isAbstractType(named) ? selectionOf(named, depth + 1, own) : fc.constant(null);
          return fc.tuple(argumentsOf(field.args, own), inner).map(
            ([given, part]): Part => ({
              text: `f${own}: ${field.name}${given.text}${part === null ? '' : ` { ${part.text} }`}`,
              declared: [...given.declared, ...(part?.declared ?? [])],
              variables: { ...given.variables, ...part?.variables },
            }),
          );
        }),
      ),
    )
    .map((parts) => ({
      text: parts.map((part) => part.text).join(' '),
      declared: parts.flatMap((part) => part.declared),
      variables: Object.assign({}, ...parts.map((part) => part.variables)),
    }));
}

function argumentsOf(args: readonly GraphQLArgument[], prefix: string): fc.Arbitrary<Part> {
  const requiredKeys = args.filter(({ type }) => isNonNullType(type)).map(({ name }) => name);
  return fc
    .record(Object.fromEntries(args.map((arg) => [arg.name, inputOf(arg.type)])), { requiredKeys })
    .map((values) => {
      const given = args.filter(({ name }) => Object.hasOwn(values, name));
      const variable = (name: string) => `v${prefix}_${name}`;
      return {
        text: given.length === 0 ? '' : `(${given.map(({ name }) => `${name}: $${variable(name)}`).join(', ')})`,
        declared: given.map(({ name, type }) => `$${variable(name)}: ${type}`),
        variables: Object.fromEntries(given.map(({ name }) => [variable(name), values[name]])),
      };
    });
}

const operation = (kind: 'query' | 'mutation') => {
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  if (!root) throw new Error('no root type');
  return selectionOf(root, 0, '').map(({ text: body, declared, variables }) => ({
    query: `${kind}${declared.length === 0 ? '' : `(${declared.join(', ')})`} { ${body} }`,
    variables,
  }));
};

describeBed('whatever is asked,', { gateway: { logLevel: 'error' }, simulator: { speed: 1000 } }, (bed) => {
  const paths =
    /^\/v1\/a4a5d4098fb4474fa22cd05f897d6b99\/(?:[A-Za-z0-9._-]+\/?){1,5}$|^\/v3\/(?:auth\/tokens|projects)$/;

  /** The answer is one, the gateway did not fail, and upstream only what the contract knows was asked for. */
  async function expectSound(payload: unknown, ask: Ask): Promise<void> {
    const before = bed.exchanges.length;
    const answer = await ask(bed, payload);
    expect('data' in answer || 'errors' in answer).toBe(true);
    const told = JSON.stringify(answer.errors ?? []);
    expect(told).not.toMatch(/INTERNAL_SERVER_ERROR/);
    expect(areErrorsComplete(answer), told).toBe(true);
    expectNothingInternal(
      bed,
      (answer.errors ?? []).map(({ extensions }) => extensions),
    );
    for (const { request, operationId } of bed.exchanges.slice(before)) {
      expect(request.path).toMatch(paths);
      expect(operationId, request.path).not.toBeNull();
    }
  }

  it.each(['query', 'mutation'] as const)('a %s of the schema has a sound answer', async (kind) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(operation(kind), fc.constantFrom(...transports), async (payload, [, ask]) => {
        runs++;
        await expectSound(payload, ask);
      }),
      bounded,
    );
    expect(runs).toBeGreaterThan(0);
  });

  it('any text at all has a sound answer', async () => {
    const words = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '...',
      'on',
      'query',
      'mutation',
      'fragment',
      '$a',
      ':',
      '=',
      '!',
      '@include',
      '"',
      '"""',
      '\\u{110000}',
      '#',
      'notebooks',
      'Notebook',
      'id',
      '__schema',
      '-1',
      '1e999',
      '\ufeff',
      '\u2028',
    );
    const document = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(words, { maxLength: 60 }).map((all) => all.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(document, fc.jsonValue(), fc.constantFrom(...transports), async (query, variables, [, ask]) => {
        await expectSound({ query, variables }, ask);
      }),
      bounded,
    );
  });
});
