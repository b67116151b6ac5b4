import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../modelarts/client.ts';
import { type DevEnvInstance, type DevEnvironmentStatus, showDevEnvironment } from '../modelarts/dev-environments.ts';
import { isTransitional } from '../modelarts/state-machine.ts';
import type { WatchSource } from '../watch/watch-source.ts';
import { callerWatch } from './caller-watch.ts';
import { devEnvInstancePages } from './dev-env-queries.ts';
import type { StatusRules } from './status-events.ts';
import { frugalPoll } from './watch-reads.ts';

/** What of a development environment is worth an event. Left out: secrets, and what counts down by itself. */
const watched = (instance: DevEnvInstance) => [
  instance.statusRaw,
  instance.name,
  instance.description ?? '',
  instance.flavorId,
  instance.errorCode,
  instance.queuing?.rank,
  instance.spec?.autoStop?.isEnabled,
  instance.spec?.autoStop?.durationSeconds,
  instance.spec?.autoStop?.stopAtMs,
];

/** Development environments of one caller, for polling: one by itself, more with one list. */
const devEnvSource = (open: (signal: AbortSignal) => Session, projectId: string): WatchSource<DevEnvInstance> => ({
  poll: frugalPoll(open, {
    id: (instance) => instance.id,
    one: (session, id) => showDevEnvironment(session, projectId, id),
    all: (session) => devEnvInstancePages({ session, projectId }, {}),
  }),
  id: (instance) => instance.id,
  isEqual: (a, b) => isDeepStrictEqual(watched(a), watched(b)),
  isTransitional: (instance) => isTransitional(instance.status),
});

export const devEnvWatch = callerWatch('development environments', devEnvSource);

export const devEnvStatusRules: StatusRules<DevEnvInstance, DevEnvironmentStatus> = {
  thing: 'development environment',
  gone: 'DELETED',
  status: (instance) => instance.status,
  statusRaw: (instance) => instance.statusRaw,
  failReason: (instance) => instance.spec?.failedReasons?.message ?? instance.errorCode,
};
