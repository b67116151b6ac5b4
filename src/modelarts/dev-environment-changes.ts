import type { Session } from './client/client.ts';
import {
  type DevEnvInstance,
  type DevEnvironmentStatus,
  decodeDevEnvironment,
  devEnvironmentStatuses,
  instancePath,
  instancesPath,
} from './dev-environments.ts';
import { call, type Decoder, ignored } from './wire/operation.ts';
import { object, text } from './wire/read.ts';

export type DevAutoStopRequest = {
  /** left out: false */
  readonly isEnabled?: boolean | undefined;
  /** 3600 to 86400; needed when enabled */
  readonly durationSeconds?: number | undefined;
  readonly isPrompted?: boolean | undefined;
};

export type DevStorageRequest = {
  /** the current page says OBS only; OBSFS in `extendStorage` only */
  readonly type: 'OBS' | 'EVS' | 'OBSFS';
  readonly location?:
    | {
        /** for OBS: bucket and at least one directory, with trailing slash */
        readonly path?: string | undefined;
        readonly volumeSizeGib?: number | undefined;
      }
    | undefined;
};

export type CreateDevEnvironmentRequest = {
  /** unique; 1 to 64 letters, digits, hyphens or underscores */
  readonly name: string;
  readonly profileId: string;
  readonly flavorId: string;
  readonly description?: string | undefined;
  readonly spec: {
    readonly storage: DevStorageRequest;
    readonly extendStorage?: readonly DevStorageRequest[] | undefined;
    readonly autoStop?: DevAutoStopRequest | undefined;
    readonly annotations?: readonly { readonly key: string; readonly value: string }[] | undefined;
  };
  /** left out: `0` */
  readonly workspaceId?: string | undefined;
  readonly pool?:
    | {
        readonly id: string;
        readonly type?: string | undefined;
        readonly name?: string | undefined;
        readonly ownerProjectId?: string | undefined;
      }
    | undefined;
  /** reserved by the upstream */
  readonly aiProjectId?: string | undefined;
};

const autoStopBody = (autoStop: DevAutoStopRequest | undefined) =>
  autoStop && { enable: autoStop.isEnabled, duration: autoStop.durationSeconds, prompt: autoStop.isPrompted };

const storageBody = ({ type, location }: DevStorageRequest) => ({
  type: type.toLowerCase(),
  location: location && { path: location.path, volume_size: location.volumeSizeGib },
});

const poolBody = (pool: CreateDevEnvironmentRequest['pool']) =>
  pool && {
    id: pool.id,
    type: pool.type,
    name: pool.name,
    owner: pool.ownerProjectId === undefined ? undefined : { project_id: pool.ownerProjectId },
  };

const createBody = ({ spec, ...request }: CreateDevEnvironmentRequest) => ({
  name: request.name,
  profile_id: request.profileId,
  description: request.description,
  flavor: request.flavorId,
  spec: {
    storage: storageBody(spec.storage),
    extend_storage: spec.extendStorage?.map(storageBody),
    auto_stop: autoStopBody(spec.autoStop),
    annotations: spec.annotations && Object.fromEntries(spec.annotations.map(({ key, value }) => [key, value])),
  },
  workspace: request.workspaceId === undefined ? undefined : { id: request.workspaceId },
  pool: poolBody(request.pool),
  ai_project: request.aiProjectId === undefined ? undefined : { id: request.aiProjectId },
});

/**
 * Create a development environment. The answer is only the start: poll until RUNNING.
 * REST: `POST /v1/{project_id}/demanager/instances` (CreateDevEnvironment). Tried once.
 * @throws ConflictError the name is taken; OutcomeUnknownError the answer was lost, the instance may exist
 */
export const createDevEnvironment = async (
  session: Session,
  projectId: string,
  request: CreateDevEnvironmentRequest,
): Promise<DevEnvInstance> =>
  call(
    session,
    {
      operationId: 'createDevEnvironment',
      method: 'POST',
      service: 'modelarts',
      path: instancesPath(projectId),
      body: createBody(request),
    },
    decodeDevEnvironment,
  );

export type UpdateDevEnvironmentRequest = {
  readonly description?: string | undefined;
  /** while RUNNING it works from the next start */
  readonly autoStop?: DevAutoStopRequest | undefined;
};

/**
 * Change the description or auto stop; only what is given is sent. The answer lacks half the fields, so read again after it.
 * REST: `PUT /v1/{project_id}/demanager/instances/{instance_id}` (UpdateDevEnvironment). Tried once.
 * @throws NotFoundError there is none; ConflictError its status does not allow it
 */
export async function updateDevEnvironment(
  session: Session,
  projectId: string,
  id: string,
  request: UpdateDevEnvironmentRequest,
): Promise<void> {
  await call(
    session,
    {
      operationId: 'updateDevEnvironment',
      method: 'PUT',
      service: 'modelarts',
      path: instancePath(projectId, id),
      body: {
        description: request.description,
        spec: request.autoStop && { auto_stop: autoStopBody(request.autoStop) },
      },
    },
    ignored,
  );
}

/**
 * Delete a development environment; it must not be running.
 * REST: `DELETE /v1/{project_id}/demanager/instances/{instance_id}` (DeleteDevEnvironment). Tried once; done when it answers.
 * @returns the id the upstream names, or the one asked for when it names none
 * @throws NotFoundError there is none; ConflictError it has to be stopped first
 */
export const deleteDevEnvironment = async (session: Session, projectId: string, id: string): Promise<string> =>
  call(
    session,
    { operationId: 'deleteDevEnvironment', method: 'DELETE', service: 'modelarts', path: instancePath(projectId, id) },
    (body) => text(object(body)?.instance_id) ?? id,
  );

/** What an action did to the status: the instance is on its way from `previousStatus`. */
export type DevEnvironmentTransition = {
  readonly currentStatus: DevEnvironmentStatus;
  readonly currentStatusRaw: string;
  readonly previousStatus: DevEnvironmentStatus | null;
  readonly previousStatusRaw: string | null;
};

export const decodeDevEnvironmentTransition: Decoder<DevEnvironmentTransition> = (body, drift) => {
  const wire = object(body);
  const current = wire && text(wire.current_status);
  if (wire === null || current === null) return null;
  return {
    currentStatus: devEnvironmentStatuses.read(current, drift) ?? 'UNKNOWN',
    currentStatusRaw: current,
    previousStatus: devEnvironmentStatuses.read(wire.previous_state, drift),
    previousStatusRaw: text(wire.previous_state),
  };
};

/**
 * Start a stopped development environment or stop a running one. The answer is only the start: poll until it settles.
 * REST: `POST /v1/{project_id}/demanager/instances/{instance_id}/action` (ActOnDevEnvironment). Tried once.
 * @throws NotFoundError there is none; ConflictError its status does not allow it
 */
export const actOnDevEnvironment = async (
  session: Session,
  projectId: string,
  id: string,
  action: 'START' | 'STOP',
): Promise<DevEnvironmentTransition> =>
  call(
    session,
    {
      operationId: 'actOnDevEnvironment',
      method: 'POST',
      service: 'modelarts',
      path: `${instancePath(projectId, id)}/action`,
      body: { action: action.toLowerCase() },
    },
    decodeDevEnvironmentTransition,
  );
