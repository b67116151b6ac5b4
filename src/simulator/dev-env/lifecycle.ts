import type { ProjectCall } from '../call.ts';
import { refusal } from '../errors.ts';
import { lasts, type State } from '../state.ts';
import { findDevFlavor } from './catalog.ts';
import type { DevEnvironment, DevEnvironmentStatus } from './record.ts';

/** Place in the queue that every newcomer gets. */
const firstRank = 3;

/** What a status gives way to, and the duration that it takes. */
const course: Partial<
  Record<DevEnvironmentStatus, { next: DevEnvironmentStatus; takes: Parameters<typeof lasts>[1] }>
> = {
  CREATE_QUEUING: { next: 'CREATING', takes: 'queuePlace' },
  CREATING: { next: 'RUNNING', takes: 'create' },
  START_QUEUING: { next: 'READY_TO_START', takes: 'queuePlace' },
  READY_TO_START: { next: 'STARTING', takes: 'readyToStart' },
  STARTING: { next: 'RUNNING', takes: 'start' },
  STOPPING: { next: 'STOPPED', takes: 'stop' },
};

export const isQueuing = ({ status }: DevEnvironment): boolean =>
  status === 'CREATE_QUEUING' || status === 'START_QUEUING';

/** Puts the instance into a status at an instant, which may lie in the past, and works out when that ends. */
export function enter(state: State, instance: DevEnvironment, status: DevEnvironmentStatus, at: number): void {
  const step = course[status];
  instance.status = status;
  instance.statusSince = at;
  instance.latestUpdateTimestamp = at;
  const places = isQueuing(instance) ? firstRank : 1;
  instance.endsAt = step === undefined ? null : at + places * lasts(state, step.takes);
  const { enable, durationSeconds } = instance.autoStop;
  const isTimed = status === 'RUNNING' && enable && durationSeconds !== undefined;
  instance.stopsAt = isTimed ? at + durationSeconds * 1000 : null;
}

/** Brings an instance up to `now`, auto stop included, with the instants at which things really happened. */
export function settle(state: State, instance: DevEnvironment, now: number): void {
  for (;;) {
    const { endsAt, stopsAt, status } = instance;
    const next = course[status]?.next;
    if (endsAt !== null && next !== undefined && endsAt <= now) enter(state, instance, next, endsAt);
    else if (stopsAt !== null && stopsAt <= now) enter(state, instance, 'STOPPING', stopsAt);
    else return;
  }
}

/** Free flavors that are sold out are queued for; the others begin at once. */
export const begin = (flavor: string, what: 'create' | 'start'): DevEnvironmentStatus => {
  const known = findDevFlavor(flavor);
  if (known?.isFree && known.isSoldOut) return what === 'create' ? 'CREATE_QUEUING' : 'START_QUEUING';
  return what === 'create' ? 'CREATING' : 'STARTING';
};

/** Place in the queue, 1 being next. */
export function rankOf(state: State, instance: DevEnvironment, now: number): number {
  const remainingMs = Math.max((instance.endsAt ?? now) - now, 0);
  return Math.max(Math.ceil(remainingMs / lasts(state, 'queuePlace')), 1);
}

export function projectInstances({ state, project, now }: ProjectCall): DevEnvironment[] {
  const found = [...state.devEnvironments.values()].filter((instance) => instance.projectId === project.id);
  for (const instance of found) settle(state, instance, now);
  return found;
}

/** @throws Refusal ModelArts.6309 when the project has no such instance */
export function findInstance({ state, project, params, now }: ProjectCall): DevEnvironment {
  const instance = state.devEnvironments.get(params.id);
  if (instance === undefined || instance.projectId !== project.id) throw refusal('6309');
  settle(state, instance, now);
  return instance;
}
