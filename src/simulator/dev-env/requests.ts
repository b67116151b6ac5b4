import { booleanField, integerField, objectField, objectsField, stringField } from '../call.ts';
import { refusal, wrongValue } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { present } from '../paging.ts';
import { type DevFlavor, findDevFlavor, findProfile } from './catalog.ts';
import type { AutoStop } from './record.ts';

/** @throws Refusal ModelArts.6323 unknown, 6329 sold out and not free, 6336 unknown profile, 6330 the two do not fit */
export function readFlavorAndProfile(flavorId: string, profileId: string): DevFlavor {
  const profile = findProfile(profileId);
  if (profile === undefined) throw wrongValue('profile_id');
  const flavor = findDevFlavor(flavorId);
  if (flavor === undefined) throw refusal('6323');
  if (flavor.isSoldOut && !flavor.isFree) throw refusal('6329');
  if (flavor.type !== profile.flavorType) throw refusal('6330');
  return flavor;
}

/** The storage as it will be answered: OBS keeps its path, EVS gets the fixed one and a size in GB. */
export function readStorage(spec: JsonObject): JsonObject {
  const storage = objectField(spec, 'storage');
  if (storage === undefined) throw refusal('6316');
  const type = stringField(storage, 'type');
  const location = objectField(storage, 'location') ?? {};
  const path = stringField(location, 'path');
  if (type === 'obs') return { location: { path: checkObsPath(path) }, type };
  if (type !== 'evs') throw refusal('6324');
  if (path !== undefined) checkPath(path);
  const volumeSize = integerField(location, 'volume_size') ?? 5;
  if (volumeSize < 5 || volumeSize > 4096) throw refusal('6331', 5, 4096);
  return { location: { path: '/home/ma-user/work', volume_size: volumeSize }, type };
}

/** @param hasPool the instance is to run in a resource pool of its own */
export function readExtendStorage(spec: JsonObject, hasPool: boolean): JsonObject[] | null {
  const extended = objectsField(spec, 'extend_storage');
  if (extended === undefined) return null;
  // "available only for certain dedicated resource pools" (modelarts_03_0110, table 3)
  if (extended.length > 0 && !hasPool) throw refusal('6324');
  return extended.map((storage) => {
    if (stringField(storage, 'type') !== 'obsfs') throw refusal('6324');
    const location = objectField(storage, 'location');
    const path = location && stringField(location, 'path');
    if (path !== undefined) checkPath(path);
    return present({ type: 'obsfs', location });
  });
}

/** A directory of a bucket, `/bucket/directory/`; the bucket itself is not enough. */
function checkObsPath(path: string | undefined): string {
  if (!path) throw refusal('6317');
  if (!path.endsWith('/')) throw refusal('6318');
  const [bucket = '', ...directories] = path.split('/').filter((segment) => segment !== '');
  if (directories.length === 0) throw refusal('6358');
  checkPath(path);
  if (!/^[A-Za-z0-9._-]+$/.test(bucket)) throw wrongValue('path');
  return path;
}

/** As the contract has it for any storage: a name first, after a slash or without, and a slash at the end. */
function checkPath(path: string): void {
  if (!path.endsWith('/')) throw refusal('6318');
  if (!/^\/?[^/]/.test(path) || /[\n\r\u2028\u2029]/.test(path)) {
    throw wrongValue('path');
  }
}

/** Missing keys come from `current`. Durations are in seconds. */
export function readAutoStop(spec: JsonObject, current: AutoStop): AutoStop {
  const request = objectField(spec, 'auto_stop');
  if (request === undefined) return current;
  const autoStop: AutoStop = {
    enable: booleanField(request, 'enable') ?? current.enable,
    durationSeconds: integerField(request, 'duration') ?? current.durationSeconds,
    prompt: booleanField(request, 'prompt') ?? current.prompt,
  };
  const { enable, durationSeconds } = autoStop;
  if (enable && durationSeconds === undefined) throw refusal('6348');
  if (durationSeconds !== undefined && (durationSeconds < 3600 || durationSeconds > 86_400))
    throw refusal('6349', 3600, 86_400);
  return autoStop;
}

export function readDescription(body: JsonObject): string | undefined {
  const description = stringField(body, 'description');
  if (description === undefined) return undefined;
  if (description.length > 512) throw wrongValue('description');
  const forbidden = /[&<>"'/]/.exec(description)?.[0];
  if (forbidden !== undefined) throw refusal('6334', forbidden);
  return description;
}
