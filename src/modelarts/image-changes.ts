import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import { decodeImage, type Image } from './images.ts';
import { call, callOrEmpty } from './wire/operation.ts';

export type CreateImageRequest = {
  /** lower case letters, digits, dots, hyphens, underscores */
  readonly name: string;
  /** SWR organization */
  readonly namespace: string;
  /** image version, at most 64 characters */
  readonly tag?: string | undefined;
  readonly description?: string | undefined;
  /** left out: `0` */
  readonly workspaceId?: string | undefined;
};

/**
 * Save a running notebook as an image. The answer is only the start: poll `showImage` until ACTIVE.
 * The notebook is SNAPSHOTTING and not usable meanwhile.
 * REST: `POST /v1/{project_id}/notebooks/{id}/create-image` (CreateImage). Tried once.
 * @returns the image in status INIT
 * @throws NotFoundError there is no such notebook; ConflictError it is not RUNNING, or name and tag are taken
 */
export const createImage = async (
  session: Session,
  projectId: string,
  notebookId: string,
  request: CreateImageRequest,
): Promise<Image> =>
  call(
    session,
    {
      operationId: 'createImage',
      method: 'POST',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/notebooks/${segment(notebookId)}/create-image`,
      body: {
        name: request.name,
        namespace: request.namespace,
        tag: request.tag,
        description: request.description,
        workspace_id: request.workspaceId,
      },
    },
    decodeImage,
  );

export type RegisterImageRequest = {
  /** `host[:port]/namespace/name:tag` */
  readonly swrPath: string;
  /** left out: X86_64 */
  readonly arch?: 'X86_64' | 'AARCH64' | undefined;
  readonly description?: string | undefined;
  /** left out: CUSTOMIZE */
  readonly origin?: 'CUSTOMIZE' | 'IMAGE_SAVE' | undefined;
  /** left out: CPU and GPU */
  readonly resourceCategories?: readonly ('CPU' | 'GPU' | 'ASCEND')[] | undefined;
  readonly serviceType?: 'COMMON' | 'INFERENCE' | 'TRAIN' | 'DEV' | 'UNKNOWN' | undefined;
  /** left out: both */
  readonly devServices?: readonly ('NOTEBOOK' | 'SSH')[] | undefined;
  /** left out: PRIVATE */
  readonly visibility?: 'PRIVATE' | 'PUBLIC' | undefined;
  /** left out: `0` */
  readonly workspaceId?: string | undefined;
};

/**
 * Register an image that already lies in the container registry.
 * REST: `POST /v1/{project_id}/images` (RegisterImage). Tried once.
 * @throws NotFoundError the registry has no such image, or it is not accessible; ConflictError name and tag are taken
 */
export const registerImage = async (
  session: Session,
  projectId: string,
  request: RegisterImageRequest,
): Promise<Image> =>
  call(
    session,
    {
      operationId: 'registerImage',
      method: 'POST',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/images`,
      body: {
        swr_path: request.swrPath,
        arch: request.arch,
        description: request.description,
        origin: request.origin,
        // the answer calls these two resource_categories and dev_services (contract/NOTES.md, trap 8)
        resource_category: request.resourceCategories,
        services: request.devServices,
        service_type: request.serviceType,
        visibility: request.visibility,
        workspace_id: request.workspaceId,
      },
    },
    decodeImage,
  );

/**
 * Delete an image. It must not be in use by a notebook.
 * REST: `DELETE /v1/{project_id}/images/{id}?force` (DeleteImage), with the body `{is_force}` that newer clouds take instead. Tried once.
 * @param isForced also delete the content in the container registry (own private images)
 * @returns the image in status DELETED, or null when the upstream answers without a body (204)
 * @throws NotFoundError the project has no such image
 */
export const deleteImage = async (
  session: Session,
  projectId: string,
  imageId: string,
  { isForced }: { readonly isForced?: boolean | undefined } = {},
): Promise<Image | null> =>
  callOrEmpty(
    session,
    {
      operationId: 'deleteImage',
      method: 'DELETE',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/images/${segment(imageId)}`,
      query: { force: isForced },
      ...(isForced === true && { body: { is_force: true } }),
    },
    decodeImage,
  );
