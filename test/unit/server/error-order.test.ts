import fc from 'fast-check';
import { GraphQLError, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../src/server/graphql/errors/order.ts';

describe('the errors of an answer', () => {
  const { definitions } = parse('{ a b c }');
  const [operation] = definitions;
  const nodes = operation?.kind === 'OperationDefinition' ? operation.selectionSet.selections : [];
  const at = (field: number, ...path: (string | number)[]): GraphQLError =>
    new GraphQLError('no', { nodes: nodes[field] ?? null, path });
  const ordered = [
    new GraphQLError('nowhere'),
    at(0, 'a'),
    at(1, 'list', 2, 'b'),
    at(1, 'list', 10, 'b'),
    at(1, 'other', 'b'),
    at(1, 'other', 'b', 0),
    at(2, 'c'),
  ];

  it('stand in the order of the document and of lists, whichever came first', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ordered, { minLength: ordered.length }), (errors) => {
        expect(inOrder(errors)).toEqual(ordered);
      }),
    );
  });
});
