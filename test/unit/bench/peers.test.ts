import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const folders = readdirSync('bench/peers', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const json = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`bench/peers/${path}`, 'utf8')) as Record<string, unknown>;

type Locked = { readonly resolved?: string; readonly engines?: { readonly node?: string } };

describe.each(folders)('the peer %s', (name) => {
  const { packages } = json(`${name}/package-lock.json`) as { packages: Record<string, Locked> };

  test('has a lock file that was made from its package.json', () => {
    const { dependencies, optionalDependencies, engines } = json(`${name}/package.json`);
    expect(packages['']).toMatchObject(
      Object.fromEntries(
        Object.entries({ dependencies, optionalDependencies, engines }).filter(([, value]) => value !== undefined),
      ),
    );
  });

  test('asks for exact versions', () => {
    const { dependencies = {}, optionalDependencies = {} } = json(`${name}/package.json`);
    for (const version of Object.values({ ...(dependencies as object), ...(optionalDependencies as object) }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('is installed from whatever registry npm is set to', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
