import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import {
  type DevFlavorDetails,
  type DevPool,
  type DevProfile,
  type DevQueuing,
  decodeDevFlavorDetails,
  decodeDevPool,
  decodeDevProfile,
  decodeDevQueuing,
} from './dev-environment-parts.ts';
import { type DevRepository, type DevSpec, decodeDevRepository, decodeDevSpec } from './dev-environment-spec.ts';
import type { NamedRef } from './tokens.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, type Decoder, type Page, pageOf } from './wire/operation.ts';
import { enumeration, instant, object, text } from './wire/read.ts';

export const devEnvironmentStatuses = enumeration('DevEnvInstance.status', [
  'CREATE_QUEUING',
  'CREATING',
  'CREATE_FAILED',
  'START_QUEUING',
  'READY_TO_START',
  'STARTING',
  'RESTARTING',
  'START_FAILED',
  'RUNNING',
  'STOPPING',
  'STOPPED',
  'UNAVAILABLE',
  'DELETING',
  'DELETED',
  'RESIZING',
  'RESIZE_FAILED',
]);
export type DevEnvironmentStatus = (typeof devEnvironmentStatuses.values)[number] | 'UNKNOWN';

/** A development environment of the historical API. Times are Unix ms; null: the upstream left the field out. */
export type DevEnvInstance = {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly status: DevEnvironmentStatus;
  readonly statusRaw: string;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly profile: DevProfile | null;
  readonly flavorId: string | null;
  readonly flavorDetails: DevFlavorDetails | null;
  readonly pool: DevPool | null;
  readonly spec: DevSpec | null;
  readonly workspaceId: string | null;
  readonly aiProjectId: string | null;
  /** what the instance failed with; the request itself succeeded */
  readonly errorCode: string | null;
  readonly queuing: DevQueuing | null;
  readonly user: NamedRef | null;
  readonly repository: DevRepository | null;
};

const checkDevEnvironment = objectCheck(
  'DevEnvironment',
  'id name description status creation_timestamp latest_update_timestamp flavor flavor_details profile spec user workspace ai_project pool queuing_info error_code repository',
);

export const decodeDevEnvironment: Decoder<DevEnvInstance> = (body, drift) => {
  const wire = object(body);
  const id = wire && text(wire.id);
  if (wire === null || id === null || id === '') return null;
  checkDevEnvironment(wire, drift);
  const user = object(wire.user);
  return {
    id,
    name: text(wire.name) ?? '',
    description: text(wire.description),
    status: devEnvironmentStatuses.read(wire.status, drift) ?? 'UNKNOWN',
    statusRaw: text(wire.status) ?? '',
    createdAtMs: instant(wire.creation_timestamp),
    updatedAtMs: instant(wire.latest_update_timestamp),
    profile: decodeDevProfile(wire.profile, drift),
    flavorId: text(wire.flavor),
    flavorDetails: decodeDevFlavorDetails(wire.flavor_details, drift),
    pool: decodeDevPool(wire.pool, drift),
    spec: decodeDevSpec(wire.spec, drift),
    workspaceId: text(object(wire.workspace)?.id),
    aiProjectId: text(object(wire.ai_project)?.id),
    errorCode: text(wire.error_code),
    queuing: decodeDevQueuing(wire.queuing_info, drift),
    user: user && { id: text(user.id), name: text(user.name) },
    repository: decodeDevRepository(wire.repository, drift),
  };
};

const decodeDevEnvironmentPage = pageOf('DevEnvironment', decodeDevEnvironment, {
  items: 'instances',
  total: 'total_count',
});

export const instancesPath = (projectId: string): string => `/v1/${segment(projectId)}/demanager/instances`;
export const instancePath = (projectId: string, id: string): string => `${instancesPath(projectId)}/${segment(id)}`;

export type ListDevEnvironmentsRequest = {
  readonly offset?: number | undefined;
  /** 0 or left out: everything */
  readonly limit?: number | undefined;
  readonly status?: Exclude<DevEnvironmentStatus, 'DELETING' | 'UNKNOWN'> | null | undefined;
  readonly provisionType?: 'DOCKER' | null | undefined;
  readonly workspaceId?: string | null | undefined;
  /** left out: true, only the caller's own */
  readonly isOwnOnly?: boolean | null | undefined;
  readonly aiProjectId?: string | null | undefined;
  readonly poolId?: string | null | undefined;
  /** left out: NAME */
  readonly sortBy?: 'NAME' | 'CREATION_TIMESTAMP' | null | undefined;
  /** left out: ASC */
  readonly sortDirection?: 'ASC' | 'DESC' | null | undefined;
};

/**
 * One page of development environments.
 * REST: `GET /v1/{project_id}/demanager/instances?de_type=Notebook` (ListDevEnvironments).
 */
export const listDevEnvironments = async (
  session: Session,
  projectId: string,
  request: ListDevEnvironmentsRequest = {},
): Promise<Page<DevEnvInstance>> =>
  call(
    session,
    {
      operationId: 'listDevEnvironments',
      method: 'GET',
      service: 'modelarts',
      path: instancesPath(projectId),
      query: {
        // required, and the only value there is; the capital matters
        de_type: 'Notebook',
        provision_type: request.provisionType && 'Docker',
        status: request.status,
        sortby: request.sortBy?.toLowerCase(),
        order: request.sortDirection?.toLowerCase(),
        offset: request.offset,
        limit: request.limit,
        workspace_id: request.workspaceId,
        show_self: request.isOwnOnly,
        ai_project: request.aiProjectId,
        pool_id: request.poolId,
      },
    },
    decodeDevEnvironmentPage,
  );

/**
 * One development environment.
 * REST: `GET /v1/{project_id}/demanager/instances/{instance_id}` (ShowDevEnvironment).
 * @throws NotFoundError the project has no such instance
 */
export const showDevEnvironment = async (session: Session, projectId: string, id: string): Promise<DevEnvInstance> =>
  call(
    session,
    { operationId: 'showDevEnvironment', method: 'GET', service: 'modelarts', path: instancePath(projectId, id) },
    decodeDevEnvironment,
  );
