import { isObject, type Json, type JsonObject, mergePatch } from '../json.ts';
import type { State } from '../state.ts';
import { findDevFlavor, findProfile } from './catalog.ts';
import { isQueuing, rankOf } from './lifecycle.ts';
import type { DevEnvironment } from './record.ts';

/** As createDevEnvironment answers: no explicit nulls. Timestamps are strings of 13 digits, except inside `auto_stop`. */
export const createdInstance = (state: State, instance: DevEnvironment, now: number): Json =>
  mergePatch(bodyOf(state, instance, now), instance.extras);

/** As show and list answer: unset parts of `spec` and `profile` are null. */
export function shownInstance(state: State, instance: DevEnvironment, now: number): Json {
  const body = bodyOf(state, instance, now);
  const nulls = {
    profile: { provision: { annotations: null, spec: { params: { annotations: null } } } },
    spec: { extend_params: null, extend_storage: null, failed_reasons: null, repository: null },
  };
  return mergePatch(mergeKeepingNulls(nulls, body), instance.extras);
}

/** As updateDevEnvironment answers: without `spec`. */
export function updatedInstance(state: State, instance: DevEnvironment, now: number): Json {
  const { spec: _spec, ...rest } = bodyOf(state, instance, now);
  const { spec: _extras, ...extras } = instance.extras;
  return mergePatch(rest, extras);
}

function bodyOf(state: State, instance: DevEnvironment, now: number): JsonObject {
  const { owner } = instance;
  return {
    creation_timestamp: String(instance.creationTimestamp),
    description: instance.description,
    flavor: instance.flavor,
    flavor_details: flavorDetails(state, instance, now),
    id: instance.id,
    latest_update_timestamp: String(instance.latestUpdateTimestamp),
    name: instance.name,
    profile: profileBody(instance.profileId),
    spec: {
      annotations: {
        ...instance.annotations,
        target_domain: 'https://modelarts-notebook-2.example.com',
        url: instance.status === 'RUNNING' ? `/modelarts/notebook/${instance.id}/lab` : '',
      },
      auto_stop: autoStopBody(instance, now),
      storage: instance.storage,
      ...(instance.extendStorage !== null && { extend_storage: instance.extendStorage }),
    },
    status: instance.status,
    user: { id: owner.id, name: owner.user },
    workspace: { id: instance.workspaceId },
    ...(instance.pool !== undefined && { pool: instance.pool }),
    ...(instance.aiProject !== undefined && { ai_project: instance.aiProject }),
    ...(isQueuing(instance) && { queuing_info: queuingInfo(state, instance, now) }),
  };
}

const profileBody = (id: string): JsonObject => {
  const profile = findProfile(id);
  return {
    de_type: 'Notebook',
    description: profile?.description ?? '',
    flavor_type: profile?.flavorType ?? 'CPU',
    id,
    name: id,
    provision: {
      spec: {
        engine: 'CCE',
        params: { image_name: profile?.imageName ?? '', image_tag: profile?.imageTag ?? '', namespace: 'atelier' },
      },
      type: 'Docker',
    },
  };
};

/** Only while running the answer knows when it ends: `stop_timestamp` in epoch ms, `remain_time` in seconds. */
function autoStopBody({ autoStop, stopsAt }: DevEnvironment, now: number): JsonObject {
  return {
    ...(autoStop.durationSeconds !== undefined && { duration: autoStop.durationSeconds }),
    enable: autoStop.enable,
    prompt: autoStop.prompt,
    ...(stopsAt !== null && {
      stop_timestamp: stopsAt,
      remain_time: Math.max(Math.floor((stopsAt - now) / 1000), 0),
    }),
  };
}

function flavorDetails(state: State, instance: DevEnvironment, now: number): JsonObject {
  const details = findDevFlavor(instance.flavor)?.details ?? {};
  if (!isQueuing(instance)) return details;
  return {
    ...details,
    queuing_num: rankOf(state, instance, now),
    queue_left_time: queueSecondsLeft(instance, now),
  };
}

const queueSecondsLeft = ({ endsAt }: DevEnvironment, now: number): number =>
  Math.ceil(Math.max((endsAt ?? now) - now, 0) / 1000);

const queuingInfo = (state: State, instance: DevEnvironment, now: number): JsonObject => ({
  id: instance.id,
  name: instance.name,
  de_type: 'Notebook',
  flavor: instance.flavor,
  flavor_details: flavorDetails(state, instance, now),
  status: instance.status,
  begin_timestamp: instance.statusSince,
  end_timestamp: instance.endsAt ?? instance.statusSince,
  remain_time: queueSecondsLeft(instance, now),
  rank: rankOf(state, instance, now),
});

/** `upper` over `lower`, key by key. Unlike a merge patch, a null below stays where nothing lies over it. */
function mergeKeepingNulls(lower: JsonObject, upper: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...lower, ...upper };
  for (const [key, below] of Object.entries(lower)) {
    const above = upper[key];
    if (isObject(below) && isObject(above)) merged[key] = mergeKeepingNulls(below, above);
  }
  return merged;
}
