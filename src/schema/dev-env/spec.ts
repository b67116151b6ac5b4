import type {
  DevAutoStop,
  DevFailedReasons,
  DevSpec,
  DevStorage,
  DevStorageLocation,
} from '../../modelarts/dev-environment-spec.ts';
import { builder } from '../core/builder.ts';
import { MapEntryType } from '../core/map-entry.ts';
import { volatile } from '../loading/volatile.ts';
import { DevEnvStorageTypeEnum } from './enums.ts';
import { DevEnvRepositoryType } from './repository.ts';

const DevEnvStorageLocationType = builder.objectRef<DevStorageLocation>('DevEnvStorageLocation').implement({
  description: 'Where the storage of a development environment lies.',
  fields: (t) => ({
    path: t.exposeString('path', {
      nullable: true,
      description: 'A directory of an OBS bucket, or the path a disk is mounted at.',
    }),
    volumeSizeGiB: t.exposeInt('volumeSizeGib', { nullable: true, description: 'Size in GiB; null for OBS.' }),
    volumeUnit: t.exposeString('volumeUnit', {
      nullable: true,
      description: 'Unit of the size as ModelArts writes it, `GB` where seen; rarely given.',
    }),
  }),
});

const DevEnvStorageType = builder.objectRef<DevStorage>('DevEnvStorage').implement({
  description: 'Storage of a development environment.',
  fields: (t) => ({
    type: t.expose('type', { type: DevEnvStorageTypeEnum, nullable: true, description: 'Kind of storage.' }),
    typeRaw: t.exposeString('typeRaw', { nullable: true, description: '`type` as ModelArts wrote it.' }),
    location: t.expose('location', { type: DevEnvStorageLocationType, nullable: true, description: 'Where it lies.' }),
  }),
});

const DevEnvAutoStopType = builder.objectRef<DevAutoStop>('DevEnvAutoStop').implement({
  description: 'Auto stop of a development environment; it holds for every start.',
  fields: (t) => ({
    enabled: t.exposeBoolean('isEnabled', {
      nullable: true,
      description: 'Whether the instance stops by itself at all.',
    }),
    durationSeconds: t.exposeInt('durationSeconds', {
      nullable: true,
      description:
        'Seconds from a start until it stops, 3600 to 86400. A change while RUNNING works from the next start.',
    }),
    prompted: t.exposeBoolean('isPrompted', {
      nullable: true,
      description: 'For consoles: whether to ask the user again before it stops (`prompt`).',
    }),
    stopAt: t.expose('stopAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops by itself (`stop_timestamp`); null unless it is running.',
    }),
    remainingSeconds: t.exposeInt('remainSeconds', {
      nullable: true,
      description: 'Seconds until it stops, as ModelArts answered (`remain_time`); null unless it is running.',
    }),
  }),
});

const DevEnvFailedReasonsType = builder.objectRef<DevFailedReasons>('DevEnvFailedReasons').implement({
  description: 'Why creating or starting a development environment failed.',
  fields: (t) => ({
    code: t.exposeString('code', { nullable: true, description: 'Code of the failure, for example `ModelArts.6200`.' }),
    message: t.exposeString('message', { nullable: true, description: 'What failed, in words of ModelArts.' }),
    detail: t.field({
      type: [MapEntryType],
      description: 'More on it; usually empty.',
      resolve: (reasons) => [...(reasons.detail ?? [])],
    }),
  }),
});

export const DevEnvSpecType = builder.objectRef<DevSpec>('DevEnvSpec').implement({
  description: 'What a development environment was asked to be, and what came of it.',
  fields: (t) => ({
    storage: t.expose('storage', { type: DevEnvStorageType, nullable: true, description: 'Its storage.' }),
    extendStorage: t.field({
      type: [DevEnvStorageType],
      description: 'Further storage; OBSFS on some dedicated pools, else none.',
      resolve: (spec) => [...spec.extendStorage],
    }),
    autoStop: t.expose('autoStop', { type: DevEnvAutoStopType, nullable: true, description: 'Auto stop.' }),
    failedReasons: t.expose('failedReasons', {
      type: DevEnvFailedReasonsType,
      nullable: true,
      description: 'Why creating or starting it failed; null when nothing did.',
    }),
    annotations: t.field({
      type: [MapEntryType],
      description:
        'Labels, among them `target_domain` and `url`, which is empty until it runs and cannot be opened directly.',
      resolve: (spec) => [...(spec.annotations ?? [])],
    }),
    extendParams: t.field({
      type: [MapEntryType],
      description: 'Further parameters; usually none.',
      resolve: (spec) => [...(spec.extendParams ?? [])],
    }),
    repository: t.expose('repository', {
      type: DevEnvRepositoryType,
      nullable: true,
      description: 'Its Git repository, when it has one.',
    }),
    credential: t.field({
      extensions: volatile,
      type: [MapEntryType],
      nullable: true,
      description:
        'Credential: access key and secret key for OBS, under names ModelArts does not document. Leave it out unless you need it.',
      resolve: (spec) => spec.credential && [...spec.credential],
    }),
    logPath: t.exposeString('logPath', {
      nullable: true,
      description: 'Path the logs of a custom image are stored at.',
    }),
    customScriptPath: t.exposeString('customScriptPath', {
      nullable: true,
      description: 'Path of the script that is run when the instance starts.',
    }),
    resourceReservedAt: t.expose('resourceReservedAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When its resources were reserved (`resource_reserved_timestamp`).',
    }),
  }),
});
