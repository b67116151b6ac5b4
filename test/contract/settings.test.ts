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

it('docs/settings.md names each former name of a setting beside the new one', async () => {
  const page = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  const sentences = settings.flatMap(({ name, formerName }) =>
    formerName === null ? [] : [`\`${formerName}\` is now \`${name}\``],
  );
  expect(sentences).not.toEqual([]);
  const missing = sentences.filter((sentence) => !page.includes(sentence));
  expect(missing, 'docs/settings.md: write these').toEqual([]);
});

describe('readConfig', () => {
  it('takes a setting by its former name, with a warning that names the new one', () => {
    const config = readConfig({ SHORT_WAY: 'off', REPLAY_MAX_BYTES: '1000' });
    expect(config).toMatchObject({ isFastPathOn: false, revalidationMaxBytes: 1000 });
    expect(config.warnings).toEqual([
      'REPLAY_MAX_BYTES is now called REVALIDATION_MAX_BYTES; the former name works for this release only',
      'SHORT_WAY is now called FAST_PATH; the former name works for this release only',
    ]);
  });

  it('takes a setting by both names when they agree, and refuses it when they differ', () => {
    expect(readConfig({ SHORT_WAY: 'off', FAST_PATH: 'off' })).toMatchObject({
      isFastPathOn: false,
      warnings: [expect.stringContaining('FAST_PATH')],
    });
    expect(problemsOf({ SHORT_WAY: 'off', FAST_PATH: 'on' })).toEqual([
      'SHORT_WAY is the former name of FAST_PATH, and they differ: set FAST_PATH alone',
    ]);
  });

  it('names a wrong setting as it was given, be it by its former name', () => {
    expect(problemsOf({ SHORT_WAY: 'perhaps' })).toEqual(['SHORT_WAY must be on or off; it is "perhaps"']);
  });

  it('warns of nothing when settings have the names they have now', () => {
    expect(readConfig({ FAST_PATH: 'off', REVALIDATION_MAX_BYTES: '0' }).warnings).toEqual([]);
  });

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
