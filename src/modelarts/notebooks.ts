import type { Session } from './client.ts';
import { type NotebookFeature, notebookFeatures } from './flavors.ts';
import { decodeEmbeddedImage, decodeTag, type Image, type Tag } from './images.ts';
import { decodeLease, type Lease } from './leases.ts';
import {
  type ActionStep,
  type DataVolume,
  decodeActionStep,
  decodeDataVolume,
  decodeEndpoint,
  decodeNotebookUser,
  decodePool,
  decodeVolume,
  type NotebookEndpoint,
  type NotebookUser,
  type Pool,
  type Volume,
} from './notebook-parts.ts';
import { call, type Decoder, type Page, pageOf } from './operation.ts';
import { segment } from './path.ts';
import { enumeration, integer, list, object, text, texts } from './read.ts';

export const notebookStatuses = enumeration('Notebook.status', [
  'INIT',
  'CREATING',
  'STARTING',
  'STOPPING',
  'DELETING',
  'RUNNING',
  'STOPPED',
  'SNAPSHOTTING',
  'CREATE_FAILED',
  'START_FAILED',
  'DELETE_FAILED',
  'ERROR',
  'DELETED',
  'FROZEN',
]);
export type NotebookStatus = (typeof notebookStatuses.values)[number] | 'UNKNOWN';

/** A notebook instance. Times are Unix ms; null: the upstream left the field out. */
export type Notebook = {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly status: NotebookStatus;
  readonly statusRaw: string;
  readonly feature: NotebookFeature | null;
  readonly featureRaw: string | null;
  readonly flavorId: string | null;
  readonly image: Image | null;
  readonly lease: Lease | null;
  readonly workspaceId: string | null;
  /** credential: `url + "?token=" + jupyterToken` opens JupyterLab; changes on every start */
  readonly jupyterToken: string | null;
  readonly url: string | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly userId: string | null;
  readonly user: NotebookUser | null;
  readonly volume: Volume | null;
  readonly dataVolumes: readonly DataVolume[];
  readonly endpoints: readonly NotebookEndpoint[] | null;
  readonly actionProgress: readonly ActionStep[] | null;
  readonly billingItems: readonly string[];
  readonly tags: readonly Tag[];
  readonly failReason: string | null;
  readonly pool: Pool | null;
  /** true: from a list, which leaves out url, user, times and more */
  readonly isListItem: boolean;
};

const decodeAs =
  (isListItem: boolean): Decoder<Notebook> =>
  (body, drift) => {
    const wire = object(body);
    const id = wire && text(wire.id);
    if (wire === null || id === null || id === '') return null;
    const lease = decodeLease(wire.lease, drift);
    return {
      id,
      name: text(wire.name) ?? '',
      description: text(wire.description),
      status: notebookStatuses.read(wire.status, drift) ?? 'UNKNOWN',
      statusRaw: text(wire.status) ?? '',
      feature: notebookFeatures.read(wire.feature, drift),
      featureRaw: text(wire.feature),
      flavorId: text(wire.flavor),
      image: decodeEmbeddedImage(wire.image, drift),
      lease,
      workspaceId: text(wire.workspace_id),
      jupyterToken: text(wire.token),
      url: text(wire.url),
      // lists leave create_at out; the lease's is 1 to 2 ms older (contract/NOTES.md, section c)
      createdAtMs: integer(wire.create_at) ?? lease?.createdAtMs ?? null,
      updatedAtMs: integer(wire.update_at),
      userId: text(wire.user_id),
      user: decodeNotebookUser(wire.user, drift),
      volume: decodeVolume(wire.volume, drift),
      dataVolumes: list(wire.data_volumes, (item) => decodeDataVolume(item, drift)),
      endpoints: Array.isArray(wire.endpoints) ? list(wire.endpoints, (item) => decodeEndpoint(item, drift)) : null,
      actionProgress: Array.isArray(wire.action_progress)
        ? list(wire.action_progress, (item) => decodeActionStep(item, drift))
        : null,
      billingItems: texts(wire.billing_items),
      tags: list(wire.tags, (item) => decodeTag(item, drift)),
      failReason: text(wire.fail_reason),
      pool: decodePool(wire.pool, drift),
      isListItem,
    };
  };

export const decodeNotebook = decodeAs(false);
const decodeNotebookPage = pageOf('data', 'total', decodeAs(true));

const notebooksPath = (projectId: string): string => `/v1/${segment(projectId)}/notebooks`;
const notebookPath = (projectId: string, id: string): string => `${notebooksPath(projectId)}/${segment(id)}`;

/** Page sizes the notebook lists accept; any other may be refused (contract/NOTES.md, section d). */
export const notebookPageLimits = [10, 20, 50] as const;

export type ListNotebooksRequest = {
  readonly offset: number;
  readonly limit: (typeof notebookPageLimits)[number];
  /** part of the name */
  readonly name?: string | null | undefined;
  readonly status?: NotebookStatus | null | undefined;
  readonly feature?: NotebookFeature | null | undefined;
  readonly poolId?: string | null | undefined;
  /** user id; honoured for oneself and for administrators */
  readonly ownerId?: string | null | undefined;
  readonly workspaceId?: string | null | undefined;
  readonly sortKey?: string | null | undefined;
  readonly sortDirection?: 'ASC' | 'DESC' | null | undefined;
};

const listQuery = (request: ListNotebooksRequest) => ({
  offset: request.offset,
  limit: request.limit,
  name: request.name,
  status: request.status,
  feature: request.feature,
  pool_id: request.poolId,
  owner: request.ownerId,
  // camel case on the two notebook lists only
  workspaceId: request.workspaceId,
  sort_key: request.sortKey,
  sort_dir: request.sortDirection,
});

/**
 * One page of the caller's notebooks.
 * REST: `GET /v1/{project_id}/notebooks` (ListNotebooks).
 */
export const listNotebooks = (
  session: Session,
  projectId: string,
  request: ListNotebooksRequest,
): Promise<Page<Notebook>> =>
  call(
    session,
    {
      operationId: 'listNotebooks',
      method: 'GET',
      service: 'modelarts',
      path: notebooksPath(projectId),
      query: listQuery(request),
    },
    decodeNotebookPage,
  );

/**
 * One notebook.
 * REST: `GET /v1/{project_id}/notebooks/{id}` (ShowNotebook).
 * @throws NotFoundError the project has no such notebook
 */
export const showNotebook = (session: Session, projectId: string, id: string): Promise<Notebook> =>
  call(
    session,
    { operationId: 'showNotebook', method: 'GET', service: 'modelarts', path: notebookPath(projectId, id) },
    decodeNotebook,
  );

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
export const createNotebook = (
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

/**
 * Start a stopped notebook.
 * REST: `POST /v1/{project_id}/notebooks/{id}/start?duration&type` (StartNotebook). Tried once.
 * @param lease time until auto-stop in ms, counted from now
 * @throws NotFoundError there is none; ConflictError it is not STOPPED
 */
export const startNotebook = (
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
export const stopNotebook = (session: Session, projectId: string, id: string): Promise<Notebook> =>
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
export async function deleteNotebook(session: Session, projectId: string, id: string): Promise<Notebook | null> {
  const deleted = await call<Notebook | 'NO_CONTENT'>(
    session,
    { operationId: 'deleteNotebook', method: 'DELETE', service: 'modelarts', path: notebookPath(projectId, id) },
    (body, drift) => (body === null ? 'NO_CONTENT' : decodeNotebook(body, drift)),
  );
  return deleted === 'NO_CONTENT' ? null : deleted;
}
