import { z } from 'zod';

/** Settings as the rest of the gateway sees them; each is documented in the README's table. */
export type Config = {
  readonly port: number;
  readonly host: string;
  readonly graphqlPath: string;
  /** null: no endpoint is configured, so the simulator is started */
  readonly endpoints: { readonly modelarts: string; readonly iam: string } | null;
  /** project used when a request names none */
  readonly projectId: string | null;
  readonly upstreamTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly pollIdleIntervalMs: number;
  readonly catalogTtlMs: number;
  readonly leaseMaxHours: number;
  /** null: each replica polls for itself */
  readonly redis: RedisSettings | null;
  readonly isIntrospectionOn: boolean;
  readonly isGraphiqlOn: boolean;
  readonly areSuggestionsOn: boolean;
  /** what a client may ask for at most; sizes in bytes, times in ms, cost in upstream calls */
  readonly limits: Readonly<Record<LimitName, number>>;
  readonly isMetricsOn: boolean;
  /** ms between SIGTERM, from which on /ready says no, and the end of the first connection */
  readonly shutdownNoticeMs: number;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly corsOrigins: readonly string[];
  readonly simulatorPort: number;
  readonly simulatorSpeed: number;
};

export type RedisSettings = {
  readonly url: string;
  /** null: one is made up and kept in Redis */
  readonly keySecret: string | null;
};

type LimitName =
  | ('bodyBytes' | 'uploadMs' | 'tokens' | 'depth' | 'aliases' | 'rootFields' | 'directives' | 'fields')
  | ('cost' | 'pageSize' | 'errors' | 'operations');

/** One setting: its environment variable, the text of its default, and what it does (the README's table is tested against this). */
export type Setting = { readonly name: string; readonly fallback: string; readonly description: string };

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const url = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'must be a URL that begins with http:// or https://',
  )
  .refine(
    (value) => !URL.canParse(value) || (new URL(value).search === '' && new URL(value).username === ''),
    'must have no query and no user name',
  );

const redisUrl = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^rediss?:$/.test(new URL(value).protocol),
    'must be a URL that begins with redis:// or rediss://',
  );

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

const limit = (fallback: number, max: number, description: string) => ({
  rule: whole(1, max),
  fallback: String(fallback),
  description,
});

