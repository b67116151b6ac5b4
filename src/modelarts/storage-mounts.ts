import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import { notebookPath } from './notebooks.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, callOrEmpty, type Decoder, type Page, pageOf } from './wire/operation.ts';
import { enumeration, object, text } from './wire/read.ts';

export const storageMountStatuses = enumeration('StorageMount.status', [
  'MOUNTING',
  'MOUNTED',
  'MOUNT_FAILED',
  'UNMOUNTING',
  'UNMOUNTED',
  'UNMOUNT_FAILED',
]);
export const storageMountCategories = enumeration('StorageMount.category', ['OBS', 'OBSFS', 'EFS']);

export type StorageMountStatus = (typeof storageMountStatuses.values)[number] | 'UNKNOWN';
export type StorageMountCategory = (typeof storageMountCategories.values)[number] | 'UNKNOWN';

/** An OBS parallel file system mounted into a running notebook; the last three fields come from newer deployments only. */
export type StorageMount = {
  readonly id: string;
  readonly status: StorageMountStatus;
  readonly statusRaw: string;
  /** OBS is asked for, OBSFS comes back */
  readonly category: StorageMountCategory | null;
  readonly categoryRaw: string | null;
  readonly mountPath: string | null;
  readonly uri: string | null;
  readonly failureReason: string | null;
  readonly efsId: string | null;
  readonly mountType: string | null;
};

const checkStorageMount = objectCheck(
  'StorageMount',
  'id category mount_path uri status failure_reason efs_id mount_type',
);

export const decodeStorageMount: Decoder<StorageMount> = (body, drift) => {
  const wire = object(body);
  const id = wire && text(wire.id);
  if (wire === null || id === null || id === '') return null;
  checkStorageMount(wire, drift);
  return {
    id,
    status: storageMountStatuses.read(wire.status, drift) ?? 'UNKNOWN',
    statusRaw: text(wire.status) ?? '',
    category: storageMountCategories.read(wire.category, drift),
    categoryRaw: text(wire.category),
    mountPath: text(wire.mount_path),
    uri: text(wire.uri),
    failureReason: text(wire.failure_reason),
    efsId: text(wire.efs_id),
    mountType: text(wire.mount_type),
  };
};

const decodeStorageMountPage = pageOf('StorageMount', decodeStorageMount);

const mountsPath = (projectId: string, notebookId: string): string => `${notebookPath(projectId, notebookId)}/storage`;
const mountPath = (projectId: string, notebookId: string, mountId: string): string =>
  `${mountsPath(projectId, notebookId)}/${segment(mountId)}`;

/**
 * The mounts of one notebook. The upstream knows no paging here: one page holds everything.
 * REST: `GET /v1/{project_id}/notebooks/{instance_id}/storage` (ListAttachableObss).
 * @throws NotFoundError the project has no such notebook
 */
export const listAttachableObss = async (
  session: Session,
  projectId: string,
  notebookId: string,
): Promise<Page<StorageMount>> =>
  call(
    session,
    {
      operationId: 'listAttachableObss',
      method: 'GET',
      service: 'modelarts',
      path: mountsPath(projectId, notebookId),
    },
    decodeStorageMountPage,
  );

export type AttachObsRequest = {
  /** a direct sub-directory of `/data/`, with trailing slash */
  readonly mountPath: string;
  /** path in a parallel file system: `obs://bucket/directory/` */
  readonly uri: string;
};

/**
 * Mount an OBS parallel file system into a running notebook. The answer is only the start: poll until MOUNTED.
 * REST: `POST /v1/{project_id}/notebooks/{instance_id}/storage` (AttachObs). Tried once.
 * @throws NotFoundError there is no such notebook; ConflictError it is not RUNNING; UpstreamSetupError OBS access is not configured
 */
export const attachObs = async (
  session: Session,
  projectId: string,
  notebookId: string,
  request: AttachObsRequest,
): Promise<StorageMount> =>
  call(
    session,
    {
      operationId: 'attachObs',
      method: 'POST',
      service: 'modelarts',
      path: mountsPath(projectId, notebookId),
      body: { category: 'OBS', mount_path: request.mountPath, uri: request.uri },
    },
    decodeStorageMount,
  );

/**
 * One mount.
 * REST: `GET /v1/{project_id}/notebooks/{instance_id}/storage/{storage_id}` (ShowAttachableObs).
 * @throws NotFoundError there is no such notebook or mount
 */
export const showAttachableObs = async (
  session: Session,
  projectId: string,
  notebookId: string,
  mountId: string,
): Promise<StorageMount> =>
  call(
    session,
    {
      operationId: 'showAttachableObs',
      method: 'GET',
      service: 'modelarts',
      path: mountPath(projectId, notebookId, mountId),
    },
    decodeStorageMount,
  );

/**
 * Unmount; the objects in OBS stay. Done when the mount is UNMOUNTED or no longer found.
 * REST: `DELETE /v1/{project_id}/notebooks/{instance_id}/storage/{storage_id}` (CancelObs). Tried once; asynchronous.
 * @returns the mount in status UNMOUNTING, or null when the upstream answers without a body (204)
 * @throws NotFoundError there is no such notebook or mount
 */
export const cancelObs = async (
  session: Session,
  projectId: string,
  notebookId: string,
  mountId: string,
): Promise<StorageMount | null> =>
  callOrEmpty(
    session,
    {
      operationId: 'cancelObs',
      method: 'DELETE',
      service: 'modelarts',
      path: mountPath(projectId, notebookId, mountId),
    },
    decodeStorageMount,
  );
