import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { isLarge, textInTurns, writableInTurns } from '../../../src/server/graphql/result-text.ts';

const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `nb-${index}`, tags: [{ key: 'é' }] }));

describe('a large result', () => {
  it.each([
    [{ notebook: { name: 'n' } }, false],
    [{ notebooks: { nodes: rows(50), totalCount: 50 } }, false],
    [{ notebooks: { nodes: rows(100) } }, true],
    [{ a: { nodes: rows(50) }, b: { edges: rows(50) } }, true],
    [{ nodes: rows(100) }, true],
    [{ a: null, b: 1 }, false],
  ])('is judged by the rows of its lists', (data, expected) => {
    expect(isLarge({ data })).toBe(expected);
  });

  it('has the text JSON.stringify makes of it, whatever is in it', async () => {
    const values = fc.jsonValue({ maxDepth: 5 });
    const results = fc.record({
      data: fc.dictionary(
        fc.string(),
        fc.oneof(values, fc.dictionary(fc.string(), fc.array(values)), fc.array(values)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(results, async (result) => {
        expect(await textInTurns(result)).toBe(JSON.stringify(result));
      }),
    );
    const result = { data: { a: { nodes: rows(333), edges: [], totalCount: null, none: undefined }, b: rows(26) } };
    expect(await textInTurns(result)).toBe(JSON.stringify(result));
    expect(await textInTurns({ data: null })).toBe('{"data":null}');
  });

  it('with errors has the text Yoga would make of it', async () => {
    const result = { errors: [new GraphQLError('no')], data: { a: { nodes: rows(120) } }, extensions: { cost: 1 } };
    const writable = await writableInTurns(result);
    expect(writable.stringify(result)).toBe(JSON.stringify(result));
    const { extensions: _, ...rest } = result;
    expect(writable.stringify(rest)).toBe(JSON.stringify(rest));
  });

  it('is written by and by, so that all else gets its turn', async () => {
    let rounds = 0;
    let isWritten = false;
    const round = (): void => {
      rounds += 1;
      if (!isWritten) setImmediate(round);
    };
    setImmediate(round);
    await textInTurns({ data: { a: { nodes: rows(1000) } } });
    isWritten = true;
    expect(rounds).toBeGreaterThan(30);
  });
});
