import { expect, it } from 'vitest';
import { createDocumentCache } from '../../src/server/graphql/document-cache.ts';

const text = (index: number, length: number): string => `{ a } # ${index} `.padEnd(length, '.');

it('the document cache keeps no more than a thousand small documents, the latest', () => {
  const cache = createDocumentCache<object>();
  for (let index = 0; index < 3000; index++) cache.set(text(index, 20), {});
  expect(cache.size).toBe(1024);
  expect(cache.get(text(2999, 20))).toBeDefined();
});

it('the document cache keeps a megabyte of large documents together', () => {
  const cache = createDocumentCache<object>();
  for (let index = 0; index < 100; index++) cache.set(text(index, 200_000), {});
  expect(cache.size).toBe(5);
  cache.set(text(0, 2_000_000), {});
  expect(cache.get(text(0, 2_000_000))).toBeUndefined();
});
