import type { JsonObject } from '../json.ts';

/** The auto-stop countdown of a notebook. It stops at `createAt + durationMs`; all times epoch ms. */
export type Lease = {
  readonly createAt: number;
  /** Counted from `createAt`, so it grows over the life of the notebook. */
  durationMs: number;
  /** What was asked for: counted again from the instant the notebook becomes RUNNING. */
  requestedMs: number;
  isEnabled: boolean;
  type: 'TIMING' | 'IDLE';
  updateAt: number;
};

export type LeaseRequest = { readonly durationMs: number; readonly type: Lease['type'] };

export function newLease(request: LeaseRequest, now: number): Lease {
  const lease: Lease = {
    createAt: now,
    durationMs: 0,
    requestedMs: 0,
    isEnabled: true,
    type: 'TIMING',
    updateAt: now,
  };
  grant(lease, request, now);
  return lease;
}

/** Puts a new countdown in place of the old one: from `now`, never added up. -1 switches auto stop off. */
export function grant(lease: Lease, request: LeaseRequest, now: number): void {
  lease.requestedMs = request.durationMs;
  lease.isEnabled = request.durationMs !== -1;
  lease.type = request.type;
  rebase(lease, now);
}

/** Lets the countdown asked for begin at `now`. */
export function rebase(lease: Lease, now: number): void {
  lease.durationMs = lease.isEnabled ? now - lease.createAt + lease.requestedMs : -1;
  lease.updateAt = now;
}

/** Epoch ms at which the notebook stops, null when auto stop is off. */
export const stopAt = (lease: Lease): number | null => (lease.isEnabled ? lease.createAt + lease.durationMs : null);

/** `type` is left out when auto stop is off. */
export const leaseBody = (lease: Lease): JsonObject => ({
  create_at: lease.createAt,
  duration: lease.durationMs,
  enable: lease.isEnabled,
  ...(lease.isEnabled && { type: lease.type }),
  update_at: lease.updateAt,
});
