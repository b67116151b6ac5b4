import type { DevFlavorDetails } from '../../modelarts/dev-environment-parts.ts';
import { builder } from '../core/builder.ts';
import { MapEntryType } from '../core/map-entry.ts';
import { DevEnvFlavorStatusEnum, DevEnvPromoTypeEnum, DevEnvStorageTypeEnum } from './enums.ts';

export const DevEnvFlavorDetailsType = builder.objectRef<DevFlavorDetails>('DevEnvFlavorDetails').implement({
  description:
    'A flavor as the API of development environments describes it (`flavor_details`). `Flavor` is what the notebook API knows of it.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true, description: 'Name of the flavor, which is its id.' }),
    status: t.expose('status', { type: DevEnvFlavorStatusEnum, nullable: true, description: 'Whether it can be had.' }),
    statusRaw: t.exposeString('statusRaw', { nullable: true, description: '`status` as ModelArts wrote it.' }),
    type: t.exposeString('type', { nullable: true, description: 'Kind of processor: `CPU` or `GPU`.' }),
    params: t.field({
      type: [MapEntryType],
      description: 'What the machine has, for example `CPU`: `8`, `GPU`: `1`, `gpu_type`, `memory`: `64GiB`.',
      resolve: (flavor) => [...(flavor.params ?? [])],
    }),
    storageTypes: t.field({
      type: [DevEnvStorageTypeEnum],
      description: 'Kinds of storage it can have (`storage_list`); empty when ModelArts does not say.',
      resolve: (flavor) => [...flavor.storageList],
    }),
    storageTypesRaw: t.stringList({
      description: '`storageTypes` as ModelArts wrote them.',
      resolve: (flavor) => [...flavor.storageListRaw],
    }),
    permitted: t.exposeBoolean('isPermitted', { nullable: true, description: 'Whether the caller may use it.' }),
    promoType: t.expose('promoType', {
      type: DevEnvPromoTypeEnum,
      nullable: true,
      description: 'Promotion it is part of.',
    }),
    promoTypeRaw: t.exposeString('promoTypeRaw', { nullable: true, description: '`promoType` as ModelArts wrote it.' }),
    queuingCount: t.exposeInt('queuingCount', {
      nullable: true,
      description: 'Number of instances waiting for it (`queuing_num`); for FREE flavors that are SOLD_OUT.',
    }),
    queueRemainingSeconds: t.exposeInt('queueLeftSeconds', {
      nullable: true,
      description: 'Seconds the queue still takes (`queue_left_time`); for FREE flavors that are SOLD_OUT.',
    }),
    instanceCount: t.exposeInt('instanceCount', {
      nullable: true,
      description: 'Number of instances of this flavor the caller has (`instance_num`).',
    }),
    durationSeconds: t.exposeInt('durationSeconds', {
      nullable: true,
      description: 'Seconds from a start until an instance of this flavor is stopped.',
    }),
    storeHours: t.exposeInt('storeHours', {
      nullable: true,
      description: 'Hours an inactive instance of this flavor is kept (`store_time`); -1: for ever.',
    }),
    billingFlavor: t.exposeString('billingFlavor', {
      nullable: true,
      description: 'Flavor its use is billed as; null: under its own name.',
    }),
    billingRatio: t.exposeInt('billingParams', {
      nullable: true,
      description: 'Ratio at which it is billed as `billingFlavor` (`billing_params`).',
    }),
  }),
});
