import type { Clock } from './clock.ts';
import type { DevEnvironment } from './dev-env/record.ts';
import type { Account } from './iam/accounts.ts';
import type { IdentityProvider } from './iam/identity-providers.ts';
import type { Tokens } from './iam/tokens.ts';
import type { Image } from './image/record.ts';
import type { Notebook } from './notebook/record.ts';

/** How long each state change takes at speed 1, in ms. */
const durationsMs = {
  create: 20_000,
  start: 12_000,
  stop: 6_000,
  delete: 4_000,
  snapshot: 30_000,
  resize: 5_000,
  mount: 3_000,
  queuePlace: 20_000,
  readyToStart: 2_000,
};

/** `otc`: `workspaceId` on notebook lists, `?force` of deleteImage. `huawei`, newer: `workspace_id` and the body `{is_force}`. */
export const clouds = ['otc', 'huawei'] as const;
export type Cloud = (typeof clouds)[number];

export type Settings = {
  readonly accounts: readonly Account[];
  /** Divides the durations of state changes; leases and token lifetimes are not affected. */
  readonly speed: number;
  /** Whether deleteNotebook accepts RUNNING notebooks; when not, they answer ModelArts.6304. */
  readonly deleteFromRunning: boolean;
  /** Whose spellings are honoured where the two differ; the other's are passed over. */
  cloud: Cloud;
  /** Whether operations answer 204 without a body where the contract has both that and 200. */
  emptyAnswers: boolean;
  /** Notebooks a user may have over all projects, the free CodeLab instance aside. */
  readonly notebooksPerUser: number;
};

/** Everything the simulator remembers. Values change when a request looks at them: there are no timers. */
export type State = {
  readonly clock: Clock;
  readonly settings: Settings;
  /** Base URL of the server, for the links in IAM answers. */
  readonly url: () => string;
  readonly tokens: Tokens;
  /** by id */
  readonly identityProviders: Map<string, IdentityProvider>;
  readonly images: Map<string, Image>;
  /** SWR paths whose content a forced deletion took away: there is nothing there to register. */
  readonly emptiedPaths: Set<string>;
  readonly notebooks: Map<string, Notebook>;
  readonly devEnvironments: Map<string, DevEnvironment>;
};

/** How long a state change takes in ms, with the speed taken into account. */
export const lasts = (state: State, change: keyof typeof durationsMs): number =>
  Math.round(durationsMs[change] / state.settings.speed);
