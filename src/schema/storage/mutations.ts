import { z } from 'zod';
import { attachObs, cancelObs, type StorageMount } from '../../modelarts/storage-mounts.ts';
import { BillingError, ConflictError, NotFoundError, QuotaExceededError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import { changeErrors } from '../core/error.ts';
import { idRule, optional, validated } from '../core/input.ts';
import { changing } from '../notebook/conflict.ts';
import { type MountPlace, placed, readMountPlace, StorageMountType } from './mount.ts';
import { storageMountWatch } from './mount-watch.ts';

const storageChangeErrors = [...changeErrors, NotFoundError, ConflictError, BillingError];

const MountStorageInput = builder.inputType('MountStorageInput', {
  description: 'What to mount, and where.',
  fields: (t) => ({
    notebookId: t.id({ required: true, description: "Global id of the notebook, or ModelArts' own id (UUID)." }),
    uri: t.string({
      required: true,
      description:
        'Directory of a parallel file system in the object storage, up to 256 characters, for example `obs://bucket/directory/`.',
    }),
    mountPath: t.string({
      required: true,
      description:
        'Where it is to be in the notebook: a direct sub-directory of `/data/` with a slash at the end, up to 256 characters, for example `/data/datasets/`.',
    }),
  }),
});

const UnmountStorageInput = builder.inputType('UnmountStorageInput', {
  description: 'Which storage mount to end.',
  fields: (t) => ({
    storageMountId: t.id({
      required: true,
      description: "Global id of the mount, or ModelArts' own id (UUID) together with `notebookId`.",
    }),
    notebookId: t.id({
      description:
        "Global id of the notebook, or ModelArts' own id (UUID); can be left out beside a global `storageMountId`.",
    }),
  }),
});

const MountStoragePayload = builder
  .objectRef<{ readonly notebookId: string; readonly mount: StorageMount }>('MountStoragePayload')
  .implement({
    description: 'The storage that is being mounted.',
    fields: (t) => ({
      storageMount: t.field({
        type: StorageMountType,
        description:
          'As ModelArts answered, usually MOUNTING; watch it with `storageMountStatusChanged` until it is MOUNTED.',
        resolve: ({ notebookId, mount }) => placed(notebookId, mount),
      }),
    }),
  });

const UnmountStoragePayload = builder
  .objectRef<MountPlace & { readonly mount: StorageMount | null }>('UnmountStoragePayload')
  .implement({
    description: 'The storage that is being unmounted.',
    fields: (t) => ({
      storageMountId: t.exposeString('mountId', { description: "ModelArts' own id of the mount (UUID)." }),
      notebookId: t.exposeString('notebookId', { description: "ModelArts' own id of the notebook (UUID)." }),
      storageMount: t.field({
        type: StorageMountType,
        nullable: true,
        description:
          'As ModelArts answered, usually UNMOUNTING; watch it with `storageMountStatusChanged` until it is gone. null when ModelArts answered without one.',
        resolve: ({ notebookId, mount }) => mount && placed(notebookId, mount),
      }),
    }),
  });

const mountRules = z.object({
  notebookId: idRule('Notebook'),
  uri: z
    .string()
    .max(256, 'It has at most 256 characters.')
    .regex(/^obs:\/\/[^/\s]+\//, 'This is no path in the object storage, for example `obs://bucket/directory/`.'),
  mountPath: z
    .string()
    .max(256, 'It has at most 256 characters.')
    .regex(
      /^\/data\/[A-Za-z0-9_-]+\/$/,
      'A mount path is a direct sub-directory of /data/ with a slash at the end, for example `/data/datasets/`.',
    ),
});

const unmountRules = z
  .object({ storageMountId: idRule('StorageMount'), notebookId: optional(idRule('Notebook')) })
  .transform(({ storageMountId, notebookId }, check) => {
    const { place, problem } = readMountPlace(storageMountId, notebookId);
    if (problem === null) return place;
    check.addIssue({ code: 'custom', path: ['storageMountId'], message: problem });
    return z.NEVER;
  });

builder.mutationFields((t) => ({
  mountStorage: t.field({
    type: MountStoragePayload,
    description:
      'Mount object storage into a RUNNING notebook, which takes 10 mounts; the answer is only the start. REST: AttachObs, tried once; ShowNotebook to explain a conflict.',
    args: { input: t.arg({ type: MountStorageInput, required: true, description: 'What to mount, and where.' }) },
    errors: {
      types: [...storageChangeErrors, QuotaExceededError],
      union: { name: 'MountStorageResult', description: 'The storage mount, or why nothing was mounted.' },
    },
    resolve: async (_root, args, context) => {
      const { notebookId, ...request } = validated(mountRules, args.input, ['input']);
      const access = await context.access();
      const mount = await changing({ access, id: notebookId, action: 'MOUNT_STORAGE' }, () =>
        attachObs(access.session, access.projectId, notebookId, request),
      );
      storageMountWatch(notebookId).publish(context, access, mount);
      return { notebookId, mount };
    },
  }),
  unmountStorage: t.field({
    type: UnmountStoragePayload,
    description:
      'Unmount object storage; what lies in it stays. The answer is only the start. REST: CancelObs, tried once.',
    args: { input: t.arg({ type: UnmountStorageInput, required: true, description: 'Which storage mount to end.' }) },
    errors: {
      types: storageChangeErrors,
      union: { name: 'UnmountStorageResult', description: 'The storage mount, or why it was not unmounted.' },
    },
    resolve: async (_root, args, context) => {
      const place = validated(unmountRules, args.input, ['input']);
      const access = await context.access();
      const mount = await cancelObs(access.session, access.projectId, place.notebookId, place.mountId);
      const watch = storageMountWatch(place.notebookId);
      if (mount === null) watch.pollAgain(context, access);
      else watch.publish(context, access, mount);
      return { ...place, mount };
    },
  }),
}));
