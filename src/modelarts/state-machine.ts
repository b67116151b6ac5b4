import type { DevEnvironmentStatus } from './dev-environments.ts';
import type { ImageStatus } from './images.ts';
import type { VolumeStatus } from './notebook-parts.ts';
import type { NotebookStatus } from './notebooks.ts';
import type { StorageMountStatus } from './storage-mounts.ts';

/** A status of anything that changes by itself. The upstream gives a word the same meaning wherever it uses it. */
export type AnyStatus = NotebookStatus | DevEnvironmentStatus | ImageStatus | StorageMountStatus | VolumeStatus;

const transitional: ReadonlySet<AnyStatus> = new Set<AnyStatus>([
  'INIT',
  'CREATE_QUEUING',
  'CREATING',
  'START_QUEUING',
  'READY_TO_START',
  'STARTING',
  'RESTARTING',
  'SNAPSHOTTING',
  'STOPPING',
  'RESIZING',
  'DELETING',
  'INITIALIZING',
  'MOUNTING',
  'UNMOUNTING',
]);

const failed: ReadonlySet<AnyStatus> = new Set<AnyStatus>([
  'CREATE_FAILED',
  'START_FAILED',
  'DELETE_FAILED',
  'ERROR',
  'RESIZE_FAILED',
  'UNAVAILABLE',
  'MOUNT_FAILED',
  'UNMOUNT_FAILED',
]);

/** Whether the status will change without anybody's doing (contract/NOTES.md, section b). FROZEN and UNKNOWN will not. */
export const isTransitional = (status: AnyStatus): boolean => transitional.has(status);

/** Whether what was asked for did not come about; waiting is of no use. */
export const isFailed = (status: AnyStatus): boolean => failed.has(status);

/** What can be done to a notebook. The `UPDATE` without a suffix is of name and description. */
export type NotebookAction =
  | 'START'
  | 'STOP'
  | 'DELETE'
  | 'RENEW_LEASE'
  | 'SAVE_IMAGE'
  | 'MOUNT_STORAGE'
  | 'UPDATE'
  | 'UPDATE_FLAVOR'
  | 'UPDATE_IMAGE'
  | 'UPDATE_ENDPOINTS'
  | 'UPDATE_HOOKS'
  | 'GROW_VOLUME';

export type DevEnvironmentAction = 'START' | 'STOP' | 'DELETE' | 'UPDATE';

/** `from`: the statuses it works in; `phrase`: what follows "The notebook is STOPPING; ". */
type Rule<S> = { readonly from: readonly S[]; readonly phrase: string };

const notebookRules: Readonly<Record<NotebookAction, Rule<NotebookStatus>>> = {
  START: { from: ['STOPPED'], phrase: 'it can be started' },
  STOP: { from: ['RUNNING'], phrase: 'it can be stopped' },
  // sources disagree about RUNNING: offered, and the upstream's refusal (ModelArts.6304) is a conflict
  DELETE: {
    from: ['RUNNING', 'STOPPED', 'CREATE_FAILED', 'START_FAILED', 'DELETE_FAILED', 'ERROR'],
    phrase: 'it can be deleted',
  },
  RENEW_LEASE: { from: ['RUNNING'], phrase: 'its lease can be renewed' },
  SAVE_IMAGE: { from: ['RUNNING'], phrase: 'it can be saved as an image' },
  MOUNT_STORAGE: { from: ['RUNNING'], phrase: 'storage can be mounted' },
  UPDATE: { from: ['STOPPED', 'RUNNING'], phrase: 'its name and description can be changed' },
  UPDATE_FLAVOR: { from: ['STOPPED'], phrase: 'its flavor can be changed' },
  UPDATE_IMAGE: { from: ['STOPPED'], phrase: 'its image can be changed' },
  UPDATE_ENDPOINTS: { from: ['STOPPED'], phrase: 'its endpoints can be changed' },
  UPDATE_HOOKS: { from: ['STOPPED'], phrase: 'its hooks can be changed' },
  GROW_VOLUME: { from: ['RUNNING'], phrase: 'its volume can grow' },
};

const devEnvironmentRules: Readonly<Record<DevEnvironmentAction, Rule<DevEnvironmentStatus>>> = {
  START: { from: ['STOPPED'], phrase: 'it can be started' },
  STOP: { from: ['RUNNING'], phrase: 'it can be stopped' },
  DELETE: {
    from: ['STOPPED', 'CREATE_FAILED', 'START_FAILED', 'RESIZE_FAILED', 'UNAVAILABLE'],
    phrase: 'it can be deleted',
  },
  UPDATE: { from: ['STOPPED', 'RUNNING'], phrase: 'its description and auto stop can be changed' },
};

/** Whether an action works in a status. `reason`, null when it does, is a sentence for people. */
export type ActionState<A> = { readonly action: A; readonly isEnabled: boolean; readonly reason: string | null };

function reasonAgainst<S extends AnyStatus>(thing: string, status: S, { from, phrase }: Rule<S>): string | null {
  if (from.includes(status)) return null;
  const targets = from.filter((target) => !isFailed(target)).join(' or ');
  switch (status) {
    case 'DELETING':
    case 'DELETED':
      return `The ${thing} is ${status}; nothing can be done with it any more.`;
    case 'FROZEN':
      return `The ${thing} is FROZEN; nothing can be done with it until the account's arrears are paid.`;
    case 'UNKNOWN':
      return `The ${thing} is in a status unknown here; ${phrase} once it is ${targets}.`;
    default:
      return isFailed(status)
        ? `The ${thing} is ${status}; it can only be deleted.`
        : `The ${thing} is ${status}; ${phrase} once it is ${targets}.`;
  }
}

function actionsOf<A extends string, S extends AnyStatus>(
  thing: string,
  status: S,
  rules: Readonly<Record<A, Rule<S>>>,
): ActionState<A>[] {
  // entries forget what keys there were
  return (Object.entries(rules) as [A, Rule<S>][]).map(([action, rule]) => {
    const reason = reasonAgainst(thing, status, rule);
    return { action, isEnabled: reason === null, reason };
  });
}

/** Every action on a notebook in this status, with what stands against it: `The notebook is STOPPING; it can be started once it is STOPPED.` */
export const notebookActions = (status: NotebookStatus): ActionState<NotebookAction>[] =>
  actionsOf('notebook', status, notebookRules);

/** Every action on a development environment in this status, with what stands against it. */
export const devEnvironmentActions = (status: DevEnvironmentStatus): ActionState<DevEnvironmentAction>[] =>
  actionsOf('development environment', status, devEnvironmentRules);

/** Statuses a notebook action works in. */
export const allowedStatuses = (action: NotebookAction): readonly NotebookStatus[] => notebookRules[action].from;

/** Statuses an action on a development environment works in. */
export const allowedDevEnvironmentStatuses = (action: DevEnvironmentAction): readonly DevEnvironmentStatus[] =>
  devEnvironmentRules[action].from;
