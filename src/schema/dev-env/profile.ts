import type {
  DevProfile,
  DevProvision,
  DevProvisionParams,
  DevProvisionSpec,
} from '../../modelarts/dev-environment-parts.ts';
import { builder } from '../core/builder.ts';
import { MapEntryType } from '../core/map-entry.ts';

const DevEnvProvisionParamsType = builder.objectRef<DevProvisionParams>('DevEnvProvisionParams').implement({
  description: 'The container image a development environment runs.',
  fields: (t) => ({
    namespace: t.exposeString('namespace', {
      nullable: true,
      description: 'Organisation in the container registry (SWR); unique in the whole registry.',
    }),
    imageName: t.exposeString('imageName', { nullable: true, description: 'Name of the image in the registry.' }),
    imageTag: t.exposeString('imageTag', { nullable: true, description: 'Version of the image in the registry.' }),
    annotations: t.field({
      type: [MapEntryType],
      description: 'Labels of the image; usually none.',
      resolve: (params) => [...(params.annotations ?? [])],
    }),
  }),
});

const DevEnvProvisionSpecType = builder.objectRef<DevProvisionSpec>('DevEnvProvisionSpec').implement({
  description: 'What runs a development environment, and from which image.',
  fields: (t) => ({
    engine: t.exposeString('engine', { nullable: true, description: 'What runs it: `CCE`, the container engine.' }),
    params: t.expose('params', { type: DevEnvProvisionParamsType, nullable: true, description: 'The image it runs.' }),
  }),
});

const DevEnvProvisionType = builder.objectRef<DevProvision>('DevEnvProvision').implement({
  description: 'How a development environment is deployed.',
  fields: (t) => ({
    type: t.exposeString('type', { nullable: true, description: 'Kind of deployment: `Docker`.' }),
    annotations: t.field({
      type: [MapEntryType],
      description: 'Labels of the deployment; ModelArts gives them in lists only.',
      resolve: (provision) => [...(provision.annotations ?? [])],
    }),
    spec: t.expose('spec', { type: DevEnvProvisionSpecType, nullable: true, description: 'Engine and image.' }),
  }),
});

export const DevEnvProfileType = builder.objectRef<DevProfile>('DevEnvProfile').implement({
  description:
    'The work environment (configuration) a development environment is made from: engines, Python version, image. ModelArts has no call to list them.',
  fields: (t) => ({
    profileId: t.exposeString('id', {
      nullable: true,
      description: "ModelArts' own id, with spaces and parentheses: `Multi-Engine 1.0 (python3)-gpu`.",
    }),
    name: t.exposeString('name', { nullable: true, description: 'Name; usually the same text as the id.' }),
    description: t.exposeString('description', { nullable: true, description: 'What is in it.' }),
    deType: t.exposeString('deType', { nullable: true, description: 'Kind of development environment: `Notebook`.' }),
    flavorType: t.exposeString('flavorType', {
      nullable: true,
      description: 'Hardware it is made for: `CPU` or `GPU`.',
    }),
    provision: t.expose('provision', { type: DevEnvProvisionType, nullable: true, description: 'How it is deployed.' }),
    labels: t.field({
      type: [MapEntryType],
      description: 'Labels of the work environment; usually none.',
      resolve: (profile) => [...(profile.labels ?? [])],
    }),
  }),
});
