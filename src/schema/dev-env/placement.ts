import type { DevPool, DevQueuing } from '../../modelarts/dev-environment-parts.ts';
import { builder } from '../core/builder.ts';
import { FlavorType, flavorCost, flavorOf } from '../flavor/flavor.ts';
import { selectedFields } from '../loading/selection.ts';
import { DevEnvQueuingStatusEnum } from './enums.ts';
import { DevEnvFlavorDetailsType } from './flavor-details.ts';

export const DevEnvPoolType = builder.objectRef<DevPool>('DevEnvPool').implement({
  description: 'The resource pool a development environment runs in.',
  fields: (t) => ({
    id: t.exposeString('id', { nullable: true, description: "ModelArts' own id of the pool." }),
    name: t.exposeString('name', { nullable: true, description: 'Name of the pool.' }),
    type: t.exposeString('type', { nullable: true, description: 'Kind of pool; `USER_DEFINED` is a dedicated one.' }),
    ownerProjectId: t.exposeString('ownerProjectId', {
      nullable: true,
      description: 'Project a dedicated pool belongs to.',
    }),
  }),
});

export const DevEnvQueuingInfoType = builder.objectRef<DevQueuing>('DevEnvQueuingInfo').implement({
  description: 'Place of a development environment in the queue for a free flavor.',
  fields: (t) => ({
    devEnvInstanceId: t.exposeString('id', {
      nullable: true,
      description: "ModelArts' own id of the instance that waits.",
    }),
    name: t.exposeString('name', { nullable: true, description: 'Name of the instance that waits.' }),
    deType: t.exposeString('deType', { nullable: true, description: 'Kind of development environment: `Notebook`.' }),
    flavor: t.field({
      type: FlavorType,
      nullable: true,
      description: 'Flavor it waits for. More than its id costs one list of flavors. REST: ListFlavors.',
      extensions: { cost: flavorCost },
      resolve: (queuing, _args, context, info) => flavorOf(queuing.flavorId, selectedFields(info), context),
    }),
    flavorDetails: t.expose('flavorDetails', {
      type: DevEnvFlavorDetailsType,
      nullable: true,
      description: 'The flavor as the API of development environments describes it.',
    }),
    status: t.expose('status', { type: DevEnvQueuingStatusEnum, nullable: true, description: 'What it waits for.' }),
    statusRaw: t.exposeString('statusRaw', { nullable: true, description: '`status` as ModelArts wrote it.' }),
    beginAt: t.expose('beginAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When it began to wait (`begin_timestamp`).',
    }),
    endAt: t.expose('endAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When its waiting ends or ended (`end_timestamp`).',
    }),
    remainingSeconds: t.exposeInt('remainSeconds', {
      nullable: true,
      description: 'Seconds it still has to wait (`remain_time`).',
    }),
    rank: t.exposeInt('rank', { nullable: true, description: 'Its place in the queue.' }),
  }),
});
