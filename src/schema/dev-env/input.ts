import { builder } from '../core/builder.ts';
import { MapEntryInput } from '../core/map-entry.ts';
import { DevEnvStorageTypeEnum } from './enums.ts';

const DevEnvStorageLocationInput = builder.inputType('DevEnvStorageLocationInput', {
  description: 'Where storage of a development environment lies.',
  fields: (t) => ({
    path: t.string({
      description:
        'Needed for OBS: a directory of a bucket, not the bucket itself, ending with a slash: `/bucket/directory/`.',
    }),
    volumeSizeGiB: t.int({ description: 'Size of a disk in GiB, 5 to 4096; leave it out for OBS.' }),
  }),
});

const DevEnvStorageInput = builder.inputType('DevEnvStorageInput', {
  description: 'Storage to give a development environment.',
  fields: (t) => ({
    type: t.field({
      type: DevEnvStorageTypeEnum,
      required: true,
      description: 'Kind of storage: OBS or EVS; OBSFS in `extendStorage`.',
    }),
    location: t.field({ type: DevEnvStorageLocationInput, description: 'Where it lies; needed for OBS.' }),
  }),
});

const DevEnvAutoStopInput = builder.inputType('DevEnvAutoStopInput', {
  description: 'Auto stop to give a development environment; it holds for every start.',
  fields: (t) => ({
    enabled: t.boolean({ description: 'Whether the instance stops by itself; false when left out on creation.' }),
    durationSeconds: t.int({
      description: 'Seconds from a start until it stops, 3600 to 86400; needed when `enabled` is true.',
    }),
    prompted: t.boolean({
      description: 'For consoles: whether to ask the user again before it stops; true when left out on creation.',
    }),
  }),
});

const DevEnvSpecInput = builder.inputType('DevEnvSpecInput', {
  description: 'What a development environment is to be.',
  fields: (t) => ({
    storage: t.field({ type: DevEnvStorageInput, required: true, description: 'Its storage.' }),
    extendStorage: t.field({
      type: [DevEnvStorageInput],
      description: 'Further storage: OBSFS only, and only in some dedicated pools, so `pool` is needed.',
    }),
    autoStop: t.field({ type: DevEnvAutoStopInput, description: 'Auto stop; off when left out.' }),
    annotations: t.field({ type: [MapEntryInput], description: 'Labels; none when left out.' }),
  }),
});

const DevEnvPoolInput = builder.inputType('DevEnvPoolInput', {
  description: 'A resource pool to run in.',
  fields: (t) => ({
    id: t.string({ required: true, description: "ModelArts' own id of the pool." }),
    type: t.string({ description: 'Kind of pool; `USER_DEFINED` is a dedicated one.' }),
    name: t.string({ description: 'Name of the pool.' }),
    ownerProjectId: t.string({ description: 'Project the pool belongs to.' }),
  }),
});

export const CreateDevEnvInstanceInput = builder.inputType('CreateDevEnvInstanceInput', {
  description: 'The development environment to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: '1 to 64 letters, digits, hyphens, underscores. No two may share one.',
    }),
    profileId: t.string({
      required: true,
      description:
        'Work environment, for example `Multi-Engine 1.0 (python3)-gpu`. ModelArts has no call to list them.',
    }),
    description: t.string({ description: 'Up to 512 characters, none of `&<>"\'/`.' }),
    flavorId: t.id({
      required: true,
      description: "Global id of a flavor, or ModelArts' own id, for example `modelarts.kat1.xlarge`.",
    }),
    spec: t.field({ type: DevEnvSpecInput, required: true, description: 'Storage, auto stop and labels.' }),
    workspaceId: t.string({ description: 'Workspace; `0`, the default one, when left out.' }),
    pool: t.field({ type: DevEnvPoolInput, description: 'Resource pool to run in; the public one when left out.' }),
    aiProjectId: t.string({ description: 'AI project; reserved by ModelArts.' }),
  }),
});

export const UpdateDevEnvInstanceInput = builder.inputType('UpdateDevEnvInstanceInput', {
  description: 'Which development environment to change, and what of it; only what is given is changed.',
  fields: (t) => ({
    id: t.id({ required: true, description: "Global id of the instance, or ModelArts' own id (`DE-` and a UUID)." }),
    description: t.string({ description: 'Up to 512 characters, none of `&<>"\'/`; empty text clears it.' }),
    autoStop: t.field({
      type: DevEnvAutoStopInput,
      description: 'Auto stop. A change while RUNNING works from the next start.',
    }),
  }),
});
