import type { Account } from '../iam/accounts.ts';
import type { JsonObject } from '../json.ts';
import type { Lease } from './lease-countdown.ts';

export const notebookStatuses = [
  'INIT',
  'CREATING',
  'STARTING',
  'STOPPING',
  'DELETING',
  'RUNNING',
  'STOPPED',
  'SNAPSHOTTING',
  'CREATE_FAILED',
  'START_FAILED',
  'DELETE_FAILED',
  'ERROR',
  'DELETED',
  'FROZEN',
] as const;

export type NotebookStatus = (typeof notebookStatuses)[number];

/** A state change under way; times in epoch ms. */
export type Transition = { readonly to: NotebookStatus; readonly startsAt: number; readonly endsAt: number };

export type Volume = {
  readonly category: 'EFS' | 'EVS';
  readonly ownership: 'MANAGED' | 'DEDICATED';
  readonly capacityGiB: number;
  /** DEDICATED only. */
  readonly uri?: string;
  readonly id?: string;
  /** EVS: end of the growth under way. */
  readonly resizesUntil?: number;
};

export type EndpointSettings = {
  readonly service: 'NOTEBOOK' | 'SSH';
  readonly keyPairNames: readonly string[];
  readonly allowedAccessIps: readonly string[];
};

/** An OBS file system mounted into a running notebook. */
export type Mount = {
  readonly id: string;
  readonly mountPath: string;
  readonly uri: string;
  status: 'MOUNTING' | 'UNMOUNTING';
  /** Epoch ms at which MOUNTING has become MOUNTED, or UNMOUNTING is over and the mount forgotten. */
  endsAt: number;
};

export type Notebook = {
  readonly id: string;
  readonly projectId: string;
  readonly owner: Account;
  readonly createAt: number;
  updateAt: number;
  name: string;
  description: string;
  readonly feature: 'NOTEBOOK' | 'DEFAULT';
  flavor: string;
  /** The embedded copy, as it is answered. */
  image: JsonObject & { readonly id: string };
  readonly workspaceId: string;
  readonly poolId: string | undefined;
  endpoints: readonly EndpointSettings[];
  volume: Volume;
  mounts: Mount[];
  readonly lease: Lease;
  status: NotebookStatus;
  statusSince: number;
  transition: Transition | null;
  /** Addresses are known from the first RUNNING on. */
  hasRun: boolean;
  /** Opens JupyterLab; changes at each start. */
  token: string;
  failReason: string | undefined;
  /** Values by key, in the order the keys came. */
  readonly tags: Map<string, string>;
};