const rules = {
  PORT: { rule: whole(0, 65535), fallback: '4000', description: 'Port to listen on; 0 takes a free one.' },
  HOST: {
    rule: z.string().min(1),
    fallback: '127.0.0.1',
    description: 'Address to listen on; the image sets 0.0.0.0.',
  },
  GRAPHQL_PATH: {
    rule: z.string().regex(/^\/[A-Za-z0-9/_-]*[A-Za-z0-9_-]$/, 'must be a path such as /graphql'),
    fallback: '/graphql',
    description: 'Path of GraphQL, GraphiQL and both subscription transports.',
  },
  MODELARTS_ENDPOINT: {
    rule: url.optional(),
    fallback: '',
    description:
      'Base URL of ModelArts, for example https://modelarts.eu-de.otc.t-systems.com. Unset, with IAM_ENDPOINT: the simulator.',
  },
  IAM_ENDPOINT: {
    rule: url.optional(),
    fallback: '',
    description: 'Base URL of IAM, for example https://iam.eu-de.otc.t-systems.com.',
  },
  MODELARTS_PROJECT_ID: {
    rule: z
      .string()
      .regex(/^[0-9A-Za-z_-]{1,64}$/, 'must have 1 to 64 letters, digits, hyphens or underscores')
      .optional(),
    fallback: '',
    description: "Project of requests without an X-Project-Id header. Unset: the token's own.",
  },
  UPSTREAM_TIMEOUT_MS: {
    rule: whole(1, 600_000),
    fallback: '10000',
    description: 'Milliseconds one read may take over all its tries, or one write.',
  },
  POLL_INTERVAL_MS: {
    rule: whole(10, 600_000),
    fallback: '2000',
    description: 'Milliseconds between polls while something watched is in transition.',
  },
  POLL_IDLE_INTERVAL_MS: {
    rule: whole(10, 3_600_000),
    fallback: '30000',
    description: 'Milliseconds between polls while all that is watched is settled.',
  },
  CATALOG_TTL_MS: {
    rule: whole(0, 3_600_000),
    fallback: '60000',
    description: 'Milliseconds images and flavors are kept for the token that read them; 0 keeps nothing.',
  },
  LEASE_MAX_HOURS: {
    rule: whole(1, 72),
    fallback: '24',
    description: 'Longest lease clients may ask for, in hours; Huawei Cloud takes up to 72.',
  },
  REDIS_URL: {
    rule: redisUrl.optional(),
    fallback: '',
    description:
      'Redis through which replicas share watches, for example redis://redis:6379. Unset: each replica polls for itself.',
  },
  REDIS_KEY_SECRET: {
    rule: z.string().min(16, 'must have at least 16 characters').optional(),
    fallback: '',
    description:
      'Secret of all replicas that makes the names of keys in Redis. Unset: one is made up and kept in Redis.',
  },
  INTROSPECTION: {
    rule: onOff.optional(),
    fallback: 'on, off in production',
    description: 'on or off: whether clients may read the schema.',
  },
  GRAPHIQL: {
    rule: onOff.optional(),
    fallback: 'on, off in production',
    description: 'on or off: whether browsers get GraphiQL.',
  },
  SUGGESTIONS: {
    rule: onOff.optional(),
    fallback: 'on, off in production',
    description: 'on or off: whether errors name fields and values the client may have meant.',
  },
  LIMIT_BODY_BYTES: limit(262_144, 16_777_216, 'Bytes of a request body, and of a WebSocket message.'),
  LIMIT_UPLOAD_MS: limit(30_000, 600_000, 'Milliseconds a request may take to arrive.'),
  LIMIT_TOKENS: limit(1500, 100_000, 'Tokens of a document.'),
  LIMIT_DEPTH: limit(15, 100, 'Levels of selections, lists and input objects in an operation.'),
  LIMIT_ALIASES: limit(30, 10_000, 'Aliases in an operation.'),
  LIMIT_ROOT_FIELDS: limit(20, 10_000, 'Root fields of an operation.'),
  LIMIT_DIRECTIVES: limit(50, 10_000, 'Directives in an operation.'),
  LIMIT_FIELDS: limit(500, 100_000, 'Fields in an operation, each time a fragment is used.'),
  LIMIT_COST: limit(250, 1_000_000, 'Calls of ModelArts one operation can cost, or one event of a subscription.'),
  LIMIT_PAGE_SIZE: limit(200, 200, 'Items on a page of a list.'),
  LIMIT_ERRORS: limit(5, 1000, 'Errors in an answer; further ones are left out.'),
  LIMIT_OPERATIONS: limit(100, 100_000, 'Operations at the same time on one WebSocket or event stream.'),
  METRICS: {
    rule: onOff,
    fallback: 'on',
    description: 'on or off: whether /metrics is served, to anybody who can reach the port.',
  },
  SHUTDOWN_NOTICE_MS: {
    rule: whole(0, 3000),
    fallback: '2000',
    description: 'Milliseconds at SIGTERM during which /ready says no and requests are still taken.',
  },
  LOG_LEVEL: {
    rule: z.enum(['silent', 'error', 'warn', 'info', 'debug'], 'must be silent, error, warn, info or debug'),
    fallback: 'info',
    description: 'Least severe log lines written to standard output as JSON.',
  },
  CORS_ORIGINS: {
    rule: z.string().transform((value) =>
      value
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    ),
    fallback: '',
    description: 'Origins of front ends on other hosts, separated by commas; empty: none.',
  },
  SIMULATOR_PORT: {
    rule: whole(0, 65535),
    fallback: '0',
    description: 'Port of the simulator, when it is started; 0 takes a free one.',
  },
  SIMULATOR_SPEED: {
    rule: whole(1, 1_000_000),
    fallback: '1',
    description: "How many times faster than by the book the simulator's state changes pass (create: 20 s).",
  },
} as const;

type Name = keyof typeof rules;

export const settings: readonly Setting[] = (Object.keys(rules) as Name[]).map((name) => ({
  name,
  fallback: rules[name].fallback,
  description: rules[name].description,
}));

