import { z } from 'zod';
import type {
  CreateDevEnvironmentRequest,
  DevAutoStopRequest,
  DevStorageRequest,
  UpdateDevEnvironmentRequest,
} from '../modelarts/dev-environment-changes.ts';
import { builder } from './builder.ts';
import { DevEnvStorageTypeEnum } from './dev-env-enums.ts';
import { checked, idRule, optional } from './input.ts';
import { MapEntryInput } from './map-entry.ts';

const DevEnvStorageLocationInput = builder.inputType('DevEnvStorageLocationInput', {
  description: 'Where storage of a development environment lies.',
  fields: (t) => ({
    path: t.string({
      description:
        'Needed for OBS: a directory of a bucket, not the bucket itself, ending with a slash: `/bucket/directory/`. Judged by ModelArts.',
    }),
    volumeSizeGiB: t.int({ description: 'Size of a disk in GiB; leave it out for OBS.' }),
  }),
});

const DevEnvStorageInput = builder.inputType('DevEnvStorageInput', {
  description: 'Storage to give a development environment.',
  fields: (t) => ({
    type: t.field({ type: DevEnvStorageTypeEnum, required: true, description: 'Kind of storage.' }),
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
      description: 'Further storage: OBSFS only, and only in some dedicated pools.',
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

const text = z.string().min(1, 'It must not be empty.').max(256, 'It is longer than 256 characters.');

const nameRule = z
  .string()
  .max(64, 'A name has at most 64 characters.')
  .regex(/^[A-Za-z0-9_-]+$/, 'A name has 1 to 64 letters, digits, hyphens or underscores.');

const descriptionRule = z
  .string()
  .max(512, 'A description has at most 512 characters.')
  .regex(/^[^&<>"'/]*$/, 'A description must not contain any of & < > " \' /');

const autoStopRules = z
  .object({
    enabled: optional(z.boolean()),
    durationSeconds: optional(
      z
        .int()
        .min(3600, 'Auto stop comes after at least 3600 seconds (1 hour).')
        .max(86_400, 'Auto stop comes after at most 86400 seconds (24 hours).'),
    ),
    prompted: optional(z.boolean()),
  })
  .superRefine((autoStop, check) => {
    if (autoStop.enabled !== true || autoStop.durationSeconds !== undefined) return;
    const message = 'Auto stop needs a duration: give `durationSeconds`, 3600 to 86400.';
    check.addIssue({ code: 'custom', path: ['durationSeconds'], message });
  })
  .transform(
    ({ enabled, durationSeconds, prompted }): DevAutoStopRequest => ({
      isEnabled: enabled,
      durationSeconds,
      isPrompted: prompted,
    }),
  );

// whether a path ends with a slash and lies below the bucket is ModelArts' to say (6318, 6358), in its own words
const storageRules = z
  .object({
    type: z.enum(['OBS', 'EVS', 'OBSFS']),
    location: optional(
      z.object({
        path: optional(z.string()),
        volumeSizeGiB: optional(z.int().min(1, 'A disk has at least 1 GiB.')),
      }),
    ),
  })
  .superRefine(({ type, location }, check) => {
    if (type !== 'OBS' || location?.path) return;
    const message = 'OBS needs a directory of a bucket, for example `/bucket/directory/`.';
    check.addIssue({ code: 'custom', path: ['location', 'path'], message });
  })
  .transform(
    ({ type, location }): DevStorageRequest => ({
      type,
      location: location && { path: location.path, volumeSizeGib: location.volumeSizeGiB },
    }),
  );

const annotationsRules = z.array(z.object({ key: text, value: z.string() })).superRefine((entries, check) => {
  const keys = new Set<string>();
  entries.forEach(({ key }, index) => {
    if (keys.has(key))
      check.addIssue({ code: 'custom', path: [index, 'key'], message: `\`${key}\` stands here twice.` });
    keys.add(key);
  });
});

const createRules = z.object({
  name: nameRule,
  profileId: text,
  description: optional(descriptionRule),
  flavorId: idRule('Flavor'),
  spec: z.object({
    storage: storageRules,
    extendStorage: optional(z.array(storageRules)),
    autoStop: optional(autoStopRules),
    annotations: optional(annotationsRules),
  }),
  workspaceId: optional(text),
  pool: optional(z.object({ id: text, type: optional(text), name: optional(text), ownerProjectId: optional(text) })),
  aiProjectId: optional(text),
});

const updateRules = z
  .object({
    id: idRule('DevEnvInstance'),
    description: optional(descriptionRule),
    autoStop: optional(autoStopRules),
  })
  .superRefine(({ description, autoStop }, check) => {
    const given = [description, ...Object.values(autoStop ?? {})];
    if (given.every((value) => value === undefined)) {
      check.addIssue({ code: 'custom', message: 'There is nothing to change: give `description` or `autoStop`.' });
    }
  });

/**
 * What to send for the input.
 * @throws BadUserInputError with every problem at once
 */
export const createDevEnvRequest = (input: typeof CreateDevEnvInstanceInput.$inferInput): CreateDevEnvironmentRequest =>
  checked(createRules, input, ['input']);

/**
 * What to send for the input, and for which instance.
 * @throws BadUserInputError with every problem at once
 */
export const updateDevEnvRequest = (
  input: typeof UpdateDevEnvInstanceInput.$inferInput,
): UpdateDevEnvironmentRequest & { readonly id: string } => checked(updateRules, input, ['input']);
