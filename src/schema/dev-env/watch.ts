import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../../modelarts/client/client.ts';
import {
  type DevEnvInstance,
  type DevEnvironmentStatus,
  decodeDevEnvironment,
  showDevEnvironment,
} from '../../modelarts/dev-environments.ts';
import { isTransitional } from '../../modelarts/state-machine.ts';
import type { WatchSource } from '../../watch/watch-source.ts';
import { callerWatch } from '../events/caller-watch.ts';
import { shortCodec } from '../events/item-codec.ts';
import { frugalPoll } from '../events/poll-source.ts';
import type { StatusRules } from '../events/status-events.ts';
import { watchedKinds } from '../events/watched-kinds.ts';
import { devEnvInstancePages } from './queries.ts';

/** What of a development environment is worth an event. Left out: secrets, and what counts down by itself. */
const comparedFields = (instance: DevEnvInstance) => [
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

/** A hint for consoles that not every answer need carry: compared when both have it. */
function hasSamePrompt({ spec: a }: DevEnvInstance, { spec: b }: DevEnvInstance): boolean {
  const [one, other] = [a?.autoStop?.isPrompted ?? null, b?.autoStop?.isPrompted ?? null];
  return one === null || other === null || one === other;
}

const wireInstance = ({ spec, queuing, ...instance }: DevEnvInstance) => ({
  id: instance.id,
  name: instance.name,
  description: instance.description,
  status: instance.statusRaw,
  flavor: instance.flavorId,
  error_code: instance.errorCode,
  queuing_info: queuing && { rank: queuing.rank },
  spec: spec && {
    auto_stop: spec.autoStop && {
      enable: spec.autoStop.isEnabled,
      duration: spec.autoStop.durationSeconds,
      prompt: spec.autoStop.isPrompted,
      stop_timestamp: spec.autoStop.stopAtMs,
    },
    failed_reasons: spec.failedReasons && { message: spec.failedReasons.message },
  },
});

/** Development environments of one caller, for polling: one by itself, more with one list. */
export const devEnvSource = (
  open: (signal: AbortSignal) => Session,
  projectId: string,
): WatchSource<DevEnvInstance> => ({
  poll: frugalPoll(open, {
    id: (instance) => instance.id,
    one: (session, id) => showDevEnvironment(session, projectId, id),
    all: (session) => devEnvInstancePages({ session, projectId }, {}),
  }),
  id: (instance) => instance.id,
  isEqual: (a, b) => isDeepStrictEqual(comparedFields(a), comparedFields(b)) && hasSamePrompt(a, b),
  isTransitional: (instance) => isTransitional(instance.status),
  codec: shortCodec(wireInstance, decodeDevEnvironment),
});

export const devEnvWatch = callerWatch(watchedKinds.devEnvironments, devEnvSource);

export const devEnvStatusRules: StatusRules<DevEnvInstance, DevEnvironmentStatus> = {
  thing: 'development environment',
  gone: 'DELETED',
  status: (instance) => instance.status,
  statusRaw: (instance) => instance.statusRaw,
  failReason: (instance) => instance.spec?.failedReasons?.message ?? instance.errorCode,
};
