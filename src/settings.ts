import { z } from 'zod';

/** One setting: its environment variable, the text of its default, and what it does (the table of docs/settings.md is tested against this). */
export type Setting = {
  readonly name: string;
  readonly fallback: string;
  readonly description: string;
  /** what it was called before; works for one release, with a warning at the start */
  readonly formerName: string | null;
};

/** A setting as it is written down here. */
type Rule = {
  readonly rule: z.ZodType;
  /** the value taken when it is unset; null: it has none, and `rule` takes that */
  readonly fallback: string | null;
  /** what documents say in place of `fallback` */
  readonly shownFallback?: string;
  readonly description: string;
  readonly formerName?: string;
};

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

/** Several hosts: nodes of a cluster, or sentinels and the name of what they watch. */
const redisHosts = /^rediss?\+(?:cluster:\/\/(?:[^@/\s]*@)?[^@/\s]+|sentinel:\/\/(?:[^@/\s]*@)?[^@/\s]+\/[^/\s]+)$/;

const redisUrl = z
  .string()
  .refine(
    (value) => redisHosts.test(value) || (URL.canParse(value) && /^rediss?:\/\/[^/?#]/.test(value)),
    'must be a URL that begins with redis:// or rediss://, or redis+cluster://host:port,host:port or redis+sentinel://host:port,host:port/name',
  );

/** The first seals, all open. */
const stateKeys = z
  .string()
  .refine(
    (value) => value.split(',').every((key) => key.trim().length >= 16),
    'must have at least 16 characters, and so must each of several, with commas between them',
  )
  .transform((value): readonly [string, ...string[]] => {
    const [first = '', ...others] = value.split(',').map((key) => key.trim());
    return [first, ...others];
  });

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

/** Why no page can be known by this origin; null: one can. Browsers compare texts, so what is nearly right never matches. */
function originProblem(origin: string): string | null {
  if (origin === '*') return null;
  if (origin === 'null') return 'has null, which is the origin of any sandboxed page: it is never allowed';
  const isWeb = URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol);
  if (!isWeb || origin.includes('*')) {
    return `has ${JSON.stringify(origin)}, which is no origin: name each as https://console.example, with its port if it has one`;
  }
  const sent = new URL(origin).origin;
  return sent === origin ? null : `has ${JSON.stringify(origin)}, which no browser sends: write ${sent}`;
}

const limit = (fallback: number, max: number, description: string) => ({
  rule: whole(1, max),
  fallback: String(fallback),
  description,
});

const rate = (fallback: number, description: string) => ({
  rule: whole(0, 1_000_000_000),
  fallback: String(fallback),
  description: `${description}; 0: any number.`,
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
    fallback: null,
    description:
      'Base URL of ModelArts, for example https://modelarts.eu-de.otc.t-systems.com. Unset, with IAM_ENDPOINT: the simulator, and in production no start.',
  },
  IAM_ENDPOINT: {
    rule: url.optional(),
    fallback: null,
    description: 'Base URL of IAM, for example https://iam.eu-de.otc.t-systems.com.',
  },
  MODELARTS_PROJECT_ID: {
    rule: z
      .string()
      .regex(/^[0-9A-Za-z_-]{1,64}$/, 'must have 1 to 64 letters, digits, hyphens or underscores')
      .optional(),
    fallback: null,
    description: "Project of requests without an X-Project-Id header. Unset: the token's own.",
  },
  UPSTREAM_TIMEOUT_MS: {
    rule: whole(1, 600_000),
    fallback: '10000',
    description: 'Milliseconds one read may take over all its attempts, or one write.',
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
  HEARTBEAT_MS: {
    rule: whole(100, 600_000),
    fallback: '12000',
    description:
      'Milliseconds between the heartbeats of an open event stream or WebSocket; a WebSocket that leaves one unanswered is cut off at the next. `/graphql/stream` has its own, 12 s.',
  },
  CATALOG_TTL_MS: {
    rule: whole(0, 3_600_000),
    fallback: '60000',
    description: 'Milliseconds images and flavors are kept for the token that read them; 0 keeps nothing.',
  },
  TOKEN_TRUST_MS: {
    rule: whole(0, 3_600_000),
    fallback: '30000',
    description:
      'Milliseconds after a call that was accepted with a token in which what is kept for it (images, flavors, what IAM said of it) is given without another call; 0 gives nothing without one.',
  },
  FAST: {
    rule: onOff,
    fallback: 'on',
    description:
      'on or off: whether what is made by hand for speed is used. Off leaves Yoga, graphql-js, Envelop, Node streams, prom-client and pino, and the same answers.',
  },
  QUERY_PLANS: {
    rule: onOff,
    fallback: 'on',
    description: 'on or off: whether queries that come again are run by a plan made once, not by graphql-js.',
  },
  REVALIDATION_MAX_BYTES: {
    rule: whole(0, 4_294_967_296),
    fallback: '33554432',
    formerName: 'REPLAY_MAX_BYTES',
    description:
      'Bytes of responses that are kept for the caller they were given to, and given again when ModelArts still says the same; 0 keeps none.',
  },
  FAST_PATH: {
    rule: onOff,
    fallback: 'on',
    formerName: 'SHORT_WAY',
    description: "on or off: whether plain JSON requests go round Yoga's HTTP layer.",
  },
  LEASE_MAX_HOURS: {
    rule: whole(1, 72),
    fallback: '24',
    description: 'Longest lease clients may ask for, in hours; Huawei Cloud takes up to 72.',
  },
  REDIS_URL: {
    rule: redisUrl.optional(),
    fallback: null,
    description:
      'Redis through which replicas are one gateway, for example redis://redis:6379; a cluster or sentinels: see below. Unset: each replica is for itself.',
  },
  STATE_KEY: {
    rule: stateKeys.optional(),
    fallback: null,
    formerName: 'REDIS_KEY_SECRET',
    description:
      'Secret of all replicas under which what is in Redis is sealed; needed with `REDIS_URL`. Make one: `openssl rand -base64 32`. Several, with commas between them: the first seals, all open.',
  },
  INTROSPECTION: {
    rule: onOff.optional(),
    fallback: null,
    shownFallback: 'on, off in production',
    description: 'on or off: whether clients may read the schema.',
  },
  GRAPHIQL: {
    rule: onOff.optional(),
    fallback: null,
    shownFallback: 'on, off in production',
    description: 'on or off: whether browsers get GraphiQL.',
  },
  SUGGESTIONS: {
    rule: onOff.optional(),
    fallback: null,
    shownFallback: 'on, off in production',
    description: 'on or off: whether errors name fields and values the client may have meant.',
  },
  LIMIT_BODY_BYTES: limit(262_144, 16_777_216, 'Bytes of a request body, and of a WebSocket message.'),
  LIMIT_UPLOAD_MS: limit(30_000, 600_000, 'Milliseconds a request may take to arrive.'),
  LIMIT_RESPONSE_BYTES: limit(
    8_388_608,
    268_435_456,
    'Bytes of an answer, and of an event of a subscription; of what a client has not read yet about twice as much is kept for a connection.',
  ),
  LIMIT_TOKENS: limit(1500, 100_000, 'Tokens of a document, and 32 characters for each.'),
  LIMIT_DEPTH: limit(15, 100, 'Levels of selections, lists and input objects in an operation.'),
  LIMIT_ALIASES: limit(30, 10_000, 'Aliases in an operation.'),
  LIMIT_ROOT_FIELDS: limit(20, 10_000, 'Root fields of an operation.'),
  LIMIT_DIRECTIVES: limit(50, 10_000, 'Directives in an operation.'),
  LIMIT_FIELDS: limit(500, 100_000, 'Fields in an operation, each time a fragment is used.'),
  LIMIT_VALIDATION: limit(
    32_000,
    10_000_000,
    "Pairs of fields to compare when a document is validated; a quarter before ModelArts or IAM has accepted the caller's token.",
  ),
  LIMIT_COST: limit(250, 1_000_000, 'Calls of ModelArts one operation can cost, or one event of a subscription.'),
  LIMIT_PAGE_SIZE: limit(200, 200, 'Items on a page of a list.'),
  LIMIT_ERRORS: limit(5, 1000, 'Errors in an answer; further ones are left out.'),
  LIMIT_OPERATIONS: limit(100, 100_000, 'Operations at the same time on one WebSocket or event stream.'),
  RATE_REQUESTS: rate(600_000, 'Requests a minute with one token that ModelArts or IAM has accepted'),
  RATE_COST: rate(300_000, 'Calls of ModelArts a minute that the operations with such a token can cost'),
  RATE_SUBSCRIPTIONS: rate(5000, 'Subscriptions open at the same time with such a token'),
  RATE_ADDRESS_REQUESTS: rate(60_000, 'Requests a minute from one address without such a token'),
  RATE_ADDRESS_COST: rate(30_000, 'Calls of ModelArts a minute that those can cost'),
  RATE_ADDRESS_SUBSCRIPTIONS: rate(1000, 'Subscriptions open at the same time from one address without such a token'),
  RATE_ADDRESS_CONNECTIONS: rate(
    5000,
    'Connections open at the same time from one address; WebSockets alone where there are `TRUSTED_PROXIES`',
  ),
  RATE_SIGN_INS: rate(
    4,
    'Sign-ins of one user with a wrong password in 15 minutes; one less than IAM takes before it locks',
  ),
  RATE_ADDRESS_SIGN_INS: rate(100, 'Sign-ins with a wrong password from one address in 15 minutes'),
  TRUSTED_PROXIES: {
    rule: whole(0, 10),
    fallback: '0',
    description:
      'Proxies of your own that every request comes by, each of which appends to X-Forwarded-For; the address of a caller is that many entries from the right. 0: the header is not read.',
  },
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
  AUDIT: {
    rule: onOff,
    fallback: 'off',
    description:
      'on or off: whether a line is written for each mutation and sign-in, each with the hash of the one before.',
  },
  AUDIT_FILE: {
    rule: z.string().min(1).optional(),
    fallback: null,
    description: 'File that audit lines are added to, of this process alone. Unset: standard output.',
  },
  CORS_ORIGINS: {
    rule: z
      .string()
      .transform((value) =>
        value
          .split(',')
          .map((origin) => origin.trim())
          .filter((origin) => origin !== ''),
      )
      .superRefine((origins, context) => {
        for (const message of origins.map(originProblem)) {
          if (message !== null) context.addIssue({ code: 'custom', message });
        }
        if (origins.includes('*') && origins.length > 1) {
          context.addIssue({ code: 'custom', message: 'has * beside others: * stands alone, for every page there is' });
        }
      }),
    fallback: '',
    description:
      'Origins of front ends on other hosts, as browsers send them (https://console.example), separated by commas; * alone: any page. Empty: none.',
  },
  SIMULATOR: {
    rule: onOff.optional(),
    fallback: null,
    shownFallback: 'on without endpoints, off in production',
    description: 'on or off: whether a simulator of ModelArts is the upstream; on excludes endpoints.',
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
} as const satisfies Readonly<Record<string, Rule>>;

export type Name = keyof typeof rules;

/** A value of each setting, as its rule gives it. */
export type Values = { readonly [N in Name]: z.output<(typeof rules)[N]['rule']> };

export const ruleOf = (name: Name): Rule => rules[name];

// Object.keys forgets what keys an object literal has
export const names = Object.keys(rules) as readonly Name[];

export const settings: readonly Setting[] = names.map((name) => {
  const { fallback, shownFallback, description, formerName } = ruleOf(name);
  return { name, fallback: shownFallback ?? fallback ?? '', description, formerName: formerName ?? null };
});
