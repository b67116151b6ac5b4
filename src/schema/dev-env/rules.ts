import { z } from 'zod';
import type {
  CreateDevEnvironmentRequest,
  DevAutoStopRequest,
  DevStorageRequest,
  UpdateDevEnvironmentRequest,
} from '../../modelarts/dev-environment-changes.ts';
import { idRule, optional, validated } from '../core/input.ts';
import type { CreateDevEnvInstanceInput, UpdateDevEnvInstanceInput } from './input.ts';

const shortText = z.string().min(1, 'It must not be empty.').max(256, 'It is longer than 256 characters.');

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

/** Characters that bucket names are made of. */
const bucketPattern = /^[A-Za-z0-9._-]+$/;

/** What is wrong with the form of any path. */
function pathProblems(path: string): string[] {
  const problems: string[] = [];
  if (!path.endsWith('/')) problems.push('The path has to end with a slash, for example `/bucket/directory/`.');
  if (!/^\/?[^/]/.test(path) || /[\n\r\u2028\u2029]/.test(path))
    problems.push('The path begins with a name, after a slash or without, and has no line breaks.');
  return problems;
}

/** What is wrong with a path as one of object storage. Whether there is such a bucket, and of which class, is for ModelArts to say. */
function obsPathProblems(path: string): string[] {
  const [bucket, ...directories] = path.split('/').filter((name) => name !== '');
  const problems = pathProblems(path);
  if (bucket !== undefined && !bucketPattern.test(bucket))
    problems.push('The path begins with the name of a bucket: letters, digits, dots, hyphens or underscores.');
  if (directories.length === 0)
    problems.push('The path names a directory inside the bucket, not the bucket itself: `/bucket/directory/`.');
  return problems;
}

function sizeProblem(type: string, size: number | undefined): string | null {
  if (size === undefined) return null;
  if (type === 'EVS') return size < 5 || size > 4096 ? 'A disk has 5 to 4096 GiB.' : null;
  return size < 1 ? 'A size is at least 1 GiB.' : null;
}

/**
 * Rules of storage. All that is wrong with it is found at once, its kind included.
 * @param kinds those that may stand here
 * @param wrongKind what to say of another
 * @param problem what is wrong with any that stands here
 */
const storageRules = <Kind extends DevStorageRequest['type']>(
  kinds: readonly Kind[],
  wrongKind: string,
  problem: string | null = null,
) =>
  z
    .object({
      type: z.string(),
      location: optional(z.object({ path: optional(z.string()), volumeSizeGiB: optional(z.int()) })),
    })
    .transform(({ type, location }, check): DevStorageRequest => {
      const report = (path: string[], message: string) => check.addIssue({ code: 'custom', path, message });
      const path = location?.path === '' ? undefined : location?.path;
      if (problem !== null) report([], problem);
      if (path === undefined && type === 'OBS')
        report(['location', 'path'], 'OBS needs a directory of a bucket, for example `/bucket/directory/`.');
      const problems = path === undefined ? [] : type === 'OBS' ? obsPathProblems(path) : pathProblems(path);
      for (const message of problems) report(['location', 'path'], message);
      const volumeSizeGib = location?.volumeSizeGiB;
      const wrongSize = sizeProblem(type, volumeSizeGib);
      if (wrongSize !== null) report(['location', 'volumeSizeGiB'], wrongSize);
      const kind = kinds.find((known) => known === type);
      if (kind !== undefined) return { type: kind, location: location && { path, volumeSizeGib } };
      report(['type'], wrongKind);
      return z.NEVER;
    });

const noPool = 'Extended storage is only for instances of a dedicated resource pool: give `pool`.';

const annotationsRules = z.array(z.object({ key: shortText, value: z.string() })).superRefine((entries, check) => {
  const keys = new Set<string>();
  entries.forEach(({ key }, index) => {
    if (keys.has(key))
      check.addIssue({ code: 'custom', path: [index, 'key'], message: `\`${key}\` stands here twice.` });
    keys.add(key);
  });
});

const createRules = (hasPool: boolean) =>
  z.object({
    name: nameRule,
    profileId: shortText,
    description: optional(descriptionRule),
    flavorId: idRule('Flavor'),
    spec: z.object({
      storage: storageRules(['OBS', 'EVS'], 'Storage is OBS or EVS; OBSFS stands in `extendStorage`.'),
      extendStorage: optional(
        z.array(storageRules(['OBSFS'], 'Extended storage is OBSFS only.', hasPool ? null : noPool)),
      ),
      autoStop: optional(autoStopRules),
      annotations: optional(annotationsRules),
    }),
    workspaceId: optional(shortText),
    pool: optional(
      z.object({
        id: shortText,
        type: optional(shortText),
        name: optional(shortText),
        ownerProjectId: optional(shortText),
      }),
    ),
    aiProjectId: optional(shortText),
  });

const inPool = createRules(true);
const inPublicPool = createRules(false);

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
  validated(input.pool ? inPool : inPublicPool, input, ['input']);

/**
 * What to send for the input, and for which instance.
 * @throws BadUserInputError with every problem at once
 */
export const updateDevEnvRequest = (
  input: typeof UpdateDevEnvInstanceInput.$inferInput,
): UpdateDevEnvironmentRequest & { readonly id: string } => validated(updateRules, input, ['input']);
