import { isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { pricedFields } from '../../src/schema/loading/cost.ts';

it('every field with a price is in the schema', () => {
  const unknown = pricedFields().filter((name) => {
    const [typename = '', field = ''] = name.split('.');
    const type = schema.getType(typename);
    return !isObjectType(type) || type.getFields()[field] === undefined;
  });
  expect(pricedFields().length).toBeGreaterThan(0);
  expect(unknown).toEqual([]);
});
