import { isIP } from 'node:net';
import { z } from 'zod';
import type { CreateNotebookRequest, UpdateNotebookRequest } from '../../modelarts/notebook-changes.ts';
import { BadUserInputError, type InputIssue } from '../../modelarts/wire/errors.ts';
import { idRule, optional, validated } from '../core/input.ts';
import type { CreateNotebookInput, UpdateNotebookInput } from './input.ts';

const secondsOfHour = 3600;

const leaseRulesUpTo = (maxHours: number) =>
  z.object({
    enabled: optional(z.boolean()),
    durationSeconds: optional(
      z
        .int()
        .min(secondsOfHour, 'A lease lasts at least 3600 seconds (1 hour).')
        .max(
          maxHours * secondsOfHour,
          `A lease lasts at most ${maxHours * secondsOfHour} seconds (${maxHours} hours).`,
        ),
    ),
    type: optional(z.enum(['TIMING', 'IDLE'])),
  });

type LeaseRules = z.output<ReturnType<typeof leaseRulesUpTo>>;

export type LeaseRequest = { readonly durationMs?: number | undefined; readonly type?: 'TIMING' | 'IDLE' | undefined };

/** Lease as ModelArts wants it: ms, and -1 for "never", which is how other clients switch auto-stop off. */
function leaseOf({ enabled, durationSeconds, type }: LeaseRules): LeaseRequest {
  if (enabled === false) return { durationMs: -1 };
  return { durationMs: durationSeconds === undefined ? undefined : durationSeconds * 1000, type };
}

/**
 * The lease to ask for.
 * @param maxHours longest lease ModelArts takes here
 * @throws BadUserInputError with every problem at once
 */
export const leaseRequest = (input: unknown, maxHours: number, path: readonly string[]): LeaseRequest =>
  leaseOf(validated(leaseRulesUpTo(maxHours), input, path));

export const workspaceIdRule = z
  .string()
  .regex(/^(0|[0-9a-z]{1,64})$/, 'A workspace id is 0 or has lower case letters and digits.');

const nameRule = z
  .string()
  .max(128, 'A name has at most 128 characters.')
  .regex(/^[A-Za-z0-9_-]+$/, 'A name has 1 to 128 letters, digits, hyphens or underscores.');

const descriptionRule = (forbidden: RegExp, words: string) =>
  z
    .string()
    .max(512, 'A description has at most 512 characters.')
    .regex(forbidden, `A description must not contain any of ${words}`);

const hookRules = z.object({
  type: optional(z.enum(['COMMAND', 'SCRIPT'])),
  script: z.string().min(1, 'A script must not be empty.'),
});

const hooksRules = z.object({ preStart: optional(hookRules), postStart: optional(hookRules) });

const endpointRules = z
  .object({
    service: z.enum(['NOTEBOOK', 'SSH']),
    keyPairNames: optional(z.array(z.string().min(1, 'A key pair has a name.'))),
    allowedAccessIps: optional(
      z.array(z.string().refine((ip) => isIP(ip) !== 0, 'This is not an IP address.')).max(5, 'At most 5 addresses.'),
    ),
  })
  .refine((endpoint) => endpoint.service !== 'SSH' || (endpoint.keyPairNames?.length ?? 0) > 0, {
    path: ['keyPairNames'],
    message: 'An SSH endpoint needs a key pair.',
  });

const capacityRule = z.int().min(5, 'A volume has at least 5 GiB.').max(4096, 'A volume has at most 4096 GiB.');

const volumeRules = z
  .object({
    category: z.enum(['EFS', 'EVS', 'SFS']),
    ownership: optional(z.enum(['MANAGED', 'DEDICATED'])).transform((value) => value ?? 'MANAGED'),
    capacityGiB: optional(capacityRule),
    uri: optional(z.string().min(1, 'It must not be empty.').max(256, 'It has at most 256 characters.')),
    fileSystemId: optional(z.string().min(1, 'It must not be empty.').max(256, 'It has at most 256 characters.')),
  })
  .superRefine((volume, check) => {
    if (volume.ownership !== 'DEDICATED') return;
    const issue = (path: string, message: string) => check.addIssue({ code: 'custom', path: [path], message });
    if (volume.category !== 'EFS') issue('ownership', 'Only EFS can be DEDICATED.');
    if (volume.uri === undefined) issue('uri', 'EFS of your own needs the path of its share.');
    if (volume.fileSystemId === undefined) issue('fileSystemId', 'EFS of your own needs its file system id.');
  });

