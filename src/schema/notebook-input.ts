import { z } from 'zod';
import type { CreateNotebookRequest } from '../modelarts/notebook-changes.ts';
import { builder } from './builder.ts';
import { requestEnum } from './enums.ts';
import { rawIdOf } from './global-id.ts';
import { checked } from './input.ts';
import { LeaseTypeRequestEnum } from './lease.ts';

const VolumeCategoryRequest = requestEnum('VolumeCategoryRequest', {
  description: 'Kind of storage to give a notebook.',
  values: {
    EFS: 'Scalable file service; 50 GiB come free by default.',
    EVS: 'A disk of its own, 5 GiB by default; it can grow later.',
    SFS: 'Scalable file service under its older name; not every region takes it.',
  },
});

const VolumeOwnershipRequest = requestEnum('VolumeOwnershipRequest', {
  description: 'Who runs the storage.',
  values: { MANAGED: 'ModelArts.', DEDICATED: 'You: an EFS of your own, named by `uri` and `fileSystemId`.' },
});

const EndpointServiceRequest = requestEnum('EndpointServiceRequest', {
  description: 'How an endpoint is to be entered.',
  values: { NOTEBOOK: 'JupyterLab in the browser.', SSH: 'SSH with a key pair.' },
});

const NotebookFeatureRequest = requestEnum('NotebookFeatureRequest', {
  description: 'Kind of notebook instance to create.',
  values: { DEFAULT: 'The one free CodeLab instance of a user.', NOTEBOOK: 'An ordinary notebook.' },
});

const HookTypeRequest = requestEnum('HookTypeRequest', {
  description: 'What a hook is.',
  values: { COMMAND: 'A script itself.', SCRIPT: 'The absolute path of a script in the container.' },
});

const VolumeInput = builder.inputType('VolumeInput', {
  description: 'Storage to give a notebook.',
  fields: (t) => ({
    category: t.field({ type: VolumeCategoryRequest, required: true, description: 'Kind of storage.' }),
    ownership: t.field({ type: VolumeOwnershipRequest, defaultValue: 'MANAGED', description: 'Who runs it.' }),
    capacityGiB: t.int({ description: 'Size in GiB, 5 to 4096; by default 5 for EVS, 50 for EFS.' }),
    uri: t.string({ description: 'Path of the EFS share; needed for EFS of your own.' }),
    fileSystemId: t.string({ description: 'Id of the EFS file system; needed for EFS of your own.' }),
  }),
});

export const EndpointInput = builder.inputType('NotebookEndpointInput', {
  description: 'A way in to open.',
  fields: (t) => ({
    service: t.field({ type: EndpointServiceRequest, required: true, description: 'How it is entered.' }),
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
    type: t.field({ type: LeaseTypeRequestEnum, description: 'What ends the lease; TIMING when left out.' }),
  }),
});

const HookInput = builder.inputType('HookInput', {
  description: 'A script the container runs.',
  fields: (t) => ({
    type: t.field({ type: HookTypeRequest, description: 'What `script` is; SCRIPT when left out.' }),
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
    feature: t.field({ type: NotebookFeatureRequest, description: 'Kind of instance; NOTEBOOK when left out.' }),
    workspaceId: t.string({ description: 'Workspace; `0`, the default one, when left out.' }),
    poolId: t.string({ description: 'Dedicated resource pool to run in.' }),
    endpoints: t.field({ type: [EndpointInput], description: 'Ways in to open besides JupyterLab; needed for SSH.' }),
    lease: t.field({ type: LeaseInput, description: 'Auto-stop; one hour when left out.' }),
    hooks: t.field({ type: HooksInput, description: 'Scripts the container runs by itself.' }),
  }),
});

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const secondsOfHour = 3600;

const durationRule = z
  .int()
  .min(secondsOfHour, 'A lease lasts at least 3600 seconds (1 hour).')
  .max(24 * secondsOfHour, 'A lease lasts at most 86400 seconds (24 hours).');

export const leaseRules = z.object({
  enabled: optional(z.boolean()),
  durationSeconds: optional(durationRule),
  type: optional(z.enum(['TIMING', 'IDLE'])),
});

