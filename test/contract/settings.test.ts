import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, settings } from '../../src/config.ts';

const rowOf = ({ name, fallback, description }: (typeof settings)[number]): string =>
  `| \`${name}\` | ${fallback === '' ? '*unset*' : fallback} | ${description} |`;

/** What readConfig finds wrong. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The rows of the Markdown table that has a row for the first setting, without padding. */
function settingsTable(markdown: string): string[] {
  const lines = markdown.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
  const first = lines.findIndex((line) => line.startsWith(`| \`${settings[0]?.name}\` |`));
  const rows = lines.slice(Math.max(0, first));
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end);
}

it('docs/settings.md has a table of the settings, with their defaults and what they do', async () => {
  const page = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8').catch(() => '');
  const rows = settings.map(rowOf);
  expect(
    settingsTable(page),
    `docs/settings.md: the rows of the table of settings must be those of src/settings.ts:\n${rows.join('\n')}\n`,
  ).toEqual(rows);
});

describe('readConfig', () => {
  it('takes an empty environment', () => {
    expect(readConfig({})).toMatchObject({ port: 4000, host: '127.0.0.1', graphqlPath: '/graphql', endpoints: null });
  });

  it('reports all problems at once', () => {
    const problems = problemsOf({ PORT: '70000', GRAPHQL_PATH: 'graphql', LOG_LEVEL: 'loud' });
    expect(problems.map((problem) => problem.split(' ', 1)[0])).toEqual(['PORT', 'GRAPHQL_PATH', 'LOG_LEVEL']);
  });

  it.each(['MODELARTS_ENDPOINT', 'IAM_ENDPOINT'])('refuses %s without the other endpoint', (name) => {
    expect(problemsOf({ [name]: 'https://example.test' })).toEqual([
      expect.stringMatching(/MODELARTS_ENDPOINT and IAM_ENDPOINT go together/),
    ]);
  });

  it('takes both endpoints', () => {
    const endpoints = { MODELARTS_ENDPOINT: 'https://modelarts.test', IAM_ENDPOINT: 'https://iam.test' };
    expect(readConfig(endpoints).endpoints).toEqual({ modelarts: 'https://modelarts.test', iam: 'https://iam.test' });
  });

  it('takes an empty setting as unset', () => {
    expect(readConfig(Object.fromEntries(settings.map(({ name }) => [name, ''])))).toEqual(readConfig({}));
  });

  it('switches GraphiQL and introspection on, and off in production', () => {
    expect(readConfig({})).toMatchObject({ isGraphiqlOn: true, isIntrospectionOn: true });
    expect(readConfig({ NODE_ENV: 'production' })).toMatchObject({ isGraphiqlOn: false, isIntrospectionOn: false });
  });

  it('lets production have GraphiQL when it is asked for', () => {
    const asked = { NODE_ENV: 'production', GRAPHIQL: 'on', INTROSPECTION: 'on' };
    expect(readConfig(asked)).toMatchObject({ isGraphiqlOn: true, isIntrospectionOn: true });
  });
});