const createRules = (leaseMaxHours: number) =>
  z.object({
    name: nameRule,
    description: optional(descriptionRule(/^[^&<>"'/]*$/, '& < > " \' /')),
    flavorId: idRule('Flavor'),
    imageId: idRule('Image'),
    volume: volumeRules,
    feature: optional(z.enum(['DEFAULT', 'NOTEBOOK'])),
    workspaceId: optional(workspaceIdRule),
    poolId: optional(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'A pool id has 1 to 64 letters, digits or hyphens.')),
    endpoints: optional(z.array(endpointRules)),
    lease: optional(leaseRulesUpTo(leaseMaxHours)),
    hooks: optional(hooksRules),
  });

/**
 * What to send to create a notebook.
 * @param leaseMaxHours longest lease ModelArts takes here
 * @throws BadUserInputError with every problem at once
 */
export function createNotebookRequest(
  input: typeof CreateNotebookInput.$inferInput,
  leaseMaxHours: number,
): CreateNotebookRequest {
  const { volume, lease, ...rest } = validated(createRules(leaseMaxHours), input, ['input']);
  const { category, ownership, capacityGiB, uri, fileSystemId } = volume;
  return {
    ...rest,
    volume: { category, ownership, capacityGib: capacityGiB, uri, id: fileSystemId },
    lease: lease && leaseOf(lease),
  };
}

/** What is wrong with the form of the input, all at once. */
export function createNotebookIssues(
  input: typeof CreateNotebookInput.$inferInput,
  leaseMaxHours: number,
): readonly InputIssue[] {
  try {
    createNotebookRequest(input, leaseMaxHours);
    return [];
  } catch (error) {
    if (error instanceof BadUserInputError) return error.issues;
    throw error;
  }
}

/** What of a create the catalogues of ModelArts are asked about; an id that cannot be one is null. */
export type CatalogueQuestion = Pick<CreateNotebookRequest, 'feature' | 'poolId'> & {
  readonly imageId: string | null;
  readonly flavorId: string | null;
  readonly volume: Pick<CreateNotebookRequest['volume'], 'category'>;
  readonly endpoints?: readonly { readonly service: 'NOTEBOOK' | 'SSH' }[] | undefined;
};

const questionRules = z.object({
  imageId: idRule('Image').nullable().catch(null),
  flavorId: idRule('Flavor').nullable().catch(null),
  poolId: optional(z.string()),
  feature: optional(z.enum(['DEFAULT', 'NOTEBOOK'])),
  volume: z.object({ category: z.enum(['EFS', 'EVS', 'SFS']) }),
  endpoints: optional(z.array(z.object({ service: z.enum(['NOTEBOOK', 'SSH']) }))),
});

/** What can be asked about a create even when its form is wrong. */
export const catalogueQuestion = (input: typeof CreateNotebookInput.$inferInput): CatalogueQuestion =>
  validated(questionRules, input, ['input']);

const updateRules = z
  .object({
    id: idRule('Notebook'),
    name: optional(nameRule),
    description: optional(descriptionRule(/^[^&<>"/]*$/, '& < > " /')),
    flavorId: optional(idRule('Flavor')),
    imageId: optional(idRule('Image')),
    volumeCapacityGiB: optional(capacityRule),
    endpoints: optional(z.array(endpointRules)),
    hooks: optional(hooksRules),
  })
  .refine(({ id, ...changes }) => id !== undefined && Object.values(changes).some((value) => value !== undefined), {
    message: 'Give at least one thing to change.',
  });

/**
 * Which notebook to change, and what to send.
 * @throws BadUserInputError with every problem at once
 */
export function updateNotebookRequest(input: typeof UpdateNotebookInput.$inferInput): {
  readonly id: string;
  readonly request: UpdateNotebookRequest;
} {
  const { id, volumeCapacityGiB, ...rest } = validated(updateRules, input, ['input']);
  return { id, request: { ...rest, capacityGib: volumeCapacityGiB } };
}
