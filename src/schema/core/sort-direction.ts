import { requestEnum } from './enums.ts';

export const SortDirectionEnum = requestEnum('SortDirection', {
  description: 'Direction of sorting.',
  values: {
    ASC: 'Smallest, oldest or first in the alphabet first.',
    DESC: 'Largest, newest or last in the alphabet first.',
  },
});
