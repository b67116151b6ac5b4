import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import { type NotebookFeature, notebookFeatures } from './flavors.ts';
import { checkImage, type Image, readEmbeddedImage, readTag, type Tag } from './images.ts';
import { checkLease, type Lease, readLease } from './leases.ts';
import { filteredAsAsked, filtersQuery, type NotebookFilters } from './notebook-filters.ts';
import {
  type ActionStep,
  checkActionStep,
  checkDataVolume,
  checkEndpoint,
  checkVolume,
  type DataVolume,
  type NotebookEndpoint,
  type NotebookUser,
  type Pool,
  readActionStep,
  readDataVolume,
  readEndpoint,
  readNotebookUser,
  readPool,
  readVolume,
  type Volume,
} from './notebook-parts.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, type Page, pageOf } from './wire/operation.ts';
import { eachOf, enumeration, instant, list, text, texts } from './wire/read.ts';
import { decoderOf, type Reader, withId } from './wire/reader.ts';

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
  readonly billingItems: readonly string[] | null;
  readonly tags: readonly Tag[] | null;
  readonly failReason: string | null;
  readonly pool: Pool | null;
  /** true: from a list, which leaves out url, user, times and more */
  readonly isListItem: boolean;
};

const readerOf = (isListItem: boolean): Reader<Notebook> =>
  withId((wire, id) => {
    const { status, feature, endpoints, action_progress, tags } = wire;
    const lease = readLease(wire.lease);
    return {
      id,
      name: text(wire.name) ?? '',
      description: text(wire.description),
      status: notebookStatuses.read(status) ?? 'UNKNOWN',
      statusRaw: text(status) ?? '',
      feature: notebookFeatures.read(feature),
      featureRaw: text(feature),
      flavorId: text(wire.flavor),
      image: readEmbeddedImage(wire.image),
      lease,
      workspaceId: text(wire.workspace_id),
      jupyterToken: text(wire.token),
      url: text(wire.url),
      // lists leave create_at out; the lease's is 1 to 2 ms older (contract/NOTES.md, section c)
      createdAtMs: instant(wire.create_at) ?? lease?.createdAtMs ?? null,
      updatedAtMs: instant(wire.update_at),
      userId: text(wire.user_id),
      user: readNotebookUser(wire.user),
      volume: readVolume(wire.volume),
      dataVolumes: list(wire.data_volumes, readDataVolume),
      endpoints: Array.isArray(endpoints) ? list(endpoints, readEndpoint) : null,
      actionProgress: Array.isArray(action_progress) ? list(action_progress, readActionStep) : null,
      billingItems: Array.isArray(wire.billing_items) ? texts(wire.billing_items) : null,
      tags: Array.isArray(tags) ? list(tags, readTag) : null,
      failReason: text(wire.fail_reason),
      pool: readPool(wire.pool),
      isListItem,
    };
  });

const checkNotebook = objectCheck(
  'Notebook',
  'id name description status feature flavor image lease workspace_id token url create_at update_at user_id user volume data_volumes endpoints action_progress billing_items tags fail_reason pool custom_spec affinity run_user user_vpc ip jupyter_version is_need_credentials',
  {
    status: notebookStatuses.check,
    feature: notebookFeatures.check,
    image: checkImage,
    lease: checkLease,
    volume: checkVolume,
    data_volumes: eachOf(checkDataVolume),
    endpoints: eachOf(checkEndpoint),
    action_progress: eachOf(checkActionStep),
  },
);

export const decodeNotebook = decoderOf(readerOf(false), checkNotebook);
export const decodeListedNotebook = decoderOf(readerOf(true), checkNotebook);
const decodeNotebookPage = pageOf('Notebook', decodeListedNotebook);

export const notebooksPath = (projectId: string): string => `/v1/${segment(projectId)}/notebooks`;
export const notebookPath = (projectId: string, id: string): string => `${notebooksPath(projectId)}/${segment(id)}`;

/** Page sizes the notebook lists accept; any other may be refused (contract/NOTES.md, section d). */
export const notebookPageLimits = [10, 20, 50] as const;

export type ListNotebooksRequest = NotebookFilters & {
  readonly offset: number;
  readonly limit: (typeof notebookPageLimits)[number];
  /** part of the name */
  readonly name?: string | null | undefined;
  readonly status?: NotebookStatus | null | undefined;
  readonly feature?: NotebookFeature | null | undefined;
  readonly poolId?: string | null | undefined;
  /** user id; honoured for oneself and for administrators */
  readonly ownerId?: string | null | undefined;
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
  ...filtersQuery(request),
  sort_key: request.sortKey,
  sort_dir: request.sortDirection,
});

/**
 * One page of the caller's notebooks.
 * REST: `GET /v1/{project_id}/notebooks` (ListNotebooks).
 * @throws UpstreamSetupError the cloud does not know one of the filters
 */
export const listNotebooks = async (
  session: Session,
  projectId: string,
  request: ListNotebooksRequest,
): Promise<Page<Notebook>> => {
  const page = await call(
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
  return filteredAsAsked(page, request, 'listNotebooks');
};

/**
 * One page of all notebooks of the project, whoever they belong to.
 * REST: `GET /v1/{project_id}/notebooks/all` (ListAllNotebooks).
 * @throws ForbiddenError the user lacks the IAM action `modelarts:notebook:listAllNotebooks`; UpstreamSetupError the cloud
 * does not know one of the filters
 */
export const listAllNotebooks = async (
  session: Session,
  projectId: string,
  request: ListNotebooksRequest,
): Promise<Page<Notebook>> => {
  const page = await call(
    session,
    {
      operationId: 'listAllNotebooks',
      method: 'GET',
      service: 'modelarts',
      path: `${notebooksPath(projectId)}/all`,
      query: listQuery(request),
    },
    decodeNotebookPage,
  );
  return filteredAsAsked(page, request, 'listAllNotebooks');
};

/**
 * One notebook.
 * REST: `GET /v1/{project_id}/notebooks/{id}` (ShowNotebook).
 * @throws NotFoundError the project has no such notebook
 */
export const showNotebook = async (session: Session, projectId: string, id: string): Promise<Notebook> =>
  call(
    session,
    { operationId: 'showNotebook', method: 'GET', service: 'modelarts', path: notebookPath(projectId, id) },
    decodeNotebook,
  );
