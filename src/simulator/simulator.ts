import { type Clock, realClock, shiftedClock } from './clock.ts';
import { readOperations } from './contract.ts';
import { createFaults } from './control/faults.ts';
import { showcaseInstance } from './dev-env/seed.ts';
import { type Account, builtInAccounts } from './iam/accounts.ts';
import type { IdentityProvider } from './iam/identity-providers.ts';
import { createTokens } from './iam/tokens.ts';
import { readSeedImages } from './image/record.ts';
import { handlers, unserved } from './operations.ts';
import type { RecordedCall } from './recorded-call.ts';
import { createRoutes } from './routes.ts';
import { listen } from './server.ts';
import type { Cloud, State } from './state.ts';

/** The first account, with a token for its first project that is valid from the start. */
export type DemoAccount = {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly token: string;
};

export type Simulator = {
  /** Base URL without trailing slash, for ModelArts (`/v1`) and IAM (`/v3`) alike. */
  readonly url: string;
  readonly demo: DemoAccount;
  /** The clock in use, shifts made over HTTP included. */
  readonly clock: Clock;
  /** Resolves when the port is free and every socket is gone, hanging ones too. */
  close(): Promise<void>;
};

export type { RecordedCall } from './recorded-call.ts';

export type SimulatorOptions = {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default: the real time. */
  readonly clock?: Clock;
  /** Divides the durations of state changes (not of leases). Default 1. */
  readonly speed?: number;
  readonly observe?: (recorded: RecordedCall) => void;
  /** Default: the built-in ones. The first is the demo account. */
  readonly accounts?: readonly Account[];
  /** Where users sign in by OpenID Connect. Default: nowhere. */
  readonly identityProviders?: readonly IdentityProvider[];
  /** Characters per token, default 1536; up to 32768 as upstream. */
  readonly tokenLength?: number;
  /** Default 24 hours. */
  readonly tokenLifetimeMs?: number;
  /** Default true. When false, deleteNotebook refuses RUNNING notebooks with ModelArts.6304. */
  readonly deleteFromRunning?: boolean;
  /** Whose spellings are honoured where Open Telekom Cloud and newer Huawei Cloud differ. Default `otc`. */
  readonly cloud?: Cloud;
  /**
   * Default false: where the contract has both, operations answer 200 with a body, as its samples do. True: 204 without one,
   * which the status tables of its pages list.
   */
  readonly emptyAnswers?: boolean;
  /** Default 10, as upstream; beyond it createNotebook answers ModelArts.6302. */
  readonly notebooksPerUser?: number;
};

const dayMs = 86_400_000;

/**
 * Starts a fake ModelArts and IAM with its own state on a real HTTP server.
 * @throws Error when the port is taken, or when the contract is not where it should be or does not fit the handlers
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const accounts = options.accounts ?? builtInAccounts;
  const [first] = accounts;
  const project = first?.projects[0];
  if (first === undefined || project === undefined) throw new Error('The simulator needs an account with a project.');
  const clock = shiftedClock(options.clock ?? realClock);
  const routes = createRoutes(await readOperations(), { served: Object.keys(handlers), unserved });
  const faults = createFaults(routes.operations.map(({ operationId }) => operationId));
  const seedImages = await readSeedImages(project.id);
  let url = '';
  let token: string | undefined;

  const initialState = (): State => {
    const state: State = {
      clock,
      settings: {
        accounts,
        speed: options.speed ?? 1,
        cloud: options.cloud ?? 'otc',
        emptyAnswers: options.emptyAnswers ?? false,
        deleteFromRunning: options.deleteFromRunning ?? true,
        notebooksPerUser: options.notebooksPerUser ?? 10,
      },
      url: () => url,
      tokens: createTokens(clock, options.tokenLength ?? 1536, options.tokenLifetimeMs ?? dayMs),
      identityProviders: new Map(options.identityProviders?.map((provider) => [provider.id, provider])),
      images: new Map(seedImages.map((image) => [image.body.id, image])),
      emptiedPaths: new Set(),
      notebooks: new Map(),
      devEnvironments: new Map(),
    };
    const showcase = showcaseInstance(first, project, clock.now());
    state.devEnvironments.set(showcase.id, showcase);
    // After a reset the demo token is the same string, valid anew.
    token = state.tokens.issue({ user: first, scope: { kind: 'project', project } }, token).token;
    return state;
  };

  let state = initialState();
  const server = await listen({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    controls: () => ({
      state,
      faults,
      routes,
      clock,
      reset: () => {
        faults.clear();
        state = initialState();
      },
    }),
    observe: options.observe ?? (() => {}),
  });
  url = server.url;
  const { domain, user, password } = first;
  return {
    url,
    demo: {
      domain: domain.name,
      user,
      password,
      projectId: project.id,
      projectName: project.name,
      token: token ?? '',
    },
    clock,
    close: server.close,
  };
}
