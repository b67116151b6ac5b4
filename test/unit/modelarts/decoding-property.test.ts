import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDevEnvironmentTransition } from '../../../src/modelarts/dev-environment-changes.ts';
import { decodeDevEnvironment } from '../../../src/modelarts/dev-environments.ts';
import { decodeFlavor } from '../../../src/modelarts/flavors.ts';
import { decodeImageGroup } from '../../../src/modelarts/image-groups.ts';
import { decodeImage } from '../../../src/modelarts/images.ts';
import { decodeLease } from '../../../src/modelarts/leases.ts';
import { decodeNotebook } from '../../../src/modelarts/notebooks.ts';
import { decodeStorageMount } from '../../../src/modelarts/storage-mounts.ts';
import { errorOfAnswer } from '../../../src/modelarts/wire/error-body.ts';
import { ModelArtsError } from '../../../src/modelarts/wire/errors.ts';
import { type Decoder, pageOf } from '../../../src/modelarts/wire/operation.ts';
import { fullObject, type Json, leavesOf, withAt } from '../../support/contract/leaves.ts';

const decoders: [string, Decoder<unknown>][] = [
  ['Notebook', decodeNotebook],
  ['Lease', decodeLease],
  ['Image', decodeImage],
  ['ImageGroup', decodeImageGroup],
  ['Flavor', decodeFlavor],
  ['StorageMount', decodeStorageMount],
  ['DevEnvironment', decodeDevEnvironment],
  ['DevEnvironmentActionResult', decodeDevEnvironmentTransition],
];

const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

/** An object of the contract with any JSON at all in place of any part of it. */
const damaged = (schema: string): fc.Arbitrary<Json> => {
  const whole = fullObject(schema);
  const paths = leavesOf(whole).flatMap(({ path }) => path.map((_, depth) => path.slice(0, depth + 1)));
  return fc.tuple(fc.constantFrom(...paths), anyJson).map(([path, value]) => withAt(whole, path, value));
};

/** Only what JSON can hold and every reader expects: no undefined, and whole numbers without loss. */
function expectReadable(decoded: unknown): void {
  for (const { leaf } of leavesOf(decoded)) {
    if (typeof leaf === 'number') expect(Number.isSafeInteger(leaf)).toBe(true);
    else expect(leaf === null || typeof leaf === 'string' || typeof leaf === 'boolean').toBe(true);
  }
}

describe.each(decoders)('%s', (schema, decode) => {
  it('is read from any JSON at all as a value or null', () => {
    fc.assert(fc.property(anyJson, (wire) => expectReadable(decode(wire, () => {}))));
  });

  it('is read with any JSON at all in any of its places', () => {
    fc.assert(
      fc.property(damaged(schema), (wire) => expectReadable(decode(wire, () => {}))),
      { numRuns: 300 },
    );
  });

  it('never costs a page more than itself', () => {
    const decodePage = pageOf('Item', decode);
    fc.assert(
      fc.property(fc.array(fc.oneof(anyJson, damaged(schema))), (data) => {
        const page = decodePage({ data, total: data.length }, () => {});
        expect(page?.received).toBe(data.length);
        expect(page?.items).toHaveLength(data.filter((wire) => decode(wire, () => {}) !== null).length);
      }),
    );
  });
});

describe('the body of an error', () => {
  it('is read from any JSON at all as an error without the gateway failing', () => {
    const status = fc.integer({ min: 300, max: 599 });
    fc.assert(
      fc.property(status, fc.oneof(anyJson, damaged('KeystoneError')), fc.boolean(), (status, body, isWrite) => {
        const error = errorOfAnswer({ status, body, isWrite }, {});
        expect(error).toBeInstanceOf(ModelArtsError);
        expect(error.message).not.toBe('');
      }),
    );
  });
});
