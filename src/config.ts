import { type Name, names, ruleOf, type Values } from './settings.ts';

export { settings } from './settings.ts';

/** Settings as the rest of the gateway sees them; each is documented in docs/settings.md. */
export type Config = {
  readonly port: number;
  readonly host: string;
  readonly graphqlPath: string;
  /** null: none is configured; `endpointsToServe` says whether the simulator stands in */
  readonly endpoints: { readonly modelarts: string; readonly iam: string } | null;
  /** project used when a request names none */
  readonly projectId: string | null;
  readonly upstreamTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly pollIdleIntervalMs: number;
  /** ms between heartbeats of an open event stream or WebSocket */
  readonly heartbeatMs: number;
  readonly catalogTtlMs: number;
  /** ms a token counts as good after a call that was accepted with it */
  readonly tokenTrustMs: number;
  /** false: nothing that is made by hand for speed is used, whatever the next three say */
  readonly isFastOn: boolean;
  readonly areQueryPlansOn: boolean;
  /** 0: no response is kept */
  readonly revalidationMaxBytes: number;
  readonly isFastPathOn: boolean;
  readonly leaseMaxHours: number;
  /** null: each replica is for itself */
  readonly redis: RedisSettings | null;
  readonly isIntrospectionOn: boolean;
  readonly isGraphiqlOn: boolean;
  readonly areSuggestionsOn: boolean;
  /** what a client may ask for at most; sizes in bytes, times in ms, cost in upstream calls */
  readonly limits: Readonly<Record<LimitName, number>>;
  /** how much one caller may ask for; 0: any number */
  readonly rates: Readonly<Record<RateName, number>>;
  /** proxies of the operator's own that every request comes by */
  readonly trustedProxies: number;
  readonly isMetricsOn: boolean;
  /** ms between SIGTERM, from which on /ready says no, and the end of the first connection */
  readonly shutdownNoticeMs: number;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** null: nothing is audited. `file` null: standard output */
  readonly audit: { readonly file: string | null } | null;
  readonly corsOrigins: readonly string[];
  /** whether the simulator may be the upstream where no endpoint is configured */
  readonly isSimulatorOn: boolean;
  readonly simulatorPort: number;
  readonly simulatorSpeed: number;
  /** a line for each setting that was given by its former name */
  readonly warnings: readonly string[];
};

export type RedisSettings = {
  readonly url: string;
  /** secrets of all replicas: the first seals what is in Redis, all open it */
  readonly stateKeys: readonly [string, ...string[]];
};

type LimitName =
  | ('bodyBytes' | 'uploadMs' | 'responseBytes' | 'tokens' | 'depth' | 'aliases' | 'rootFields' | 'directives')
  | ('fields' | 'validation' | 'cost' | 'pageSize' | 'errors' | 'operations');

type RateName =
  | ('requests' | 'cost' | 'subscriptions' | 'signIns')
  | ('addressRequests' | 'addressCost' | 'addressSubscriptions' | 'addressConnections' | 'addressSignIns');

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
  const isProduction = environment.NODE_ENV === 'production';
  const { values, problems, warnings } = readValues(environment);
  (isProduction ? problems : warnings).push(...misspelt(environment));
  if (problems.length > 0) throw new ConfigError(problems);
  const { MODELARTS_ENDPOINT: modelarts, IAM_ENDPOINT: iam, REDIS_URL: redisUrl } = values;
  if ((modelarts === undefined) !== (iam === undefined)) {
    throw new ConfigError([
      'MODELARTS_ENDPOINT and IAM_ENDPOINT go together: set both for a real project, or neither for the simulator',
    ]);
  }
  if (values.SIMULATOR === true && modelarts !== undefined) {
    throw new ConfigError(['SIMULATOR is on and MODELARTS_ENDPOINT is set: take one of the two away']);
  }
  const { STATE_KEY: stateKeys } = values;
  if (redisUrl !== undefined && stateKeys === undefined) {
    throw new ConfigError([
      'STATE_KEY is not set, and REDIS_URL is: make a secret with `openssl rand -base64 32`, and give it to all replicas',
    ]);
  }
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    graphqlPath: values.GRAPHQL_PATH,
    endpoints: modelarts !== undefined && iam !== undefined ? { modelarts, iam } : null,
    projectId: values.MODELARTS_PROJECT_ID ?? null,
    upstreamTimeoutMs: values.UPSTREAM_TIMEOUT_MS,
    pollIntervalMs: values.POLL_INTERVAL_MS,
    pollIdleIntervalMs: values.POLL_IDLE_INTERVAL_MS,
    heartbeatMs: values.HEARTBEAT_MS,
    catalogTtlMs: values.CATALOG_TTL_MS,
    tokenTrustMs: values.TOKEN_TRUST_MS,
    isFastOn: values.FAST,
    areQueryPlansOn: values.QUERY_PLANS,
    revalidationMaxBytes: values.REVALIDATION_MAX_BYTES,
    isFastPathOn: values.FAST_PATH,
    leaseMaxHours: values.LEASE_MAX_HOURS,
    redis: redisUrl === undefined || stateKeys === undefined ? null : { url: redisUrl, stateKeys },
    isIntrospectionOn: values.INTROSPECTION ?? !isProduction,
    isGraphiqlOn: values.GRAPHIQL ?? !isProduction,
    areSuggestionsOn: values.SUGGESTIONS ?? !isProduction,
    limits: {
      bodyBytes: values.LIMIT_BODY_BYTES,
      uploadMs: values.LIMIT_UPLOAD_MS,
      responseBytes: values.LIMIT_RESPONSE_BYTES,
      tokens: values.LIMIT_TOKENS,
      depth: values.LIMIT_DEPTH,
      aliases: values.LIMIT_ALIASES,
      rootFields: values.LIMIT_ROOT_FIELDS,
      directives: values.LIMIT_DIRECTIVES,
      fields: values.LIMIT_FIELDS,
      validation: values.LIMIT_VALIDATION,
      cost: values.LIMIT_COST,
      pageSize: values.LIMIT_PAGE_SIZE,
      errors: values.LIMIT_ERRORS,
      operations: values.LIMIT_OPERATIONS,
    },
    rates: {
      requests: values.RATE_REQUESTS,
      cost: values.RATE_COST,
      subscriptions: values.RATE_SUBSCRIPTIONS,
      addressRequests: values.RATE_ADDRESS_REQUESTS,
      addressCost: values.RATE_ADDRESS_COST,
      addressSubscriptions: values.RATE_ADDRESS_SUBSCRIPTIONS,
      addressConnections: values.RATE_ADDRESS_CONNECTIONS,
      signIns: values.RATE_SIGN_INS,
      addressSignIns: values.RATE_ADDRESS_SIGN_INS,
    },
    trustedProxies: values.TRUSTED_PROXIES,
    isMetricsOn: values.METRICS,
    shutdownNoticeMs: values.SHUTDOWN_NOTICE_MS,
    logLevel: values.LOG_LEVEL,
    audit: values.AUDIT ? { file: values.AUDIT_FILE ?? null } : null,
    corsOrigins: values.CORS_ORIGINS,
    isSimulatorOn: values.SIMULATOR ?? !isProduction,
    simulatorPort: values.SIMULATOR_PORT,
    simulatorSpeed: values.SIMULATOR_SPEED,
    warnings,
  } satisfies Config);
}

