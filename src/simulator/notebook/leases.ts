import { type Answer, integerField, objectField, ok, type ProjectCall, readBody, stringField } from '../call.ts';
import { invalidParameter, refusal, wrongValue } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { grant, type LeaseRequest, leaseBody } from './lease-countdown.ts';
import { findNotebook } from './lifecycle.ts';
import type { Notebook } from './record.ts';

const hourMs = 3_600_000;

/** `lease` of createNotebook; the older `duration` beside it wins and means timing. */
export function leaseFromBody(body: JsonObject): LeaseRequest {
  const duration = integerField(body, 'duration');
  if (duration !== undefined) return leaseRequest(duration, undefined);
  const lease = objectField(body, 'lease') ?? {};
  return leaseRequest(integerField(lease, 'duration'), stringField(lease, 'type'));
}

/** `duration` and `type` of startNotebook, which has no body. */
export const leaseFromQuery = (query: URLSearchParams): LeaseRequest =>
  leaseRequest(queryDuration(query), query.get('type') ?? undefined);

export function showLease(call: ProjectCall): Answer {
  return ok(leaseBody(runningNotebook(call).lease));
}

/** A `duration` in the query makes the body ignored and the type timing. */
export function renewLease(call: ProjectCall): Answer {
  const { lease } = runningNotebook(call);
  const fromQuery = queryDuration(call.query);
  if (fromQuery !== undefined) {
    grant(lease, leaseRequest(fromQuery, undefined), call.now);
  } else {
    const body = readBody(call);
    grant(lease, leaseRequest(integerField(body, 'duration'), stringField(body, 'type')), call.now);
  }
  return ok(leaseBody(lease));
}

function runningNotebook(call: ProjectCall): Notebook {
  const notebook = findNotebook(call);
  if (notebook.status !== 'RUNNING') throw refusal('6327');
  return notebook;
}

function leaseRequest(durationMs: number | undefined, type: string | undefined): LeaseRequest {
  const asked = durationMs ?? hourMs;
  if (asked !== -1 && (asked < hourMs || asked > 72 * hourMs)) throw refusal('6349', hourMs, 72 * hourMs);
  const lower = type?.toLowerCase() ?? 'timing';
  if (lower !== 'timing' && lower !== 'idle') throw wrongValue('type');
  return { durationMs: asked, type: lower === 'idle' ? 'IDLE' : 'TIMING' };
}

function queryDuration(query: URLSearchParams): number | undefined {
  const text = query.get('duration');
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw invalidParameter();
  return value;
}
