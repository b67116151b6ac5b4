import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, endpointsToServe, readConfig, settings } from '../../src/config.ts';
import { readRedisUrl } from '../../src/state/redis-client.ts';

const rowOf = ({ name, fallback, description }: (typeof settings)[number]): string =>
  `| \`${name}\` | ${fallback === '' ? '*unset*' : fallback} | ${description} |`;

/** What readConfig finds wrong, or who serves with what it reads. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    endpointsToServe(readConfig(environment));
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

  it('refuses REDIS_URL without STATE_KEY, and says how to make one', () => {
    expect(problemsOf({ REDIS_URL: 'redis://redis:6379' })).toEqual([
      expect.stringMatching(/^STATE_KEY is not set, .*`openssl rand -base64 32`/),
    ]);
  });

  it('takes several keys, the first of which seals, and one by its former name', () => {
    const [next, former] = ['the next key of all', 'the former key of all'];
    const keysOf = (given: Record<string, string>) =>
      readConfig({ REDIS_URL: 'redis://redis:6379', ...given }).redis?.stateKeys;
    expect(keysOf({ STATE_KEY: `${next}, ${former}` })).toEqual([next, former]);
    expect(keysOf({ REDIS_KEY_SECRET: former })).toEqual([former]);
  });

  it('refuses a short key, and shows none', () => {
    for (const STATE_KEY of ['short', 'a key that is long enough,short']) {
      expect(problemsOf({ STATE_KEY })).toEqual([
        'STATE_KEY must have at least 16 characters, and so must each of several, with commas between them',
      ]);
    }
  });

  it.each([
    ['redis://redis:6379', true],
    ['rediss://user:password@redis/2', true],
    ['redis+cluster://a:1,b,[::1]:3', true],
    ['rediss+cluster://user:password@a:1', true],
    ['redis+sentinel://a:1,b:2/main', true],
    ['redis+sentinel://a:1,b:2', false],
    ['redis+cluster://', false],
    ['redis://', false],
    ['redis:6379', false],
    ['http://redis:6379', false],
  ])('REDIS_URL=%s is a form that is known: %s', (REDIS_URL, isKnown) => {
    const problems = problemsOf({ REDIS_URL, STATE_KEY: 'a key of all replicas' });
    expect(problems).toEqual(isKnown ? [] : [expect.stringMatching(/^REDIS_URL must be a URL/)]);
    expect(readRedisUrl(REDIS_URL) !== null).toBe(isKnown);
  });

  it('takes both endpoints', () => {
    expect(readConfig(endpoints).endpoints).toEqual({ modelarts: 'https://modelarts.test', iam: 'https://iam.test' });
  });

  it.each([
    ['https://console.example', ['https://console.example']],
    ['https://console.example:8443, http://localhost:5173', ['https://console.example:8443', 'http://localhost:5173']],
    ['http://[::1]:3000,', ['http://[::1]:3000']],
    ['*', ['*']],
    ['', []],
  ])('takes CORS_ORIGINS=%s', (given, origins) => {
    expect(readConfig({ CORS_ORIGINS: given }).corsOrigins).toEqual(origins);
  });

  it.each([
    ['https://console.example/', 'write https://console.example;'],
    ['https://console.example/app', 'write https://console.example;'],
    ['https://Console.example', 'write https://console.example;'],
    ['HTTPS://console.example', 'write https://console.example;'],
    ['https://console.example:443', 'write https://console.example;'],
    ['https://user@console.example', 'write https://console.example;'],
    ['https://münchen.example', 'write https://xn--mnchen-3ya.example;'],
    ['https://*.example', 'is no origin'],
    ['console.example', 'is no origin'],
    ['console.example:8443', 'is no origin'],
    ['//console.example', 'is no origin'],
    ['null', 'never allowed'],
    ['https://console.example https://other.example', 'is no origin'],
    ['*,https://console.example', '* stands alone'],
    ['https://console.example, null', 'never allowed'],
  ])('refuses CORS_ORIGINS=%s, and says what to write', (given, advice) => {
    expect(problemsOf({ CORS_ORIGINS: given })).toEqual([expect.stringMatching(/^CORS_ORIGINS /)]);
    expect(problemsOf({ CORS_ORIGINS: given })[0]).toContain(advice);
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

const production = { NODE_ENV: 'production' };
const endpoints = { MODELARTS_ENDPOINT: 'https://modelarts.test', IAM_ENDPOINT: 'https://iam.test' };

describe('what is served in production', () => {
  it('is nothing without endpoints, and what to set is said', () => {
    expect(problemsOf(production)).toEqual([
      expect.stringMatching(/^MODELARTS_ENDPOINT and IAM_ENDPOINT are not set: .*SIMULATOR=on/),
    ]);
  });

  it('is the simulator when it is asked for by name', () => {
    expect(endpointsToServe(readConfig({ ...production, SIMULATOR: 'on' }))).toBeNull();
  });

  it('is the endpoints that are set', () => {
    expect(endpointsToServe(readConfig({ ...production, ...endpoints }))).toEqual({
      modelarts: 'https://modelarts.test',
      iam: 'https://iam.test',
    });
  });

  it('is the same elsewhere, save that the simulator stands in for endpoints unless it is switched off', () => {
    expect(endpointsToServe(readConfig({}))).toBeNull();
    expect(problemsOf({ SIMULATOR: 'off' })).toEqual([expect.stringMatching(/^MODELARTS_ENDPOINT and IAM_ENDPOINT/)]);
  });

  it('is not both at once', () => {
    expect(problemsOf({ ...endpoints, SIMULATOR: 'on' })).toEqual([expect.stringMatching(/^SIMULATOR is on/)]);
  });
});

describe('a variable that is nearly the name of a setting', () => {
  it.each([
    ['MODELARTS_ENDPONT', 'MODELARTS_ENDPOINT'],
    ['MODELARTS_ENDPIONT', 'MODELARTS_ENDPOINT'],
    ['MODELARTS_ENDPOINTS', 'MODELARTS_ENDPOINT'],
    ['MODEL_ARTS_ENDPOINT', 'MODELARTS_ENDPOINT'],
    ['modelarts_endpoint', 'MODELARTS_ENDPOINT'],
    ['IAM_ENPOINT', 'IAM_ENDPOINT'],
    ['MODELARTS_PROJECT', 'MODELARTS_PROJECT_ID'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['REDIS_URI', 'REDIS_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT_MS'],
    ['LIMIT_BODY', 'LIMIT_BODY_BYTES'],
    ['PROT', 'PORT'],
    ['HSOT', 'HOST'],
  ])('%s is named in production, and nothing is served', (given, meant) => {
    const problems = problemsOf({ ...production, ...endpoints, [meant]: '', [given]: 'x' });
    expect(problems).toContain(`${given} is no setting, and ${meant} is not set: rename it, or take it away`);
  });

  it('is warned of elsewhere', () => {
    expect(readConfig({ MODELARTS_ENDPONT: 'https://modelarts.test' }).warnings).toEqual([
      'MODELARTS_ENDPONT is no setting, and MODELARTS_ENDPOINT is not set: rename it, or take it away',
    ]);
  });

  it("is somebody else's where that setting is set", () => {
    const redis = { REDIS_URL: 'redis://redis:6379', STATE_KEY: 'a key of all replicas' };
    expect(problemsOf({ ...production, ...endpoints, ...redis, REDIS_URI: 'x' })).toEqual([]);
  });

  it('is none of those that images, clusters and shells set', () => {
    const others = [
      'PATH',
      'HOME',
      'HOSTNAME',
      'PWD',
      'TERM',
      'LANG',
      'SHLVL',
      'USER',
      'POST',
      'PORTS',
      'HOSTS',
      'PORT0',
      'PAST',
      'NODE_VERSION',
      'YARN_VERSION',
      'NODE_OPTIONS',
      'NODE_EXTRA_CA_CERTS',
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'NO_PROXY',
      'KUBERNETES_PORT',
      'KUBERNETES_SERVICE_HOST',
      'KUBERNETES_SERVICE_PORT',
      'REDIS_PORT',
      'REDIS_HOST',
      'REDIS_SERVICE_HOST',
      'METRICS_PORT',
      'GATEWAY_PORT',
      'OTEL_LOG_LEVEL',
      'OTEL_SERVICE_NAME',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'POD_NAME',
      'TZ',
      'npm_config_cache',
      'npm_package_name',
      'INIT_CWD',
      '_',
      'DEBUG',
      'UV_THREADPOOL_SIZE',
      'SSL_CERT_FILE',
      'GRAPHITE',
      'LIMITS',
    ];
    expect(
      problemsOf({ ...production, ...endpoints, ...Object.fromEntries(others.map((name) => [name, 'x'])) }),
    ).toEqual([]);
  });

  it('is none of the settings, nor of their former names', () => {
    for (const { name, formerName } of settings) {
      for (const given of [name, formerName ?? name]) {
        expect(problemsOf({ ...production, ...endpoints, [given]: 'x' }).join()).not.toContain('is no setting');
      }
    }
  });
});
