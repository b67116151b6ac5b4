import {
  choice,
  integerField,
  objectField,
  objectsField,
  type ProjectCall,
  stringField,
  stringsField,
} from '../call.ts';
import { missing, refusal, refusalSaying, wrongValue } from '../errors.ts';
import { visibleImage } from '../image/images.ts';
import type { ImageBody } from '../image/record.ts';
import type { JsonObject } from '../json.ts';
import { type Flavor, findFlavor } from './flavors.ts';
import type { EndpointSettings, Notebook, Volume } from './record.ts';

/** The rules that createNotebook and updateNotebook share: each reads a part of the body or throws the documented code. */

export function checkName(name: string, maxLength: number): string {
  if (name.length > maxLength) throw wrongValue('name');
  const forbidden = /[^A-Za-z0-9_-]/u.exec(name)?.[0];
  if (forbidden !== undefined) throw refusal('6334', forbidden);
  return name;
}

/** @param forbidden characters; create also forbids the apostrophe, update does not */
export function checkDescription(description: string, forbidden: string): string {
  if (description.length > 512) throw wrongValue('description');
  const found = [...description].find((character) => forbidden.includes(character));
  if (found !== undefined) throw refusal('6334', found);
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
  if (image === undefined || image.status !== 'ACTIVE') throw refusal('6797', id);
  if (flavor !== undefined) {
    const categories = image.resource_categories;
    const fits = !Array.isArray(categories) || categories.includes(flavor.category);
    if (!fits || (image.arch !== undefined && image.arch !== flavor.arch)) {
      throw refusalSaying('6870', `Specified flavor ${flavor.id} does not support image ${image.id}.`);
    }
  }
  const services = Array.isArray(image.dev_services) ? image.dev_services : [];
  const isSshOnly = services.length > 0 && services.every((service) => service === 'SSH');
  const hasSsh = endpoints.some((endpoint) => endpoint.service === 'SSH' && endpoint.keyPairNames.length > 0);
  if (isSshOnly && !hasSsh) throw refusal('6768', id);
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
    if (allowedAccessIps.length > 5) throw wrongValue('allowed_access_ips');
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
  if (volume === undefined) throw missing('volume');
  const asked = choice(stringField(volume, 'category'), 'category', ['EFS', 'EVS', 'SFS']);
  const ownership = choice(stringField(volume, 'ownership'), 'ownership', ['MANAGED', 'DEDICATED']);
  if (asked === undefined) throw missing('category');
  if (ownership === undefined) throw missing('ownership');
  const category = asked === 'EVS' ? 'EVS' : 'EFS';
  if (!flavor.storages.includes(category)) throw wrongValue('category');
  const capacityGiB = integerField(volume, 'capacity') ?? (category === 'EVS' ? 5 : 50);
  if (capacityGiB < 5 || capacityGiB > 4096) throw refusal('6331', 5, 4096);
  if (ownership === 'MANAGED') return { category, ownership, capacityGiB };
  const [uri, id] = [stringField(volume, 'uri'), stringField(volume, 'id')];
  if (category === 'EVS') throw wrongValue('ownership');
  if (!uri || !id) throw missing(uri ? 'id' : 'uri');
  return { category, ownership, capacityGiB, uri, id };
}
