import type { ActionStep, DataVolume, NotebookEndpoint, NotebookUser, Volume } from '../../modelarts/notebook-parts.ts';
import { builder } from '../core/builder.ts';
import { NamedRefType } from '../session/token.ts';
import {
  ActionStepStatusEnum,
  EndpointServiceEnum,
  VolumeCategoryEnum,
  VolumeOwnershipEnum,
  VolumeStatusEnum,
} from './enums.ts';

export const VolumeType = builder.objectRef<Volume>('Volume').implement({
  description: 'Storage of a notebook: what lies under its mount path survives a stop, nothing else does.',
  fields: (t) => ({
    capacityGiB: t.exposeInt('capacityGib', { nullable: true, description: 'Size in GiB.' }),
    category: t.expose('category', { type: VolumeCategoryEnum, nullable: true, description: 'Kind of storage.' }),
    categoryRaw: t.exposeString('categoryRaw', { nullable: true, description: '`category` as ModelArts wrote it.' }),
    mountPath: t.exposeString('mountPath', {
      nullable: true,
      description: 'Where it is in the notebook, for example `/home/ma-user/work/`.',
    }),
    ownership: t.expose('ownership', { type: VolumeOwnershipEnum, nullable: true, description: 'Who runs it.' }),
    ownershipRaw: t.exposeString('ownershipRaw', { nullable: true, description: '`ownership` as ModelArts wrote it.' }),
    readOnly: t.exposeBoolean('isReadOnly', { nullable: true, description: 'Whether it cannot be written to.' }),
    status: t.expose('status', { type: VolumeStatusEnum, nullable: true, description: 'State; EVS only.' }),
    statusRaw: t.exposeString('statusRaw', { nullable: true, description: '`status` as ModelArts wrote it.' }),
    uri: t.exposeString('uri', { nullable: true, description: 'Path of the EFS share, for storage of your own.' }),
    fileSystemId: t.exposeString('id', {
      nullable: true,
      description: 'Id of the EFS file system, for storage of your own.',
    }),
    mountType: t.exposeString('mountType', {
      nullable: true,
      description: 'How it is mounted, as ModelArts writes it.',
    }),
  }),
});

export const DataVolumeType = builder.objectRef<DataVolume>('DataVolume').implement({
  description: 'An extra volume of a notebook.',
  fields: (t) => ({
    category: t.expose('category', { type: VolumeCategoryEnum, nullable: true, description: 'Kind of storage.' }),
    categoryRaw: t.exposeString('categoryRaw', { nullable: true, description: '`category` as ModelArts wrote it.' }),
    mountPath: t.exposeString('mountPath', { nullable: true, description: 'Where it is in the notebook.' }),
    uri: t.exposeString('uri', { nullable: true, description: 'Where it comes from.' }),
    statusRaw: t.exposeString('statusRaw', { nullable: true, description: 'State, as ModelArts writes it.' }),
    mountType: t.exposeString('mountType', {
      nullable: true,
      description: 'STATIC or DYNAMIC, as ModelArts writes it.',
    }),
  }),
});

export const EndpointType = builder.objectRef<NotebookEndpoint>('NotebookEndpoint').implement({
  description: 'A way into a running notebook.',
  fields: (t) => ({
    service: t.expose('service', { type: EndpointServiceEnum, nullable: true, description: 'How it is entered.' }),
    serviceRaw: t.exposeString('serviceRaw', { nullable: true, description: '`service` as ModelArts wrote it.' }),
    uri: t.exposeString('uri', { nullable: true, description: 'Address: an https URL, or an SSH address with port.' }),
    allowedAccessIps: t.exposeStringList('allowedAccessIps', {
      description: 'Public IP addresses SSH is open to; empty means all.',
    }),
    keyPairNames: t.exposeStringList('keyPairNames', { description: 'Key pairs that can log in over SSH.' }),
  }),
});

export const ActionStepType = builder.objectRef<ActionStep>('ActionStep').implement({
  description: 'One step of a start-up: 1 storage, 2 compute, 3 network, 4 initialisation.',
  fields: (t) => ({
    step: t.exposeInt('step', { description: 'Place in the order of steps, from 1.' }),
    status: t.expose('status', { type: ActionStepStatusEnum, nullable: true, description: 'State of the step.' }),
    statusRaw: t.exposeString('statusRaw', { nullable: true, description: '`status` as ModelArts wrote it.' }),
    description: t.exposeString('description', { nullable: true, description: 'What is done in it, in English.' }),
  }),
});

export const NotebookUserType = builder.objectRef<NotebookUser>('NotebookUser').implement({
  description: 'The owner of a notebook.',
  fields: (t) => ({
    id: t.exposeString('id', { nullable: true, description: "IAM's id of the user." }),
    name: t.exposeString('name', { nullable: true, description: 'Name of the user.' }),
    domain: t.expose('domain', { type: NamedRefType, nullable: true, description: 'The account of the user.' }),
  }),
});
