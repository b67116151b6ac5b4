import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { sharedBed } from '../support/bed.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const mebibyte = 1024 * 1024;
const documents = 400;

// a document may have 32 characters for each token
const bed = sharedBed({ limits: { tokens: 10_000 } });

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** A document of 200 KiB that is like no other. */
const documentOf = (index: number): string => `{ __typename } # ${index} `.padEnd(200 * 1024, '.');

describe('large documents that are all different', () => {
  it.each([
    ['the fast path', 'application/json'],
    ["Yoga's way", 'application/json;q=1'],
  ])('do not pile up on %s', async (_, accept) => {
    const before = heapBytes();
    for (let index = 0; index < documents; index++) {
      const response = await fetch(bed.gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: documentOf(index) }),
      });
      expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
    }
    // all of them are 80 MiB, five are kept
    expect((heapBytes() - before) / mebibyte).toBeLessThan(20);
  });
});
