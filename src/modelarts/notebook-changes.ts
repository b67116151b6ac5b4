import type { Session } from './client/client.ts';
import { decodeNotebook, type Notebook, notebookPath, notebooksPath } from './notebooks.ts';
import { call, callOrEmpty, ignored } from './wire/operation.ts';

export type EndpointRequest = {
  readonly service: 'NOTEBOOK' | 'SSH';
  readonly keyPairNames?: readonly string[] | undefined;
  readonly allowedAccessIps?: readonly string[] | undefined;
};

export type VolumeRequest = {
  readonly category: 'EFS' | 'EVS' | 'SFS';
  readonly ownership: 'MANAGED' | 'DEDICATED';
  readonly capacityGib?: number | undefined;
  readonly uri?: string | undefined;
  readonly id?: string | undefined;
};

/** A script the container runs; base64 text for COMMAND, an absolute path for SCRIPT. */
export type HookRequest = { readonly script?: string | undefined; readonly type?: 'COMMAND' | 'SCRIPT' | undefined };

export type HooksRequest = {
  readonly preStart?: HookRequest | undefined;
  readonly postStart?: HookRequest | undefined;
};

export type CreateNotebookRequest = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly feature?: 'DEFAULT' | 'NOTEBOOK' | undefined;
  readonly flavorId: string;
  readonly imageId: string;
  readonly volume: VolumeRequest;
  readonly workspaceId?: string | undefined;
  readonly poolId?: string | undefined;
  readonly endpoints?: readonly EndpointRequest[] | undefined;
  readonly lease?:
    | { readonly durationMs?: number | undefined; readonly type?: 'TIMING' | 'IDLE' | undefined }
    | undefined;
  readonly hooks?: HooksRequest | undefined;
};

const endpointsBody = (endpoints: readonly EndpointRequest[] | undefined) =>
  endpoints?.map(({ service, keyPairNames, allowedAccessIps }) => ({
    service,
    key_pair_names: keyPairNames,
    allowed_access_ips: allowedAccessIps,
  }));

const hooksBody = (hooks: HooksRequest | undefined) =>
  hooks && { container_hooks: { pre_start: hooks.preStart, post_start: hooks.postStart } };

/**
 * Create a notebook. The answer is only the start: poll until RUNNING.
 * REST: `POST /v1/{project_id}/notebooks` (CreateNotebook). Tried once: names repeat, so a replay would bill twice.
 * @throws OutcomeUnknownError the answer was lost; the notebook may exist
 */
export const createNotebook = async (
  session: Session,
  projectId: string,
  request: CreateNotebookRequest,
): Promise<Notebook> =>
  call(
    session,
    {
      operationId: 'createNotebook',
      method: 'POST',
      service: 'modelarts',
      path: notebooksPath(projectId),
      body: {
        name: request.name,
        description: request.description,
        feature: request.feature,
        flavor: request.flavorId,
        image_id: request.imageId,
        volume: {
          category: request.volume.category,
          ownership: request.volume.ownership,
          capacity: request.volume.capacityGib,
          uri: request.volume.uri,
          id: request.volume.id,
        },
        workspace_id: request.workspaceId,
        pool_id: request.poolId,
        endpoints: endpointsBody(request.endpoints),
        lease: request.lease && { duration: request.lease.durationMs, type: request.lease.type?.toLowerCase() },
        hooks: hooksBody(request.hooks),
      },
    },
    decodeNotebook,
  );

/** What to change; what is left out stays. The upstream takes some changes in one status only: see state-machine.ts. */
export type UpdateNotebookRequest = {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** one of `showSwitchableFlavors` */
  readonly flavorId?: string | undefined;
  readonly imageId?: string | undefined;
  /** new total size of an EVS volume; it can only grow */
  readonly capacityGib?: number | undefined;
  readonly endpoints?: readonly EndpointRequest[] | undefined;
  readonly hooks?: HooksRequest | undefined;
};

/**
 * Change a notebook; only what is given is sent. The answer may be a fragment without id or status, so read again after it.
 * REST: `PUT /v1/{project_id}/notebooks/{id}` (UpdateNotebook), a partial update in spite of PUT. Tried once.
 * @throws NotFoundError there is none; ConflictError its status does not allow the change
 */
export async function updateNotebook(
  session: Session,
  projectId: string,
  id: string,
  request: UpdateNotebookRequest,
): Promise<void> {
  await call(
    session,
    {
      operationId: 'updateNotebook',
      method: 'PUT',
      service: 'modelarts',
      path: notebookPath(projectId, id),
      body: {
        name: request.name,
        description: request.description,
        flavor: request.flavorId,
        image_id: request.imageId,
        storage_new_size: request.capacityGib,
        endpoints: endpointsBody(request.endpoints),
        hooks: hooksBody(request.hooks),
      },
    },
    ignored,
  );
}

/**
 * Start a stopped notebook.
 * REST: `POST /v1/{project_id}/notebooks/{id}/start?duration&type` (StartNotebook). Tried once.
 * @param lease time until auto-stop in ms, counted from now
 * @throws NotFoundError there is none; ConflictError it is not STOPPED
 */
export const startNotebook = async (
  session: Session,
  projectId: string,
  id: string,
  lease: { readonly durationMs?: number | undefined; readonly type?: 'TIMING' | 'IDLE' | undefined } = {},
): Promise<Notebook> =>
  call(
    session,
    {
      operationId: 'startNotebook',
      method: 'POST',
      service: 'modelarts',
      path: `${notebookPath(projectId, id)}/start`,
      query: { duration: lease.durationMs, type: lease.type?.toLowerCase() },
    },
    decodeNotebook,
  );

/**
 * Stop a running notebook. Only what lies under its volume survives.
 * REST: `POST /v1/{project_id}/notebooks/{id}/stop` (StopNotebook). Tried once.
 * @throws NotFoundError there is none; ConflictError it is not RUNNING
 */
export const stopNotebook = async (session: Session, projectId: string, id: string): Promise<Notebook> =>
  call(
    session,
    {
      operationId: 'stopNotebook',
      method: 'POST',
      service: 'modelarts',
      path: `${notebookPath(projectId, id)}/stop`,
    },
    decodeNotebook,
  );

/**
 * Delete a notebook with all its storage.
 * REST: `DELETE /v1/{project_id}/notebooks/{id}` (DeleteNotebook). Tried once; asynchronous.
 * @returns the notebook in status DELETING, or null when it is gone at once (204)
 * @throws NotFoundError there is none; ConflictError its status does not allow it
 */
export const deleteNotebook = async (session: Session, projectId: string, id: string): Promise<Notebook | null> =>
  callOrEmpty(
    session,
    { operationId: 'deleteNotebook', method: 'DELETE', service: 'modelarts', path: notebookPath(projectId, id) },
    decodeNotebook,
  );
