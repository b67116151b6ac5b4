import type { Decoder } from './wire/operation.ts';
import { type Entry, entries, enumeration, flag, instant, integer32, list, object, text, texts } from './wire/read.ts';

/** Reader of an enum the wire writes in camel case: `soldOut` is SOLD_OUT. */
export function camelEnumeration<const V extends readonly string[]>(kind: string, values: V) {
  const plain = enumeration(kind, values);
  const bare = (name: string): string => name.replaceAll('_', '').toUpperCase();
  const known = new Map(values.map((value) => [bare(value), value]));
  const read: typeof plain.read = (value, drift) => plain.read(known.get(bare(text(value) ?? '')) ?? value, drift);
  return { kind, values, read };
}

export const devStorageTypes = enumeration('DevStorage.type', ['OBS', 'EVS', 'EFS', 'OBSFS']);
export const devFlavorStatuses = camelEnumeration('DevFlavorDetails.status', ['ON_SALE', 'SOLD_OUT']);
export const devPromoTypes = camelEnumeration('DevFlavorDetails.promo_type', ['FREE', 'NO_DISCOUNT']);
export const devQueuingStatuses = enumeration('DevQueuing.status', ['CREATE_QUEUING', 'START_QUEUING']);

export type DevStorageType = (typeof devStorageTypes.values)[number] | 'UNKNOWN';
export type DevFlavorStatus = (typeof devFlavorStatuses.values)[number] | 'UNKNOWN';
export type DevPromoType = (typeof devPromoTypes.values)[number] | 'UNKNOWN';
export type DevQueuingStatus = (typeof devQueuingStatuses.values)[number] | 'UNKNOWN';

/** How a development environment is deployed: the Docker image and its engine. */
export type DevProvision = {
  /** `Docker` */
  readonly type: string | null;
  /** in list answers only */
  readonly annotations: readonly Entry[] | null;
  readonly spec: DevProvisionSpec | null;
};

export type DevProvisionSpec = {
  /** `CCE` */
  readonly engine: string | null;
  readonly params: DevProvisionParams | null;
};

export type DevProvisionParams = {
  /** SWR organization */
  readonly namespace: string | null;
  readonly imageName: string | null;
  readonly imageTag: string | null;
  readonly annotations: readonly Entry[] | null;
};

const decodeProvision: Decoder<DevProvision> = (body) => {
  const wire = object(body);
  if (wire === null) return null;
  const spec = object(wire.spec);
  const params = object(spec?.params);
  return {
    type: text(wire.type),
    annotations: entries(wire.annotations),
    spec: spec && {
      engine: text(spec.engine),
      params: params && {
        namespace: text(params.namespace),
        imageName: text(params.image_name),
        imageTag: text(params.image_tag),
        annotations: entries(params.annotations),
      },
    },
  };
};

/** The work environment an instance was created from. Its id holds spaces and parentheses; there is no call to list them. */
export type DevProfile = {
  readonly id: string | null;
  readonly name: string | null;
  readonly description: string | null;
  /** `Notebook` */
  readonly deType: string | null;
  /** `CPU` or `GPU` */
  readonly flavorType: string | null;
  readonly provision: DevProvision | null;
  readonly labels: readonly Entry[] | null;
};

export const decodeDevProfile: Decoder<DevProfile> = (body, drift) => {
  const wire = object(body);
  return (
    wire && {
      id: text(wire.id),
      name: text(wire.name),
      description: text(wire.description),
      deType: text(wire.de_type),
      flavorType: text(wire.flavor_type),
      provision: decodeProvision(wire.provision, drift),
      labels: entries(wire.labels),
    }
  );
};

/** A flavor as the development environment API describes it; the notebook API knows more of the same flavor. */
export type DevFlavorDetails = {
  readonly name: string | null;
  readonly status: DevFlavorStatus | null;
  readonly statusRaw: string | null;
  /** `CPU` or `GPU` */
  readonly type: string | null;
  /** free dictionary, for example `CPU`, `GPU`, `gpu_type`, `memory` (with unit: `64GiB`) */
  readonly params: readonly Entry[] | null;
  readonly storageList: readonly DevStorageType[];
  readonly storageListRaw: readonly string[];
  readonly isPermitted: boolean | null;
  readonly promoType: DevPromoType | null;
  readonly promoTypeRaw: string | null;
  /** set when the flavor is FREE and SOLD_OUT, as is `queueLeftSeconds` */
  readonly queuingCount: number | null;
  readonly queueLeftSeconds: number | null;
  readonly instanceCount: number | null;
  /** auto stop after a start */
  readonly durationSeconds: number | null;
  /** how long an inactive instance is kept; -1: for ever */
  readonly storeHours: number | null;
  /** null: billed under the flavor's own name */
  readonly billingFlavor: string | null;
  /** billing ratio, with `billingFlavor` */
  readonly billingParams: number | null;
};

export const decodeDevFlavorDetails: Decoder<DevFlavorDetails> = (body, drift) => {
  const wire = object(body);
  return (
    wire && {
      name: text(wire.name),
      status: devFlavorStatuses.read(wire.status, drift),
      statusRaw: text(wire.status),
      type: text(wire.type),
      params: entries(wire.params),
      storageList: list(wire.storage_list, (item) => devStorageTypes.read(item, drift)),
      storageListRaw: texts(wire.storage_list),
      isPermitted: flag(wire.is_permitted),
      promoType: devPromoTypes.read(wire.promo_type, drift),
      promoTypeRaw: text(wire.promo_type),
      queuingCount: integer32(wire.queuing_num),
      queueLeftSeconds: integer32(wire.queue_left_time),
      instanceCount: integer32(wire.instance_num),
      durationSeconds: integer32(wire.duration),
      storeHours: integer32(wire.store_time),
      billingFlavor: text(wire.billing_flavor),
      billingParams: integer32(wire.billing_params),
    }
  );
};

/** A resource pool. */
export type DevPool = {
  readonly id: string | null;
  readonly name: string | null;
  /** `USER_DEFINED`: a dedicated pool, which has an owner */
  readonly type: string | null;
  readonly ownerProjectId: string | null;
};

export const decodeDevPool: Decoder<DevPool> = (body) => {
  const wire = object(body);
  return (
    wire && {
      id: text(wire.id),
      name: text(wire.name),
      type: text(wire.type),
      ownerProjectId: text(object(wire.owner)?.project_id),
    }
  );
};

/** Place of an instance in the queue for a free flavor. Times are Unix ms. */
export type DevQueuing = {
  readonly id: string | null;
  readonly name: string | null;
  readonly deType: string | null;
  readonly flavorId: string | null;
  readonly flavorDetails: DevFlavorDetails | null;
  readonly status: DevQueuingStatus | null;
  readonly statusRaw: string | null;
  readonly beginAtMs: number | null;
  readonly endAtMs: number | null;
  readonly remainSeconds: number | null;
  readonly rank: number | null;
};

export const decodeDevQueuing: Decoder<DevQueuing> = (body, drift) => {
  const wire = object(body);
  return (
    wire && {
      id: text(wire.id),
      name: text(wire.name),
      deType: text(wire.de_type),
      flavorId: text(wire.flavor),
      flavorDetails: decodeDevFlavorDetails(wire.flavor_details, drift),
      status: devQueuingStatuses.read(wire.status, drift),
      statusRaw: text(wire.status),
      beginAtMs: instant(wire.begin_timestamp),
      endAtMs: instant(wire.end_timestamp),
      remainSeconds: integer32(wire.remain_time),
      rank: integer32(wire.rank),
    }
  );
};
