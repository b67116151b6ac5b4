import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { printedSchema } from '../../src/schema/print.ts';

it('schema.graphql is the schema the gateway serves', async () => {
  const stored = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8').catch(() => '');
  expect(printedSchema(), 'schema.graphql is out of date; `npm run schema` mends it').toBe(stored);
});
