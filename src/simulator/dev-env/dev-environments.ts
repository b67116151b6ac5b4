import { randomUUID } from 'node:crypto';
import {
  type Answer,
  objectField,
  ok,
  type ProjectCall,
  queryInteger,
  readBody,
  requiredString,
  stringField,
} from '../call.ts';
import { invalidParameter, missing, refusal, wrongValue } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { checkName } from '../notebook/requests.ts';
import { workspaceOf } from '../workspaces.ts';
import { createdInstance, shownInstance, updatedInstance } from './answers.ts';
import { begin, enter, findInstance, projectInstances } from './lifecycle.ts';
import type { DevEnvironment } from './record.ts';
import { readAutoStop, readDescription, readExtendStorage, readFlavorAndProfile, readStorage } from './requests.ts';

const instancesPerUser = 10;

/** POST …/demanager/instances: CREATING, or CREATE_QUEUING for a free flavor that is sold out. Names are unique in the project. */
export function createDevEnvironment(call: ProjectCall): Answer {
  const { state, now, user, project } = call;
  const body = readBody(call);
  const name = requiredString(body, 'name');
  checkName(name, 64);
  const description = readDescription(body) ?? '';
  const profileId = requiredString(body, 'profile_id');
  const flavor = readFlavorAndProfile(requiredString(body, 'flavor'), profileId);
  const spec = objectField(body, 'spec');
  if (spec === undefined) throw missing('spec');
  const pool = objectField(body, 'pool');
  if (pool !== undefined) requiredString(pool, 'id');
  const workspaceId = workspaceOf(call, stringField(objectField(body, 'workspace') ?? {}, 'id'));
  const instances = projectInstances(call);
  const instance: DevEnvironment = {
    id: `DE-${randomUUID()}`,
    projectId: project.id,
    owner: user,
    name,
    description,
    profileId,
    flavor: flavor.id,
    storage: readStorage(spec),
    extendStorage: readExtendStorage(spec, pool !== undefined),
    annotations: objectField(spec, 'annotations') ?? {},
    pool,
    aiProject: objectField(body, 'ai_project'),
    workspaceId,
    autoStop: readAutoStop(spec, { enable: false, durationSeconds: undefined, prompt: true }),
    stopsAt: null,
    creationTimestamp: now,
    latestUpdateTimestamp: now,
    status: 'CREATING',
    statusSince: now,
    endsAt: null,
    extras: {},
  };
  if (instances.some((other) => other.name === name)) throw refusal('6301');
  if (instances.filter((other) => other.owner.id === user.id).length >= instancesPerUser) throw refusal('6302');
  enter(state, instance, begin(flavor.id, 'create'), now);
  state.devEnvironments.set(instance.id, instance);
  return ok(createdInstance(state, instance, now));
}

/** GET …/demanager/instances: `de_type` is mandatory, `limit` 0 means all, `show_self` is a string. */
export function listDevEnvironments(call: ProjectCall): Answer {
  const { query, state, now, user } = call;
  if (query.get('de_type') !== 'Notebook') throw invalidParameter();
  const workspace = query.get('workspace_id') || null;
  if (workspace !== null) workspaceOf(call, workspace);
  const status = query.get('status');
  const poolId = query.get('pool_id');
  const aiProject = query.get('ai_project');
  const matching = projectInstances(call).filter(
    (instance) =>
      (query.get('show_self') === 'false' || instance.owner.id === user.id) &&
      (!status || instance.status === status) &&
      (workspace === null || instance.workspaceId === workspace) &&
      (!poolId || instance.pool?.id === poolId) &&
      (!aiProject || instance.aiProject?.id === aiProject),
  );
  const sorted = sortInstances(matching, query.get('sortby') ?? 'name', query.get('order') ?? 'asc');
  const offset = queryInteger(query, 'offset', 0) ?? 0;
  const limit = queryInteger(query, 'limit', 0) ?? 0;
  const page = sorted.slice(offset, limit === 0 ? undefined : offset + limit);
  return ok({
    total_count: matching.length,
    instances: page.map((instance) => shownInstance(state, instance, now)),
  });
}

function sortInstances(instances: readonly DevEnvironment[], key: string, order: string): DevEnvironment[] {
  if (key !== 'name' && key !== 'creation_timestamp') throw refusal('6303');
  if (order !== 'asc' && order !== 'desc') throw invalidParameter();
  const sign = order === 'asc' ? 1 : -1;
  const compare = (a: DevEnvironment, b: DevEnvironment): number => {
    if (key === 'creation_timestamp') return a.creationTimestamp - b.creationTimestamp;
    return a.name < b.name ? -1 : 1;
  };
  return [...instances].sort((a, b) => sign * compare(a, b));
}

export const showDevEnvironment = (call: ProjectCall): Answer =>
  ok(shownInstance(call.state, findInstance(call), call.now));

/** PUT …: description and auto stop. A changed auto stop waits for the next start. The answer lacks `spec`. */
export function updateDevEnvironment(call: ProjectCall): Answer {
  const { state, now } = call;
  const instance = findInstance(call);
  const body = readBody(call);
  const description = readDescription(body);
  const spec = objectField(body, 'spec');
  if (description === undefined && spec === undefined) throw refusal('6400', call.bodyText.slice(0, 100));
  const autoStop = spec && readAutoStop(spec, instance.autoStop);
  if (description !== undefined) instance.description = description;
  if (autoStop !== undefined) instance.autoStop = autoStop;
  instance.latestUpdateTimestamp = now;
  return ok(updatedInstance(state, instance, now));
}

/** DELETE …: gone with the answer. @throws Refusal ModelArts.6304 while running, ModelArts.6357 while something is under way */
export function deleteDevEnvironment(call: ProjectCall): Answer {
  const instance = findInstance(call);
  if (instance.status === 'RUNNING') throw refusal('6304');
  if (instance.endsAt !== null && !instance.status.endsWith('_QUEUING')) throw refusal('6357');
  call.state.devEnvironments.delete(instance.id);
  return ok({ instance_id: instance.id });
}

/** POST …/action with `start` or `stop`. */
export function actOnDevEnvironment(call: ProjectCall): Answer {
  const { state, now } = call;
  const instance = findInstance(call);
  const before = instance.status;
  const action = requiredString(readBody(call), 'action');
  if (action === 'start') {
    checkStartable(before);
    enter(state, instance, begin(instance.flavor, 'start'), now);
  } else if (action === 'stop') {
    checkStoppable(before);
    enter(state, instance, 'STOPPING', now);
  } else {
    throw wrongValue('action');
  }
  const answer: JsonObject = { current_status: instance.status, previous_state: before };
  return ok(answer);
}

function checkStartable(status: DevEnvironment['status']): void {
  if (status === 'RUNNING') throw refusal('6305');
  if (status === 'STARTING') throw refusal('6306');
  if (status !== 'STOPPED') throw refusal('6357');
}

function checkStoppable(status: DevEnvironment['status']): void {
  if (status === 'STOPPED') throw refusal('6307');
  if (status === 'STOPPING') throw refusal('6308');
  if (status !== 'RUNNING') throw refusal('6357');
}
