import { randomUUID } from 'node:crypto';
import { type Answer, choice, ok, type ProjectCall, readBody, requiredString, stringField } from '../call.ts';
import { refusal } from '../errors.ts';
import { lasts } from '../state.ts';
import { workspaceOf } from '../workspaces.ts';
import { createdNotebook, deletedNotebook, shownNotebook } from './answers.ts';
import { grant, newLease, rebase } from './lease-countdown.ts';
import { leaseFromBody, leaseFromQuery } from './leases.ts';
import { change, checkIdle, findNotebook, isResizing, settle } from './lifecycle.ts';
import type { Notebook } from './record.ts';
import {
  checkDescription,
  checkName,
  embeddedImage,
  readEndpoints,
  readVolume,
  usableFlavor,
  usableImage,
} from './requests.ts';

/** Answers CREATING. Names need not be unique. */
export function createNotebook(call: ProjectCall): Answer {
  const { state, now, user, project } = call;
  const body = readBody(call);
  const name = checkName(requiredString(body, 'name'), 128);
  const description = checkDescription(stringField(body, 'description') ?? '', `&<>"'/`);
  const feature = choice(stringField(body, 'feature'), 'feature', ['DEFAULT', 'NOTEBOOK']) ?? 'NOTEBOOK';
  const workspaceId = workspaceOf(call, stringField(body, 'workspace_id'));
  const flavor = usableFlavor(requiredString(body, 'flavor'));
  if (flavor.feature !== feature) throw refusal('6870', flavor.id, feature);
  const endpoints = readEndpoints(body) ?? [];
  const image = usableImage(call, requiredString(body, 'image_id'), { flavor, endpoints });
  const volume = readVolume(body, flavor);
  const lease = newLease(leaseFromBody(body), now);
  checkQuota(call, feature);
  const notebook: Notebook = {
    id: randomUUID(),
    projectId: project.id,
    owner: user,
    // The samples have the lease begin two milliseconds before the notebook.
    createAt: now + 2,
    updateAt: now + 2,
    name,
    description,
    feature,
    flavor: flavor.id,
    image: embeddedImage(image),
    workspaceId,
    poolId: stringField(body, 'pool_id'),
    endpoints,
    volume,
    mounts: [],
    lease,
    status: 'CREATING',
    statusSince: now,
    transition: null,
    hasRun: false,
    token: randomUUID(),
    failReason: undefined,
    tags: new Map(),
  };
  change(notebook, 'CREATING', 'RUNNING', { from: now, durationMs: lasts(state, 'create') });
  state.notebooks.set(notebook.id, notebook);
  return ok(createdNotebook(notebook, now));
}

/** One free CodeLab instance per user and so many others, over all projects. */
function checkQuota({ state, user, now }: ProjectCall, feature: Notebook['feature']): void {
  const own = [...state.notebooks.values()].filter((notebook) => {
    settle(state, notebook, now);
    return notebook.owner.id === user.id && notebook.feature === feature && notebook.status !== 'DELETED';
  });
  if (own.length >= (feature === 'DEFAULT' ? 1 : state.settings.notebooksPerUser)) throw refusal('6302');
}

export const showNotebook = (call: ProjectCall): Answer => ok(shownNotebook(findNotebook(call), call.now));

/** From STOPPED only. The lease counts from now, and again from RUNNING; the notebook gets a new token. */
export function startNotebook(call: ProjectCall): Answer {
  const { state, now } = call;
  const notebook = findNotebook(call);
  const lease = leaseFromQuery(call.query);
  if (notebook.status === 'STARTING') throw refusal('6306');
  checkIdle(notebook, now);
  if (notebook.status !== 'STOPPED') throw refusal('6357');
  grant(notebook.lease, lease, now);
  notebook.token = randomUUID();
  notebook.updateAt = now;
  change(notebook, 'STARTING', 'RUNNING', { from: now, durationMs: lasts(state, 'start') });
  return ok(withoutProgress(shownNotebook(notebook, now)));
}

/** From RUNNING only. The samples show the countdown begun anew by the call. */
export function stopNotebook(call: ProjectCall): Answer {
  const { state, now } = call;
  const notebook = findNotebook(call);
  if (notebook.status === 'STOPPING') throw refusal('6308');
  checkIdle(notebook, now);
  if (notebook.status !== 'RUNNING') throw refusal('6357');
  rebase(notebook.lease, now);
  change(notebook, 'STOPPING', 'STOPPED', { from: now, durationMs: lasts(state, 'stop') });
  return ok(shownNotebook(notebook, now));
}

/** From any settled state, RUNNING depending on the settings. The id is not found once DELETING is over. */
export function deleteNotebook(call: ProjectCall): Answer {
  const { state, now } = call;
  const notebook = findNotebook(call);
  if (notebook.transition !== null || isResizing(notebook, now)) throw refusal('6357');
  if (notebook.status === 'RUNNING' && !state.settings.deleteFromRunning) throw refusal('6304');
  notebook.updateAt = now;
  change(notebook, 'DELETING', 'DELETED', { from: now, durationMs: lasts(state, 'delete') });
  return ok(deletedNotebook(notebook));
}

/** The start answer of the samples carries no steps; they are read with showNotebook. */
function withoutProgress<T extends object>(body: T): T {
  return { ...body, action_progress: undefined };
}
