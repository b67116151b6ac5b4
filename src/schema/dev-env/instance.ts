import { type DevEnvInstance, showDevEnvironment } from '../../modelarts/dev-environments.ts';
import { builder } from '../core/builder.ts';
import { FlavorType, flavorCost, flavorOf } from '../flavor/flavor.ts';
import { nodesOf, readEach } from '../loading/loader.ts';
import { selectedFields } from '../loading/selection.ts';
import { NamedRefType } from '../session/token.ts';
import { DevEnvStatusEnum } from './enums.ts';
import { DevEnvFlavorDetailsType } from './flavor-details.ts';
import { DevEnvPoolType, DevEnvQueuingInfoType } from './placement.ts';
import { DevEnvProfileType } from './profile.ts';
import { DevEnvRepositoryType } from './repository.ts';
import { DevEnvSpecType } from './spec.ts';

export const devEnvInstanceLoader = readEach((id, { session, projectId }) =>
  showDevEnvironment(session, projectId, id),
);

export const DevEnvInstanceType = builder.nodeRef<DevEnvInstance>('DevEnvInstance', {
  id: { resolve: (instance) => instance.id, description: 'Global id.' },
  loadManyWithoutCache: nodesOf(devEnvInstanceLoader),
});

builder.objectType(DevEnvInstanceType, {
  description:
    'A development environment of the historical API, the predecessor of notebooks. REST: ShowDevEnvironment, ListDevEnvironments.',
  fields: (t) => ({
    devEnvInstanceId: t.exposeString('id', {
      description: "ModelArts' own id, for example `DE-7d558ef8-c73d-11ea-964c-0255ac100033`.",
    }),
    name: t.exposeString('name', { description: 'Name; no two instances share one.' }),
    description: t.exposeString('description', { nullable: true, description: 'Free text.' }),
    status: t.expose('status', { type: DevEnvStatusEnum, description: 'State.' }),
    statusRaw: t.exposeString('statusRaw', { description: '`status` as ModelArts wrote it.' }),
    errorCode: t.exposeString('errorCode', {
      nullable: true,
      description: 'What the instance itself failed with, for example `ModelArts.6200`; the request for it succeeded.',
    }),
    createdAt: t.expose('createdAtMs', { type: 'DateTime', nullable: true, description: 'When it was created.' }),
    updatedAt: t.expose('updatedAtMs', { type: 'DateTime', nullable: true, description: 'When it was last changed.' }),
    flavor: t.field({
      type: FlavorType,
      nullable: true,
      description:
        'Size of machine, as the notebook API knows it. More than its id costs one list of flavors, however many instances there are; a legacy flavor not in that list has its id only. REST: ListFlavors.',
      extensions: { cost: flavorCost },
      resolve: (instance, _args, context, info) => flavorOf(instance.flavorId, selectedFields(info), context),
    }),
    flavorDetails: t.expose('flavorDetails', {
      type: DevEnvFlavorDetailsType,
      nullable: true,
      description: 'The flavor as the API of development environments describes it; costs no call.',
    }),
    profile: t.expose('profile', {
      type: DevEnvProfileType,
      nullable: true,
      description: 'Work environment it was made from.',
    }),
    pool: t.expose('pool', {
      type: DevEnvPoolType,
      nullable: true,
      description: 'Resource pool it runs in; null for the public one.',
    }),
    spec: t.expose('spec', {
      type: DevEnvSpecType,
      nullable: true,
      description: 'Storage, auto stop and the rest of what it was asked to be, and what came of it.',
    }),
    workspaceId: t.exposeString('workspaceId', { nullable: true, description: 'Workspace; `0` is the default one.' }),
    aiProjectId: t.exposeString('aiProjectId', { nullable: true, description: 'AI project; reserved by ModelArts.' }),
    queuingInfo: t.expose('queuing', {
      type: DevEnvQueuingInfoType,
      nullable: true,
      description: 'Its place in the queue for a free flavor; null when it does not queue.',
    }),
    user: t.expose('user', { type: NamedRefType, nullable: true, description: 'The owner.' }),
    repository: t.expose('repository', {
      type: DevEnvRepositoryType,
      nullable: true,
      description: 'Its Git repository, when it has one; `spec.repository` may hold the same.',
    }),
  }),
});
