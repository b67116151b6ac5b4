import { describe, expect, it } from 'vitest';
import { devEnvironmentStatuses } from '../../../src/modelarts/dev-environments.ts';
import { imageStatuses } from '../../../src/modelarts/images.ts';
import { notebookStatuses } from '../../../src/modelarts/notebooks.ts';
import {
  allowedDevEnvironmentStatuses,
  allowedStatuses,
  devEnvironmentActions,
  isFailed,
  isTransitional,
  notebookActions,
} from '../../../src/modelarts/state-machine.ts';
import { storageMountStatuses } from '../../../src/modelarts/storage-mounts.ts';

describe('a status', () => {
  it.each([
    [
      'notebook',
      notebookStatuses.values,
      ['INIT', 'CREATING', 'STARTING', 'STOPPING', 'DELETING', 'SNAPSHOTTING'],
      ['CREATE_FAILED', 'START_FAILED', 'DELETE_FAILED', 'ERROR'],
    ],
    [
      'development environment',
      devEnvironmentStatuses.values,
      [
        'CREATE_QUEUING',
        'CREATING',
        'START_QUEUING',
        'READY_TO_START',
        'STARTING',
        'RESTARTING',
        'STOPPING',
        'DELETING',
        'RESIZING',
      ],
      ['CREATE_FAILED', 'START_FAILED', 'UNAVAILABLE', 'RESIZE_FAILED'],
    ],
    ['image', imageStatuses.values, ['INIT', 'CREATING'], ['CREATE_FAILED', 'ERROR']],
    ['mount', storageMountStatuses.values, ['MOUNTING', 'UNMOUNTING'], ['MOUNT_FAILED', 'UNMOUNT_FAILED']],
  ] as const)('of a %s is in transition, failed or neither as the contract says', (_, values, transitional, failed) => {
    expect(values.filter(isTransitional)).toEqual(transitional);
    expect(values.filter(isFailed)).toEqual(failed);
  });

  it('that is unknown is neither in transition nor failed', () => {
    expect([isTransitional('UNKNOWN'), isFailed('UNKNOWN')]).toEqual([false, false]);
  });
});

describe('notebookActions', () => {
  const enabledIn = (status: Parameters<typeof notebookActions>[0]) =>
    notebookActions(status)
      .filter(({ isEnabled }) => isEnabled)
      .map(({ action }) => action);
  const reasonFor = (status: Parameters<typeof notebookActions>[0], wanted: string) =>
    notebookActions(status).find(({ action }) => action === wanted)?.reason;

  it.each([
    ['RUNNING', ['STOP', 'DELETE', 'RENEW_LEASE', 'SAVE_IMAGE', 'MOUNT_STORAGE', 'UPDATE', 'GROW_VOLUME']],
    ['STOPPED', ['START', 'DELETE', 'UPDATE', 'UPDATE_FLAVOR', 'UPDATE_IMAGE', 'UPDATE_ENDPOINTS', 'UPDATE_HOOKS']],
    ['CREATING', []],
    ['SNAPSHOTTING', []],
    ['ERROR', ['DELETE']],
    ['DELETE_FAILED', ['DELETE']],
    ['FROZEN', []],
    ['DELETED', []],
    ['UNKNOWN', []],
  ] as const)('of a %s notebook are %j', (status, actions) => {
    expect(enabledIn(status)).toEqual(actions);
  });

  it.each([
    ['STOPPING', 'START', 'The notebook is STOPPING; it can be started once it is STOPPED.'],
    [
      'CREATING',
      'UPDATE',
      'The notebook is CREATING; its name and description can be changed once it is STOPPED or RUNNING.',
    ],
    ['STARTING', 'DELETE', 'The notebook is STARTING; it can be deleted once it is RUNNING or STOPPED.'],
    ['START_FAILED', 'START', 'The notebook is START_FAILED; it can only be deleted.'],
    ['DELETING', 'STOP', 'The notebook is DELETING; nothing can be done with it any more.'],
    ['UNKNOWN', 'STOP', 'The notebook is in a status unknown here; it can be stopped once it is RUNNING.'],
    ['FROZEN', 'START', "The notebook is FROZEN; nothing can be done with it until the account's arrears are paid."],
  ] as const)('of a %s notebook say why not %s', (status, action, reason) => {
    expect(reasonFor(status, action)).toBe(reason);
  });

  it('give a reason exactly when the action is not enabled, which is when its status is not allowed', () => {
    for (const status of [...notebookStatuses.values, 'UNKNOWN'] as const) {
      for (const { action, isEnabled, reason } of notebookActions(status)) {
        expect([action, status, reason === null]).toEqual([action, status, isEnabled]);
        expect([action, status, allowedStatuses(action).includes(status)]).toEqual([action, status, isEnabled]);
      }
    }
  });
});

describe('devEnvironmentActions', () => {
  it.each([
    ['RUNNING', ['STOP', 'UPDATE']],
    ['STOPPED', ['START', 'DELETE', 'UPDATE']],
    ['START_QUEUING', []],
    ['UNAVAILABLE', ['DELETE']],
  ] as const)('of a %s instance are %j', (status, actions) => {
    const enabled = devEnvironmentActions(status).filter(({ isEnabled }) => isEnabled);
    expect(enabled.map(({ action }) => action)).toEqual(actions);
  });

  it('say that a running instance has to be stopped before it is deleted', () => {
    const [reason] = devEnvironmentActions('RUNNING').flatMap(({ action, reason }) =>
      action === 'DELETE' ? [reason] : [],
    );
    expect(reason).toBe('The development environment is RUNNING; it can be deleted once it is STOPPED.');
    expect(allowedDevEnvironmentStatuses('DELETE')).not.toContain('RUNNING');
  });
});
