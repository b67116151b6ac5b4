import { ModelArtsError } from '../wire/errors.ts';
import type { Call, CallReport, Client } from './client.ts';
import { TransportError } from './transport.ts';

/** Name of the check in logs and metrics; no operation of the contract. */
export const checkUpstreamId = 'checkUpstream';

const check: Call = { operationId: checkUpstreamId, method: 'GET', service: 'modelarts', path: '/' };

/**
 * Knocks at ModelArts' door without a token. What it answers does not matter: its being there does.
 * REST: `GET /`, which the contract does not have.
 */
export async function checkUpstream(client: Client, requestId: string): Promise<void> {
  try {
    await client.session({ token: null, requestId }).send(check);
  } catch (error) {
    // how it went is in the call's report
    if (!(error instanceof ModelArtsError)) throw error;
  }
}

/** Statuses of a proxy that got nothing from the service behind it. */
const isProxyStatus = (status: number): boolean => status === 502 || status === 503 || status === 504;

/** Whether a call shows that the upstream is there; null: it shows neither, its caller left. */
export function wasReached({ status, error }: CallReport): boolean | null {
  if (status !== null) return !isProxyStatus(status);
  const cause = error?.cause;
  return cause instanceof TransportError && cause.failure === 'ABORTED' ? null : false;
}
