import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root } from '../support/sources/documents.ts';

/** What `npm run docs` would write. */
async function generated(): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const [command = ''] = String(scripts.docs).split(' > ', 1);
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const options = { cwd: root, env: { ...process.env, PATH: path }, maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], options);
  return stdout;
}

it('docs/schema/README.md is made from schema.graphql as it is', async () => {
  const stored = await readFile(join(root, 'docs/schema/README.md'), 'utf8').catch(() => '');
  expect(stored === (await generated()), 'docs/schema/README.md is out of date: `npm run docs` writes it').toBe(true);
});
