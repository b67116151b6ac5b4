import type { Account } from '../iam/accounts.ts';
import type { JsonObject } from '../json.ts';

export type DevEnvironmentStatus =
  | 'CREATE_QUEUING'
  | 'CREATING'
  | 'START_QUEUING'
  | 'READY_TO_START'
  | 'STARTING'
  | 'RUNNING'
  | 'STOPPING'
  | 'STOPPED';

export type AutoStop = {
  readonly enable: boolean;
  readonly durationSeconds: number | undefined;
  readonly prompt: boolean;
};

export type DevEnvironment = {
  readonly id: string;
  readonly projectId: string;
  readonly owner: Account;
  readonly name: string;
  description: string;
  readonly profileId: string;
  readonly flavor: string;
  readonly storage: JsonObject;
  readonly extendStorage: readonly JsonObject[] | null;
  readonly annotations: JsonObject;
  readonly pool: JsonObject | undefined;
  readonly aiProject: JsonObject | undefined;
  readonly workspaceId: string;
  autoStop: AutoStop;
  /** Epoch ms; set when RUNNING is reached, so a changed `autoStop` waits for the next start. */
  stopsAt: number | null;
  readonly creationTimestamp: number;
  latestUpdateTimestamp: number;
  status: DevEnvironmentStatus;
  statusSince: number;
  /** Epoch ms at which the current status gives way to the next one; null when settled. */
  endsAt: number | null;
  /** Merged into the answer: documented fields that nothing here computes. */
  readonly extras: JsonObject;
};