const hasTextDefault = (name: Name): boolean => !['INTROSPECTION', 'GRAPHIQL', 'SUGGESTIONS'].includes(name);

/** Everything wrong with the settings, a line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads and checks the settings; empty ones count as unset.
 * @throws ConfigError with every problem at once
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const problems: string[] = [];
  const read = <N extends Name>(name: N): z.output<(typeof rules)[N]['rule']> | undefined => {
    const given = environment[name];
    const text =
      given !== undefined && given !== ''
        ? given
        : hasTextDefault(name) && rules[name].fallback !== ''
          ? rules[name].fallback
          : undefined;
    if (text === undefined && !isRequired(name)) return undefined;
    const result = rules[name].rule.safeParse(text ?? '');
    if (result.success) return result.data as z.output<(typeof rules)[N]['rule']>;
    const quote = hasSecret(name) ? '' : `; it is ${JSON.stringify(given)}`;
    problems.push(...result.error.issues.map((issue) => `${name} ${issue.message}${quote}`));
    return undefined;
  };

  const modelarts = read('MODELARTS_ENDPOINT');
  const iam = read('IAM_ENDPOINT');
  if ((modelarts === undefined) !== (iam === undefined) && problems.length === 0) {
    problems.push(
      'MODELARTS_ENDPOINT and IAM_ENDPOINT go together: set both for a real project, or neither for the simulator',
    );
  }
  const redis = read('REDIS_URL');
  const keySecret = read('REDIS_KEY_SECRET') ?? null;
  const isProduction = environment.NODE_ENV === 'production';
  const config = {
    port: read('PORT') ?? 0,
    host: read('HOST') ?? '',
    graphqlPath: read('GRAPHQL_PATH') ?? '',
    endpoints: modelarts !== undefined && iam !== undefined ? { modelarts, iam } : null,
    projectId: read('MODELARTS_PROJECT_ID') ?? null,
    upstreamTimeoutMs: read('UPSTREAM_TIMEOUT_MS') ?? 0,
    pollIntervalMs: read('POLL_INTERVAL_MS') ?? 0,
    pollIdleIntervalMs: read('POLL_IDLE_INTERVAL_MS') ?? 0,
    catalogTtlMs: read('CATALOG_TTL_MS') ?? 0,
    leaseMaxHours: read('LEASE_MAX_HOURS') ?? 0,
    redis: redis === undefined ? null : { url: redis, keySecret },
    isIntrospectionOn: read('INTROSPECTION') ?? !isProduction,
    isGraphiqlOn: read('GRAPHIQL') ?? !isProduction,
    areSuggestionsOn: read('SUGGESTIONS') ?? !isProduction,
    limits: {
      bodyBytes: read('LIMIT_BODY_BYTES') ?? 0,
      uploadMs: read('LIMIT_UPLOAD_MS') ?? 0,
      tokens: read('LIMIT_TOKENS') ?? 0,
      depth: read('LIMIT_DEPTH') ?? 0,
      aliases: read('LIMIT_ALIASES') ?? 0,
      rootFields: read('LIMIT_ROOT_FIELDS') ?? 0,
      directives: read('LIMIT_DIRECTIVES') ?? 0,
      fields: read('LIMIT_FIELDS') ?? 0,
      cost: read('LIMIT_COST') ?? 0,
      pageSize: read('LIMIT_PAGE_SIZE') ?? 0,
      errors: read('LIMIT_ERRORS') ?? 0,
      operations: read('LIMIT_OPERATIONS') ?? 0,
    },
    isMetricsOn: read('METRICS') ?? true,
    shutdownNoticeMs: read('SHUTDOWN_NOTICE_MS') ?? 0,
    logLevel: read('LOG_LEVEL') ?? 'info',
    corsOrigins: read('CORS_ORIGINS') ?? [],
    simulatorPort: read('SIMULATOR_PORT') ?? 0,
    simulatorSpeed: read('SIMULATOR_SPEED') ?? 1,
  } satisfies Config;
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

/** Settings that are not to be read in logs. */
const hasSecret = (name: Name): boolean => name === 'REDIS_URL' || name === 'REDIS_KEY_SECRET';

/** Settings that always have a value, be it an empty one. */
const isRequired = (name: Name): boolean => name === 'CORS_ORIGINS';
