import { z } from 'zod';
import type { CreateImageRequest, RegisterImageRequest } from '../../modelarts/image-changes.ts';
import { idRule, optional, validated } from '../core/input.ts';
import type { RegisterImageInput, SaveNotebookImageInput } from './input.ts';

const descriptionRule = z.string().max(512, 'A description has at most 512 characters.');

const workspaceIdRule = z
  .string()
  .regex(/^(0|[0-9a-z]{1,64})$/, 'A workspace id is 0 or has lower case letters and digits.');

const saveRules = z.object({
  notebookId: idRule('Notebook'),
  name: z
    .string()
    .max(512, 'A name has at most 512 characters.')
    .regex(
      /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/,
      'A name has lower case letters, digits, dots, hyphens or underscores; the first and last is a letter or digit.',
    ),
  namespace: z
    .string()
    .regex(
      /^[a-z][A-Za-z0-9._-]{0,63}$/,
      'An organisation has 1 to 64 letters, digits, dots, hyphens or underscores; the first is a lower case letter.',
    ),
  tag: optional(
    z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'A tag has 1 to 64 letters, digits, dots, hyphens or underscores.'),
  ),
  description: optional(descriptionRule),
  workspaceId: optional(workspaceIdRule),
});

/**
 * Which notebook to save, and what to send.
 * @throws BadUserInputError with every problem at once
 */
export function saveNotebookImageRequest(input: typeof SaveNotebookImageInput.$inferInput): {
  readonly notebookId: string;
  readonly request: CreateImageRequest;
} {
  const { notebookId, ...request } = validated(saveRules, input, ['input']);
  return { notebookId, request };
}

const registerRules = z.object({
  swrPath: z
    .string()
    .min(16, 'A path has at least 16 characters.')
    .max(2048, 'A path has at most 2048 characters.')
    .regex(
      /^[^/\s]+(\/[^/:\s]+){2,}:[A-Za-z0-9._-]+$/,
      'This is not a path of the container registry with host, organisation, name and tag, for example `swr.com/team/engine:1.0`.',
    ),
  arch: optional(z.enum(['X86_64', 'AARCH64'])),
  description: optional(descriptionRule),
  origin: optional(z.enum(['CUSTOMIZE', 'IMAGE_SAVE'])),
  resourceCategories: optional(
    z.array(z.enum(['CPU', 'GPU', 'ASCEND'])).min(1, 'Name at least one kind of flavor, or leave it out.'),
  ),
  serviceType: optional(z.enum(['COMMON', 'INFERENCE', 'TRAIN', 'DEV', 'UNKNOWN'])),
  devServices: optional(z.array(z.enum(['NOTEBOOK', 'SSH'])).min(1, 'Name at least one way in, or leave it out.')),
  visibility: optional(z.enum(['PRIVATE', 'PUBLIC'])),
  workspaceId: optional(workspaceIdRule),
});

/**
 * What to send to register an image.
 * @throws BadUserInputError with every problem at once
 */
export const registerImageRequest = (input: typeof RegisterImageInput.$inferInput): RegisterImageRequest =>
  validated(registerRules, input, ['input']);

const filterRules = z
  .object({
    name: optional(
      z
        .string()
        .max(512, 'A name has at most 512 characters.')
        .regex(/^[a-z0-9._-]*$/, 'Names have lower case letters, digits, dots, hyphens or underscores only.'),
    ),
    nameExact: optional(z.boolean()),
    namespace: optional(z.string().max(64, 'An organisation has at most 64 characters.')),
    workspaceId: optional(workspaceIdRule),
  })
  .transform(({ nameExact, ...conditions }) => ({
    ...conditions,
    isNameFuzzy: nameExact === true ? false : undefined,
  }));

/**
 * What lists of images and of their groups are filtered by alike, as ModelArts takes it.
 * @throws BadUserInputError with every problem at once
 */
export const imageFilter = (filter: unknown): z.output<typeof filterRules> =>
  validated(filterRules, filter ?? {}, ['filter']);
