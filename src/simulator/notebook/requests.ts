import {
  choice,
  integerField,
  objectField,
  objectsField,
  type ProjectCall,
  stringField,
  stringsField,
} from '../call.ts';
import { invalidParameter, refusal } from '../errors.ts';
import { visibleImage } from '../image/images.ts';
import type { ImageBody } from '../image/record.ts';
import type { JsonObject } from '../json.ts';
import { type Flavor, findFlavor } from './flavors.ts';
import type { EndpointSettings, Notebook, Volume } from './record.ts';

/** The rules that createNotebook and updateNotebook share: each reads a part of the body or throws the documented code. */

export function checkName(name: string, maxLength: number): string {
  if (name.length > maxLength) throw invalidParameter('name', `at most ${maxLength} characters are expected`);
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw refusal('6334');
  return name;
}

/** @param forbidden characters; create also forbids the apostrophe, update does not */
export function checkDescription(description: string, forbidden: string): string {
  if (description.length > 512) throw invalidParameter('description', 'at most 512 characters are expected');
  if ([...description].some((character) => forbidden.includes(character))) throw refusal('6334');
  return description;
}

export function usableFlavor(id: string): Flavor {
  const flavor = findFlavor(id);
  if (flavor === undefined) throw refusal('6323');
  if (flavor.sold_out) throw refusal('6329');
  return flavor;
}

/** @throws Refusal ModelArts.6797 unless ACTIVE and visible, ModelArts.6870 when it does not fit the flavor, ModelArts.6768 without SSH */
export function usableImage(
  call: ProjectCall,
  id: string,
  { flavor, endpoints }: { flavor: Flavor | undefined; endpoints: readonly EndpointSettings[] },
): ImageBody {
  const image = visibleImage(call, id);
  if (image === undefined || image.status !== 'ACTIVE') throw refusal('6797');
  if (flavor !== undefined) {
    const categories = image.resource_categories;
    const fits = !Array.isArray(categories) || categories.includes(flavor.category);
    if (!fits || (image.arch !== undefined && image.arch !== flavor.arch)) throw refusal('6870');
  }
  const services = Array.isArray(image.dev_services) ? image.dev_services : [];
  const isSshOnly = services.length > 0 && services.every((service) => service === 'SSH');
  const hasSsh = endpoints.some((endpoint) => endpoint.service === 'SSH' && endpoint.keyPairNames.length > 0);
  if (isSshOnly && !hasSsh) throw refusal('6768');
  return image;
}

/** The copy of an image that a notebook carries: at most six keys. */
export const embeddedImage = (image: ImageBody): Notebook['image'] => ({
  description: '',
  id: image.id,
  name: image.name,
  ...(image.swr_path !== undefined && { swr_path: image.swr_path }),
  ...(image.tag !== undefined && { tag: image.tag }),
  type: image.type,
});

export function readEndpoints(body: JsonObject): EndpointSettings[] | undefined {
  return objectsField(body, 'endpoints')?.map((endpoint) => {
    const allowedAccessIps = stringsField(endpoint, 'allowed_access_ips') ?? [];
    if (allowedAccessIps.length > 5) throw invalidParameter('allowed_access_ips', 'at most 5 addresses are expected');
    return {
      service: choice(stringField(endpoint, 'service'), 'service', ['NOTEBOOK', 'SSH']) ?? 'SSH',
      keyPairNames: stringsField(endpoint, 'key_pair_names') ?? [],
      allowedAccessIps,
    };
  });
}

/** EVS starts at 5 GB, EFS at 50; SFS is the documented name of EFS. */
export function readVolume(body: JsonObject, flavor: Flavor): Volume {
  const volume = objectField(body, 'volume');
  if (volume === undefined) throw invalidParameter('volume', 'it is mandatory');
  const asked = choice(stringField(volume, 'category'), 'volume.category', ['EFS', 'EVS', 'SFS']);
  const ownership = choice(stringField(volume, 'ownership'), 'volume.ownership', ['MANAGED', 'DEDICATED']);
  if (asked === undefined) throw invalidParameter('volume.category', 'it is mandatory');
  if (ownership === undefined) throw invalidParameter('volume.ownership', 'it is mandatory');
  const category = asked === 'EVS' ? 'EVS' : 'EFS';
  if (!flavor.storages.includes(category)) throw invalidParameter('volume.category', 'the flavor does not support it');
  const capacityGiB = integerField(volume, 'capacity') ?? (category === 'EVS' ? 5 : 50);
  if (capacityGiB < 5 || capacityGiB > 4096) throw refusal('6331');
  if (ownership === 'MANAGED') return { category, ownership, capacityGiB };
  const [uri, id] = [stringField(volume, 'uri'), stringField(volume, 'id')];
  if (category === 'EVS') throw invalidParameter('volume.ownership', 'DEDICATED is for EFS only');
  if (!uri || !id) throw invalidParameter('volume', 'DEDICATED needs uri and id');
  return { category, ownership, capacityGiB, uri, id };
}