/**
 * What to serve over; null: the simulator.
 * @throws ConfigError there is nothing, for in production nobody is to take the simulator for ModelArts
 */
export function endpointsToServe({ endpoints, isSimulatorOn }: Config): Config['endpoints'] {
  if (endpoints !== null || isSimulatorOn) return endpoints;
  throw new ConfigError([
    'MODELARTS_ENDPOINT and IAM_ENDPOINT are not set: set both to those of your cloud, or SIMULATOR=on to serve over a simulator',
  ]);
}

/** A line for each variable that is no setting, but nearly the name of one that is not set. */
const misspelt = (environment: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(environment).flatMap((given) => {
    if (!environment[given] || knownNames.has(given)) return [];
    const meant = names.find((name) => !environment[name] && isNearly(given, name));
    return meant === undefined ? [] : [`${given} is no setting, and ${meant} is not set: rename it, or take it away`];
  });

const knownNames: ReadonlySet<string> = new Set(names.flatMap((name) => [name, ruleOf(name).formerName ?? name]));

/** Of short names only those with two letters swapped: others may be meant for somebody else (PORTS, HOSTS). */
function isNearly(given: string, name: Name): boolean {
  const written = given.toUpperCase().replaceAll('-', '_');
  if (name.length < 8) return lettersOf(written) === lettersOf(name) && isWithin(1, written, name);
  return (
    isWithin(name.length < 12 ? 1 : 2, written, name) ||
    (written.length >= 8 && unit.test(name) && written === name.replace(unit, ''))
  );
}

const lettersOf = (name: string): string => [...name].sort().join('');

const unit = /_(?:MS|BYTES|HOURS|ID)$/;

/** Whether so many letters put in, left out, changed or swapped with the next make one text the other. */
function isWithin(edits: number, a: string, b: string): boolean {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const [left, right] = [a.slice(same), b.slice(same)];
  if (left === right) return true;
  if (edits === 0) return false;
  const isSwapped = left.length > 1 && left[0] === right[1] && left[1] === right[0];
  return (
    isWithin(edits - 1, left.slice(1), right) ||
    isWithin(edits - 1, left, right.slice(1)) ||
    isWithin(edits - 1, left.slice(1), right.slice(1)) ||
    (isSwapped && isWithin(edits - 1, left.slice(2), right.slice(2)))
  );
}

function readValues(environment: Readonly<Record<string, string | undefined>>) {
  const problems: string[] = [];
  const warnings: string[] = [];
  /** Under which of its two names a setting is given. */
  const givenName = (name: Name, formerName: string | undefined): string => {
    if (formerName === undefined || !environment[formerName]) return name;
    const isBoth = Boolean(environment[name]);
    if (isBoth && environment[name] !== environment[formerName]) {
      problems.push(`${formerName} is the former name of ${name}, and they differ: set ${name} alone`);
    } else {
      warnings.push(`${formerName} is now called ${name}; the former name works for this release only`);
    }
    return isBoth ? name : formerName;
  };
  const read = (name: Name): unknown => {
    const { rule, fallback, formerName } = ruleOf(name);
    const key = givenName(name, formerName);
    const given = environment[key];
    const result = rule.safeParse(given ? given : (fallback ?? undefined));
    if (result.success) return result.data;
    const quote = hasSecret(name) ? '' : `; it is ${JSON.stringify(given)}`;
    problems.push(...result.error.issues.map((issue) => `${key} ${issue.message}${quote}`));
    return undefined;
  };
  // each is what its own rule gave, which a map cannot say of its entries; with problems it is not looked at
  const values = Object.fromEntries(names.map((name) => [name, read(name)])) as Values;
  return { values, problems, warnings };
}

/** Settings that are not to be read in logs. */
const hasSecret = (name: Name): boolean => name === 'REDIS_URL' || name === 'STATE_KEY';
