import { camelEnumeration, type DevStorageType, devStorageTypes } from './dev-environment-parts.ts';
import type { Decoder } from './wire/operation.ts';
import { type Entry, entries, enumeration, flag, instant, integer32, list, object, text } from './wire/read.ts';

export const devRepositoryTypes = camelEnumeration('DevRepository.type', ['CODE_CLUB', 'GIT_HUB']);
export const devRepositoryProtocols = enumeration('DevRepository.protocol', ['SSH', 'HTTPS']);

export type DevRepositoryType = (typeof devRepositoryTypes.values)[number] | 'UNKNOWN';
export type DevRepositoryProtocol = (typeof devRepositoryProtocols.values)[number] | 'UNKNOWN';

export type DevStorage = {
  readonly type: DevStorageType | null;
  readonly typeRaw: string | null;
  readonly location: DevStorageLocation | null;
};

export type DevStorageLocation = {
  /** a directory of an OBS bucket with trailing slash, or the mount path of a volume */
  readonly path: string | null;
  readonly volumeSizeGib: number | null;
  /** undocumented; `GB` where seen */
  readonly volumeUnit: string | null;
};

export const decodeDevStorage: Decoder<DevStorage> = (body, drift) => {
  const wire = object(body);
  if (wire === null) return null;
  const location = object(wire.location);
  return {
    type: devStorageTypes.read(wire.type, drift),
    typeRaw: text(wire.type),
    location: location && {
      path: text(location.path),
      volumeSizeGib: integer32(location.volume_size),
      volumeUnit: text(location.volume_unit),
    },
  };
};

/** Auto stop of a development environment; holds for every start. A change while RUNNING works from the next start. */
export type DevAutoStop = {
  readonly isEnabled: boolean | null;
  /** 3600 to 86400, counted from the start */
  readonly durationSeconds: number | null;
  /** for the console: whether to ask again before stopping */
  readonly isPrompted: boolean | null;
  /** Unix ms; only while running, as is `remainSeconds` */
  readonly stopAtMs: number | null;
  readonly remainSeconds: number | null;
};

export const decodeDevAutoStop: Decoder<DevAutoStop> = (body) => {
  const wire = object(body);
  return (
    wire && {
      isEnabled: flag(wire.enable),
      durationSeconds: integer32(wire.duration),
      isPrompted: flag(wire.prompt),
      stopAtMs: instant(wire.stop_timestamp),
      remainSeconds: integer32(wire.remain_time),
    }
  );
};

/** Why a creation or a start failed. */
export type DevFailedReasons = {
  readonly code: string | null;
  readonly message: string | null;
  readonly detail: readonly Entry[] | null;
};

const decodeFailedReasons: Decoder<DevFailedReasons> = (body) => {
  const wire = object(body);
  return wire && { code: text(wire.code), message: text(wire.message), detail: entries(wire.detail) };
};

/** A Git repository. Returned only; it cannot be set. */
export type DevRepository = {
  readonly id: string | null;
  readonly branch: string | null;
  readonly userName: string | null;
  readonly userEmail: string | null;
  readonly type: DevRepositoryType | null;
  readonly typeRaw: string | null;
  readonly connection: DevRepositoryConnection | null;
};

export type DevRepositoryConnection = {
  readonly protocol: DevRepositoryProtocol | null;
  readonly protocolRaw: string | null;
  readonly url: string | null;
  /** credential */
  readonly credential: DevRepositoryCredential | null;
};

export type DevRepositoryCredential = {
  /** credential */
  readonly sshPrivateKey: string | null;
  /** credential: OAuth token of GitHub */
  readonly accessToken: string | null;
};

const decodeConnection: Decoder<DevRepositoryConnection> = (body, drift) => {
  const wire = object(body);
  if (wire === null) return null;
  const credential = object(wire.credential);
  return {
    protocol: devRepositoryProtocols.read(wire.protocol, drift),
    protocolRaw: text(wire.protocol),
    url: text(wire.url),
    credential: credential && {
      sshPrivateKey: text(credential.ssh_private_key),
      accessToken: text(credential.access_token),
    },
  };
};

export const decodeDevRepository: Decoder<DevRepository> = (body, drift) => {
  const wire = object(body);
  return (
    wire && {
      id: text(wire.id),
      branch: text(wire.branch),
      userName: text(wire.user_name),
      userEmail: text(wire.user_email),
      type: devRepositoryTypes.read(wire.type, drift),
      typeRaw: text(wire.type),
      connection: decodeConnection(wire.connection_info, drift),
    }
  );
};

/** What was asked for, and what came of it. */
export type DevSpec = {
  readonly storage: DevStorage | null;
  /** OBSFS, on some dedicated pools */
  readonly extendStorage: readonly DevStorage[];
  readonly autoStop: DevAutoStop | null;
  /** `target_domain` and `url`, which is empty until running; upstream-controlled text: never fetched by us */
  readonly annotations: readonly Entry[] | null;
  readonly extendParams: readonly Entry[] | null;
  readonly failedReasons: DevFailedReasons | null;
  readonly repository: DevRepository | null;
  /** credential: AK and SK for OBS, under undocumented names */
  readonly credential: readonly Entry[] | null;
  /** path of the logs of a custom image */
  readonly logPath: string | null;
  /** path of the script run when the instance starts */
  readonly customScriptPath: string | null;
  /** Unix ms */
  readonly resourceReservedAtMs: number | null;
};

export const decodeDevSpec: Decoder<DevSpec> = (body, drift) => {
  const wire = object(body);
  return (
    wire && {
      storage: decodeDevStorage(wire.storage, drift),
      extendStorage: list(wire.extend_storage, (item) => decodeDevStorage(item, drift)),
      autoStop: decodeDevAutoStop(wire.auto_stop, drift),
      annotations: entries(wire.annotations),
      extendParams: entries(wire.extend_params),
      failedReasons: decodeFailedReasons(wire.failed_reasons, drift),
      repository: decodeDevRepository(wire.repository, drift),
      credential: entries(wire.credential),
      logPath: text(wire.log_path),
      customScriptPath: text(wire.custom_script_path),
      resourceReservedAtMs: instant(wire.resource_reserved_timestamp),
    }
  );
};
