import type { CallReport } from '../../modelarts/client/client.ts';
import { wasReached } from '../../modelarts/client/reachability.ts';

/** An outcome older than this says nothing about now. */
const lateMs = 30_000;
/** A replica out of rotation gets no traffic that could show it is well again: asked so often, it looks for itself. */
const recheckMs = 2000;

/** `unasked`: no call has ended in the last 30 s. */
export type UpstreamState = 'reached' | 'unreachable' | 'unasked';

export type ReadinessReport = {
  readonly status: 'ready' | 'not ready';
  readonly config: 'valid';
  readonly upstream: UpstreamState;
  /** which one it is: its host, or `simulator` */
  readonly upstreamName: string;
  readonly draining: boolean;
  /** why it is not ready, in words */
  readonly reasons: readonly string[];
};

export type Readiness = {
  /** an upstream call ended */
  heard(report: CallReport): void;
  /** the gateway is about to go: not ready from now on */
  drain(): void;
  /** what is known, at once; may start a check of the upstream, which tells the next one who asks */
  report(): ReadinessReport;
};

export type ReadinessOptions = {
  readonly upstreamName: string;
  /** one cheap call upstream; its outcome comes in by `heard` */
  check(): Promise<void>;
  /** ms, of any origin, for tests */
  readonly now?: () => number;
};

/**
 * Whether this replica should get traffic. Judged by the calls that are made anyway: asking costs nothing upstream while
 * there is traffic, and one call in the background at most every 30 s (2 s while it is unreachable) while there is none.
 */
export function createReadiness({ upstreamName, check, now = () => performance.now() }: ReadinessOptions): Readiness {
  let reachedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let isChecking = false;
  let isDraining = false;

  const upstream = (at: number): UpstreamState => {
    // one API that hangs is no reason to send everybody away while the others answer
    if (at - reachedAt < lateMs) return 'reached';
    return at - failedAt < lateMs ? 'unreachable' : 'unasked';
  };

  function note(at: number, state: UpstreamState): void {
    if (isChecking || isDraining || state === 'reached' || at - checkedAt < recheckMs) return;
    if (state === 'unreachable' && at - failedAt < recheckMs) return;
    isChecking = true;
    checkedAt = at;
    void check().finally(() => {
      isChecking = false;
    });
  }

  return {
    heard(report) {
      const reached = wasReached(report);
      if (reached === true) reachedAt = now();
      if (reached === false) failedAt = now();
    },
    drain() {
      isDraining = true;
    },
    report() {
      const at = now();
      const state = upstream(at);
      note(at, state);
      const reasons = [
        ...(isDraining ? ['The gateway is shutting down.'] : []),
        ...(state === 'unreachable' ? ['No call to ModelArts has come through in the last 30 s.'] : []),
      ];
      return {
        status: reasons.length === 0 ? 'ready' : 'not ready',
        config: 'valid',
        upstream: state,
        upstreamName,
        draining: isDraining,
        reasons,
      };
    },
  };
}
