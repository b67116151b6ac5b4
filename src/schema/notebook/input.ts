import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import { NotebookFeatureEnum } from '../flavor/flavor.ts';
import { LeaseTypeEnum } from '../lease/lease.ts';
import { EndpointServiceEnum, VolumeCategoryEnum, VolumeOwnershipEnum } from './enums.ts';

const HookTypeEnum = requestEnum('HookType', {
  description: 'What a hook is.',
  values: { COMMAND: 'A script itself.', SCRIPT: 'The absolute path of a script in the container.' },
});

const VolumeInput = builder.inputType('VolumeInput', {
  description: 'Storage to give a notebook.',
  fields: (t) => ({
    category: t.field({ type: VolumeCategoryEnum, required: true, description: 'Kind of storage.' }),
    ownership: t.field({ type: VolumeOwnershipEnum, defaultValue: 'MANAGED', description: 'Who runs it.' }),
    capacityGiB: t.int({ description: 'Size in GiB, 5 to 4096; by default 5 for EVS, 50 for EFS.' }),
    uri: t.string({ description: 'Path of the EFS share; needed for EFS of your own.' }),
    fileSystemId: t.string({ description: 'Id of the EFS file system; needed for EFS of your own.' }),
  }),
});

export const EndpointInput = builder.inputType('NotebookEndpointInput', {
  description: 'A way in to open.',
  fields: (t) => ({
    service: t.field({ type: EndpointServiceEnum, required: true, description: 'How it is entered.' }),
    keyPairNames: t.stringList({ description: 'Key pairs that can log in; needed for SSH.' }),
    allowedAccessIps: t.stringList({ description: 'Up to 5 public IP addresses SSH is open to; all when left out.' }),
  }),
});

export const LeaseInput = builder.inputType('LeaseInput', {
  description: 'Auto-stop to give a notebook.',
  fields: (t) => ({
    enabled: t.boolean({
      description:
        'false: the notebook never stops by itself. ModelArts does not document this; other clients use it. true when left out.',
    }),
    durationSeconds: t.int({ description: 'Seconds until it stops, counted from now: 3600 (the default) to 86400.' }),
    type: t.field({ type: LeaseTypeEnum, description: 'What ends the lease; TIMING when left out.' }),
  }),
});

const HookInput = builder.inputType('HookInput', {
  description: 'A script the container runs.',
  fields: (t) => ({
    type: t.field({ type: HookTypeEnum, description: 'What `script` is; SCRIPT when left out.' }),
    script: t.string({ required: true, description: 'Base64 of the script for COMMAND, an absolute path for SCRIPT.' }),
  }),
});

const HooksInput = builder.inputType('NotebookHooksInput', {
  description: 'Scripts the container runs by itself.',
  fields: (t) => ({
    preStart: t.field({ type: HookInput, description: 'Before the notebook starts.' }),
    postStart: t.field({ type: HookInput, description: 'After the notebook has started.' }),
  }),
});

export const CreateNotebookInput = builder.inputType('CreateNotebookInput', {
  description: 'The notebook to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: '1 to 128 letters, digits, hyphens, underscores. Names may repeat.',
    }),
    description: t.string({ description: 'Up to 512 characters, none of `&<>"\'/`.' }),
    flavorId: t.id({
      required: true,
      description: "Global id of a flavor, or ModelArts' own id, for example `modelarts.vm.cpu.2u`.",
    }),
    imageId: t.id({
      required: true,
      description: "Global id of an image, or ModelArts' own id (UUID). It must be ACTIVE and fit the flavor.",
    }),
    volume: t.field({ type: VolumeInput, required: true, description: 'Its storage.' }),
    feature: t.field({ type: NotebookFeatureEnum, description: 'Kind of instance; NOTEBOOK when left out.' }),
    workspaceId: t.string({ description: 'Workspace; `0`, the default one, when left out.' }),
    poolId: t.string({ description: 'Dedicated resource pool to run in.' }),
    endpoints: t.field({ type: [EndpointInput], description: 'Ways in to open besides JupyterLab; needed for SSH.' }),
    lease: t.field({ type: LeaseInput, description: 'Auto-stop; one hour when left out.' }),
    hooks: t.field({ type: HooksInput, description: 'Scripts the container runs by itself.' }),
  }),
});

export const UpdateNotebookInput = builder.inputType('UpdateNotebookInput', {
  description: 'What to change of a notebook; what is left out stays. ModelArts takes some changes in one status only.',
  fields: (t) => ({
    id: t.id({ required: true, description: "Global id of the notebook, or ModelArts' own id (UUID)." }),
    name: t.string({ description: '1 to 128 letters, digits, hyphens, underscores. While STOPPED or RUNNING.' }),
    description: t.string({
      description: 'Up to 512 characters, none of `&<>"/`; empty takes it away. While STOPPED or RUNNING.',
    }),
    flavorId: t.id({ description: 'Another flavor: one of `switchableFlavors`. While STOPPED.' }),
    imageId: t.id({ description: 'Another image. While STOPPED.' }),
    volumeCapacityGiB: t.int({
      description: 'New total size of an EVS volume in GiB, 5 to 4096; it can only grow. While RUNNING.',
    }),
    endpoints: t.field({
      type: [EndpointInput],
      description: 'All ways in, in place of those there are. While STOPPED.',
    }),
    hooks: t.field({ type: HooksInput, description: 'Scripts the container runs by itself. While STOPPED.' }),
  }),
});
