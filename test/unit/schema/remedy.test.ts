import { expect, it } from 'vitest';
import { ConflictError } from '../../../src/modelarts/wire/errors.ts';
import { remedyOf } from '../../../src/schema/core/remedy.ts';

const remedyFor = (upstreamCode: string) =>
  remedyOf(new ConflictError('in the way', { operationId: 'stopNotebook', upstreamCode }));

it('A remedy for a code of ModelArts that is named like a property every object has is that of its class', () => {
  const ofClass = remedyFor('ModelArts.1');
  expect(ofClass).toMatch(/^Read the object again/);
  for (const name of Object.getOwnPropertyNames(Object.prototype)) expect(remedyFor(`ModelArts.${name}`)).toBe(ofClass);
});

it('A remedy for a code whose cure is known says the cure', () => {
  expect(remedyFor('ModelArts.6327')).toBe('Start the notebook and wait until it is RUNNING.');
});
