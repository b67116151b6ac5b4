import type { Entry } from '../../modelarts/wire/read.ts';
import { builder } from './builder.ts';

export const MapEntryType = builder.objectRef<Entry>('MapEntry').implement({
  description: 'One entry of a free map of ModelArts, whose keys are not known beforehand.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Key, as ModelArts writes it.' }),
    value: t.exposeString('value', {
      nullable: true,
      description: 'Value as text: numbers and booleans are written out, anything nested is JSON.',
    }),
  }),
});

export const MapEntryInput = builder.inputType('MapEntryInput', {
  description: 'One entry of a free map.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Key; each key once.' }),
    value: t.string({ required: true, description: 'Value.' }),
  }),
});
