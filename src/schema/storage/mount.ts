import { isId } from '../../modelarts/client/path.ts';
import { isTransitional } from '../../modelarts/state-machine.ts';
import { listAttachableObss, type StorageMount, showAttachableObs } from '../../modelarts/storage-mounts.ts';
import { BadUserInputError, NotFoundError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import { openEnum } from '../core/enums.ts';
import { once } from '../loading/cost.ts';
import { nodesOf, readEach } from '../loading/loader.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { NotebookType, notebookLoader } from '../notebook/notebook.ts';
import { rawIdOf } from '../relay/global-id.ts';

export const StorageMountStatusEnum = openEnum('StorageMountStatus', {
  description: 'State of a storage mount.',
  values: {
    MOUNTING: 'Being mounted. Passes by itself.',
    MOUNTED: 'In use.',
    MOUNT_FAILED: 'Mounting failed; `failReason` may say why.',
    UNMOUNTING: 'Being unmounted. Passes by itself.',
    UNMOUNTED: 'Gone from the notebook; what lies in the object storage stays.',
    UNMOUNT_FAILED: 'Unmounting failed; `failReason` may say why.',
  },
});

const StorageMountCategoryEnum = openEnum('StorageMountCategory', {
  description: 'Kind of storage that is mounted.',
  values: {
    OBS: 'Object storage.',
    OBSFS: 'Object storage mounted as a parallel file system.',
    EFS: 'Scalable file service (SFS Turbo).',
  },
});

/** Where a mount is: ModelArts knows its id within its notebook only, and does not answer the notebook's. */
export type MountPlace = { readonly notebookId: string; readonly mountId: string };

type PlacedMount = StorageMount & { readonly notebookId: string };

export const placed = (notebookId: string, mount: StorageMount): PlacedMount => ({ ...mount, notebookId });

/** What a global id of a mount holds. */
export const mountKey = ({ notebookId, mountId }: MountPlace): string => `${notebookId}.${mountId}`;

function placeOf(key: string): MountPlace | null {
  const dot = key.indexOf('.');
  const place = { notebookId: key.slice(0, dot), mountId: key.slice(dot + 1) };
  return dot > 0 && isId(place.notebookId) && isId(place.mountId) ? place : null;
}

/**
 * Where the mount behind an id is, or why it cannot be told.
 * @param id what a global id holds (`notebookId.storageMountId`), or the raw id, which says nothing without the notebook
 */
export function readMountPlace(
  id: string,
  notebookId: string | undefined,
): { place: MountPlace; problem: null } | { place: null; problem: string } {
  const place = placeOf(id) ?? (notebookId === undefined ? null : { notebookId, mountId: id });
  if (place === null) return { place, problem: 'Give the global id, or `notebookId` as well.' };
  if (notebookId === undefined || place.notebookId === notebookId) return { place, problem: null };
  return { place: null, problem: 'This storage mount is in another notebook.' };
}

/** By `mountKey`. */
export const storageMountLoader = readEach(async (key, { session, projectId }): Promise<PlacedMount> => {
  const place = placeOf(key);
  if (place === null) throw new NotFoundError('There is no such storage mount.');
  return placed(place.notebookId, await showAttachableObs(session, projectId, place.notebookId, place.mountId));
});

export const StorageMountType = builder.nodeRef<PlacedMount>('StorageMount', {
  id: { resolve: (mount) => mountKey({ ...mount, mountId: mount.id }), description: 'Global id.' },
  loadManyWithoutCache: nodesOf(storageMountLoader),
});

builder.objectType(StorageMountType, {
  description:
    'Object storage mounted into a running notebook; a stop of the notebook ends the mount. REST: ListAttachableObss, ShowAttachableObs.',
  fields: (t) => ({
    storageMountId: t.exposeString('id', { description: "ModelArts' own id (UUID), known within the notebook only." }),
    notebookId: t.exposeString('notebookId', { description: "ModelArts' own id of the notebook (UUID)." }),
    notebook: t.field({
      type: NotebookType,
      nullable: true,
      description: 'The notebook it is in, read when selected; null when it is gone. REST: ShowNotebook.',
      // all mounts of a notebook have the same, yet each row of a list of notebooks its own
      extensions: { cost: once(1) },
      resolve: (mount, _args, context) => orNull(() => notebookLoader(context).load(mount.notebookId)),
    }),
    status: t.expose('status', { type: StorageMountStatusEnum, description: 'State.' }),
    statusRaw: t.exposeString('statusRaw', { description: '`status` as ModelArts wrote it.' }),
    isTransitional: t.boolean({
      description:
        'Whether the status will change by itself: read the mount again until it is MOUNTED, failed or gone.',
      resolve: (mount) => isTransitional(mount.status),
    }),
    failReason: t.exposeString('failureReason', {
      nullable: true,
      description: 'Why it failed, when it did and ModelArts says so.',
    }),
    category: t.expose('category', {
      type: StorageMountCategoryEnum,
      nullable: true,
      description: 'Kind of storage; OBSFS for what `mountStorage` mounted.',
    }),
    categoryRaw: t.exposeString('categoryRaw', { nullable: true, description: '`category` as ModelArts wrote it.' }),
    mountPath: t.exposeString('mountPath', {
      nullable: true,
      description: 'Where it is in the notebook, for example `/data/datasets/`.',
    }),
    uri: t.exposeString('uri', {
      nullable: true,
      description: 'What is mounted, for example `obs://bucket/directory/`.',
    }),
    fileSystemId: t.exposeString('efsId', {
      nullable: true,
      description: 'Id of the EFS file system; newer regions only.',
    }),
    mountType: t.exposeString('mountType', {
      nullable: true,
      description: 'How it is mounted, as ModelArts writes it; newer regions only.',
    }),
  }),
});

builder.objectFields(NotebookType, (t) => ({
  storageMounts: t.field({
    type: [StorageMountType],
    description:
      'Object storage mounted into it while it runs. Costs one call for each notebook. REST: ListAttachableObss.',
    extensions: { cost: once(1) },
    resolve: async (notebook, _args, context) => {
      const { session, projectId } = await context.access();
      // gone since it was read: no reason to lose the rest of a list
      const page = await orNull(() => listAttachableObss(session, projectId, notebook.id));
      return (page?.items ?? []).map((mount) => placed(notebook.id, mount));
    },
  }),
  storageMount: t.field({
    type: StorageMountType,
    nullable: true,
    description: 'One of its storage mounts; null when it has none of this id. REST: ShowAttachableObs.',
    extensions: { cost: once(1) },
    args: {
      id: t.arg.id({
        required: true,
        description: "Global id of a mount of this notebook, or ModelArts' own id (UUID).",
      }),
    },
    resolve: async (notebook, args, context) => {
      const { place, problem } = readMountPlace(rawIdOf('StorageMount', args.id), notebook.id);
      if (problem !== null) throw BadUserInputError.of([{ path: ['id'], message: problem }]);
      return orNull(() => storageMountLoader(context).load(mountKey(place)));
    },
  }),
}));
