import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../../modelarts/client/client.ts';
import { isTransitional } from '../../modelarts/state-machine.ts';
import {
  decodeStorageMount,
  listAttachableObss,
  type StorageMount,
  type StorageMountStatus,
} from '../../modelarts/storage-mounts.ts';
import type { WatchSource } from '../../watch/watch-source.ts';
import { type CallerWatch, callerWatch } from '../events/caller-watch.ts';
import { shortCodec } from '../events/item-codec.ts';
import type { StatusRules } from '../events/status-events.ts';
import { watchedKinds } from '../events/watched-kinds.ts';
import { orNull } from '../loading/null-if-not-found.ts';

const comparedFields = (mount: StorageMount) => [mount.statusRaw, mount.failureReason, mount.mountPath];

/** Mounts of one notebook, for polling: the list is one call and tells everything, so no mount is read by itself. */
export const storageMountSource =
  (notebookId: string) =>
  (open: (signal: AbortSignal) => Session, projectId: string): WatchSource<StorageMount> => ({
    async poll({ signal }) {
      const page = await orNull(() => listAttachableObss(open(signal), projectId, notebookId));
      // a notebook that is gone has no mounts
      return page?.items ?? [];
    },
    id: (mount) => mount.id,
    isEqual: (a, b) => isDeepStrictEqual(comparedFields(a), comparedFields(b)),
    isTransitional: (mount) => isTransitional(mount.status),
    codec: shortCodec(
      ({ id, statusRaw, failureReason, mountPath }) => ({
        id,
        status: statusRaw,
        failure_reason: failureReason,
        mount_path: mountPath,
      }),
      decodeStorageMount,
    ),
  });

/** The caller's watch of the mounts of one notebook. */
export const storageMountWatch = (notebookId: string): CallerWatch<StorageMount> =>
  callerWatch(watchedKinds.storageOf(notebookId), storageMountSource(notebookId));

export const storageMountStatusRules: StatusRules<StorageMount, StorageMountStatus> = {
  thing: 'storage mount',
  gone: 'UNMOUNTED',
  status: (mount) => mount.status,
  statusRaw: (mount) => mount.statusRaw,
  failReason: (mount) => mount.failureReason,
};
