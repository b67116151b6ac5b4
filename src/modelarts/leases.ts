import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, callOrEmpty } from './wire/operation.ts';
import { enumeration, flag, instant, integer, object, text } from './wire/read.ts';
import { decoderOf, type Reader } from './wire/reader.ts';

export const leaseTypes = enumeration('Lease.type', ['TIMING', 'IDLE']);
export type LeaseType = (typeof leaseTypes.values)[number] | 'UNKNOWN';

/** Auto-stop of a notebook. Times are Unix ms; `durationMs` counts from `createdAtMs` and passes 2^31 after 24.8 days. */
export type Lease = {
  readonly isEnabled: boolean;
  readonly createdAtMs: number | null;
  readonly durationMs: number | null;
  readonly updatedAtMs: number | null;
  readonly type: LeaseType | null;
  readonly typeRaw: string | null;
};

export const readLease: Reader<Lease> = (body) => {
  const wire = object(body);
  if (wire === null) return null;
  const isEnabled = flag(wire.enable);
  const createdAtMs = instant(wire.create_at);
  const durationMs = integer(wire.duration);
  if (isEnabled === null && createdAtMs === null && durationMs === null) return null;
  return {
    isEnabled: isEnabled ?? false,
    createdAtMs,
    durationMs,
    updatedAtMs: instant(wire.update_at),
    type: leaseTypes.read(wire.type),
    typeRaw: text(wire.type),
  };
};

export const checkLease = objectCheck('Lease', 'create_at duration enable type update_at', { type: leaseTypes.check });
export const decodeLease = decoderOf(readLease, checkLease);

/**
 * When the instance stops by itself, Unix ms: `create_at + duration` (contract/NOTES.md, section c).
 * @returns null when auto-stop is off or the upstream left a part out
 */
export const leaseExpiresAtMs = (lease: Lease): number | null =>
  lease.isEnabled && lease.createdAtMs !== null && lease.durationMs !== null && lease.durationMs >= 0
    ? lease.createdAtMs + lease.durationMs
    : null;

/**
 * Read the lease of a running notebook.
 * REST: `GET /v1/{project_id}/notebooks/{id}/lease` (ShowLease).
 * @throws NotFoundError the project has no such notebook; ConflictError it is not running
 */
export const showLease = async (session: Session, projectId: string, notebookId: string): Promise<Lease> =>
  call(
    session,
    {
      operationId: 'showLease',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/notebooks/${segment(notebookId)}/lease`,
    },
    decodeLease,
  );

export type RenewLeaseRequest = {
  /** ms until auto-stop, counted from now; left out: the upstream's hour */
  readonly durationMs?: number | undefined;
  readonly type?: 'TIMING' | 'IDLE' | undefined;
};

/**
 * Restart the auto-stop countdown of a running notebook.
 * REST: `PATCH /v1/{project_id}/notebooks/{id}/lease` (RenewLease). Tried once: a PATCH is never replayed.
 * @returns the lease as stored (`durationMs` counts from creation, so it does not echo the request), or null when the
 * upstream answers 204 without a body
 * @throws NotFoundError the project has no such notebook; ConflictError it is not running
 */
export const renewLease = async (
  session: Session,
  projectId: string,
  notebookId: string,
  request: RenewLeaseRequest,
): Promise<Lease | null> =>
  callOrEmpty(
    session,
    {
      operationId: 'renewLease',
      method: 'PATCH',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/notebooks/${segment(notebookId)}/lease`,
      body: { duration: request.durationMs, type: request.type?.toLowerCase() },
    },
    decodeLease,
  );
