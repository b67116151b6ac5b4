import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import type { NamedRef } from './tokens.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, type Page, pageOf } from './wire/operation.ts';
import { enumeration, instant, list, object, text } from './wire/read.ts';
import { decoderOf, withId } from './wire/reader.ts';

export const workspaceStatuses = enumeration('Workspace.status', [
  'NORMAL',
  'CREATE_FAILED',
  'DELETING',
  'DELETE_FAILED',
]);
export const workspaceAccesses = enumeration('Workspace.auth_type', ['PUBLIC', 'PRIVATE', 'INTERNAL']);
export type WorkspaceStatus = (typeof workspaceStatuses.values)[number] | 'UNKNOWN';
export type WorkspaceAccess = (typeof workspaceAccesses.values)[number] | 'UNKNOWN';

/** What a project is divided into. Times are Unix ms; null: the upstream left the field out. */
export type Workspace = {
  /** `0`: the default one */
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** user name */
  readonly owner: string | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly access: WorkspaceAccess | null;
  readonly accessRaw: string | null;
  readonly enterpriseProject: NamedRef | null;
  readonly status: WorkspaceStatus | null;
  readonly statusRaw: string | null;
  readonly statusMessage: string | null;
  /** users who may enter it, where `access` is INTERNAL */
  readonly users: readonly NamedRef[];
};

const readWorkspace = withId<Workspace>((wire, id) => ({
  id,
  name: text(wire.name) ?? '',
  description: text(wire.description),
  owner: text(wire.owner),
  createdAtMs: instant(wire.create_time),
  updatedAtMs: instant(wire.update_time),
  access: workspaceAccesses.read(wire.auth_type),
  accessRaw: text(wire.auth_type),
  enterpriseProject:
    text(wire.enterprise_project_id) === null
      ? null
      : { id: text(wire.enterprise_project_id), name: text(wire.enterprise_project_name) },
  status: workspaceStatuses.read(wire.status),
  statusRaw: text(wire.status),
  statusMessage: text(wire.status_info),
  users: list(wire.grants, (grant) => {
    const user = object(grant);
    return user && { id: text(user.user_id), name: text(user.user_name) };
  }),
}));

export const decodeWorkspace = decoderOf(
  readWorkspace,
  objectCheck(
    'Workspace',
    'id name description owner create_time update_time auth_type enterprise_project_id enterprise_project_name status status_info grants',
    { status: workspaceStatuses.check, auth_type: workspaceAccesses.check },
  ),
);

const decodeWorkspacePage = pageOf('Workspace', decodeWorkspace, { items: 'workspaces', total: 'total_count' });

/** Largest page asked for; no maximum is stated. */
export const workspacePageLimit = 200;

export type ListWorkspacesRequest = {
  readonly offset: number;
  readonly limit: number;
  /** part of the name */
  readonly name?: string | null | undefined;
  readonly enterpriseProjectId?: string | null | undefined;
  /** true: those alone that the user may enter */
  readonly isAccessibleOnly?: boolean | null | undefined;
};

/**
 * One page of the project's workspaces, by name.
 * REST: `GET /v1/{project_id}/workspaces` (ListWorkspaces).
 */
export const listWorkspaces = async (
  session: Session,
  projectId: string,
  request: ListWorkspacesRequest,
): Promise<Page<Workspace>> =>
  call(
    session,
    {
      operationId: 'listWorkspaces',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/workspaces`,
      query: {
        offset: request.offset,
        limit: request.limit,
        sort_by: 'name',
        order: 'asc',
        name: request.name,
        enterprise_project_id: request.enterpriseProjectId,
        filter_accessible: request.isAccessibleOnly,
      },
    },
    decodeWorkspacePage,
  );