/** Lease as the request wants it: ms, and -1 for "never", which is how other clients switch auto-stop off. */
export const leaseRequest = (lease: z.output<typeof leaseRules> | undefined) => {
  if (lease === undefined) return undefined;
  if (lease.enabled === false) return { durationMs: -1 };
  return {
    durationMs: lease.durationSeconds === undefined ? undefined : lease.durationSeconds * 1000,
    type: lease.type,
  };
};

const nameRule = z
  .string()
  .max(128, 'A name has at most 128 characters.')
  .regex(/^[A-Za-z0-9_-]+$/, 'A name has 1 to 128 letters, digits, hyphens or underscores.');

const descriptionRule = z
  .string()
  .max(512, 'A description has at most 512 characters.')
  .regex(/^[^&<>"'/]*$/, 'A description must not contain any of & < > " \' /');

const hookRules = z.object({
  type: optional(z.enum(['COMMAND', 'SCRIPT'])),
  script: z.string().min(1, 'A script must not be empty.'),
});

export const endpointRules = z
  .object({
    service: z.enum(['NOTEBOOK', 'SSH']),
    keyPairNames: optional(z.array(z.string().min(1))),
    allowedAccessIps: optional(
      z.array(z.union([z.ipv4(), z.ipv6()], 'This is not an IP address.')).max(5, 'At most 5 addresses.'),
    ),
  })
  .refine((endpoint) => endpoint.service !== 'SSH' || (endpoint.keyPairNames?.length ?? 0) > 0, {
    path: ['keyPairNames'],
    message: 'An SSH endpoint needs a key pair.',
  });

const volumeRules = z
  .object({
    category: z.enum(['EFS', 'EVS', 'SFS']),
    ownership: optional(z.enum(['MANAGED', 'DEDICATED'])).transform((value) => value ?? 'MANAGED'),
    capacityGiB: optional(z.int().min(5, 'A volume has at least 5 GiB.').max(4096, 'A volume has at most 4096 GiB.')),
    uri: optional(z.string().min(1).max(256)),
    fileSystemId: optional(z.string().min(1).max(256)),
  })
  .superRefine((volume, check) => {
    if (volume.ownership !== 'DEDICATED') return;
    const issue = (path: string, message: string) => check.addIssue({ code: 'custom', path: [path], message });
    if (volume.category !== 'EFS') issue('ownership', 'Only EFS can be DEDICATED.');
    if (volume.uri === undefined) issue('uri', 'EFS of your own needs the path of its share.');
    if (volume.fileSystemId === undefined) issue('fileSystemId', 'EFS of your own needs its file system id.');
  });

const createNotebookRules = z.object({
  name: nameRule,
  description: optional(descriptionRule),
  flavorId: z.string(),
  imageId: z.string(),
  volume: volumeRules,
  feature: optional(z.enum(['DEFAULT', 'NOTEBOOK'])),
  workspaceId: optional(
    z.string().regex(/^(0|[0-9a-z]{1,64})$/, 'A workspace id is 0 or has lower case letters and digits.'),
  ),
  poolId: optional(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'A pool id has 1 to 64 letters, digits or hyphens.')),
  endpoints: optional(z.array(endpointRules)),
  lease: optional(leaseRules),
  hooks: optional(z.object({ preStart: optional(hookRules), postStart: optional(hookRules) })),
});

/**
 * What to send for the input.
 * @throws BadUserInputError with every problem at once
 */
export function createNotebookRequest(input: typeof CreateNotebookInput.$inferInput): CreateNotebookRequest {
  const { volume, lease, flavorId, imageId, ...rest } = checked(createNotebookRules, input, ['input']);
  return {
    ...rest,
    flavorId: rawIdOf('Flavor', flavorId, ['input', 'flavorId']),
    imageId: rawIdOf('Image', imageId, ['input', 'imageId']),
    volume: {
      category: volume.category,
      ownership: volume.ownership,
      capacityGib: volume.capacityGiB,
      uri: volume.uri,
      id: volume.fileSystemId,
    },
    lease: leaseRequest(lease),
  };
}
