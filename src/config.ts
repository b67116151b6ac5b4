import type { z } from 'zod';
import { type Name, rules } from './settings.ts';

export { settings } from './settings.ts';

/** Settings as the rest of the gateway sees them; each is documented in docs/settings.md. */
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
  /** ms between heartbeats of an open event stream or WebSocket */
  readonly heartbeatMs: number;
  readonly catalogTtlMs: number;
  /** false: nothing that is made by hand for speed is used, whatever the next three say */
  readonly isFastOn: boolean;
  readonly areQueryPlansOn: boolean;
  /** 0: no answer is kept */
  readonly replayMaxBytes: number;
  readonly isShortWayOn: boolean;
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
    heartbeatMs: read('HEARTBEAT_MS') ?? 0,
    catalogTtlMs: read('CATALOG_TTL_MS') ?? 0,
    isFastOn: read('FAST') ?? true,
    areQueryPlansOn: read('QUERY_PLANS') ?? true,
    replayMaxBytes: read('REPLAY_MAX_BYTES') ?? 0,
    isShortWayOn: read('SHORT_WAY') ?? true,
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
