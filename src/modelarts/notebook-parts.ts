import type { NamedRef } from './tokens.ts';
import { enumeration, fieldsCheck, flag, integer32, object, text, texts } from './wire/read.ts';
import type { Reader } from './wire/reader.ts';

export const volumeCategories = enumeration('Volume.category', ['EFS', 'EVS', 'SFS', 'OBS', 'OBSFS']);
export const volumeOwnerships = enumeration('Volume.ownership', ['MANAGED', 'DEDICATED']);
export const volumeStatuses = enumeration('Volume.status', [
  'RESIZING',
  'INITIALIZING',
  'IN_USE',
  'DELETING',
  'DELETED',
  'DELETE_FAILED',
  'MOUNTING',
  'MOUNTED',
  'MOUNT_FAILED',
  'UNMOUNTING',
  'UNMOUNTED',
  'UNMOUNT_FAILED',
]);
export const endpointServices = enumeration('Endpoint.service', ['NOTEBOOK', 'SSH']);
export const stepStatuses = enumeration('JobProgress.status', ['WAITING', 'PROCESSING', 'FAILED', 'COMPLETED']);

export type VolumeCategory = (typeof volumeCategories.values)[number] | 'UNKNOWN';
export type VolumeOwnership = (typeof volumeOwnerships.values)[number] | 'UNKNOWN';
export type VolumeStatus = (typeof volumeStatuses.values)[number] | 'UNKNOWN';
export type EndpointService = (typeof endpointServices.values)[number] | 'UNKNOWN';
export type StepStatus = (typeof stepStatuses.values)[number] | 'UNKNOWN';

/** The disk under `/home/ma-user/work/`; all that survives a stop. */
export type Volume = {
  readonly capacityGib: number | null;
  readonly category: VolumeCategory | null;
  readonly categoryRaw: string | null;
  readonly mountPath: string | null;
  readonly ownership: VolumeOwnership | null;
  readonly ownershipRaw: string | null;
  readonly isReadOnly: boolean | null;
  readonly status: VolumeStatus | null;
  readonly statusRaw: string | null;
  readonly uri: string | null;
  readonly id: string | null;
  readonly mountType: string | null;
};

export const readVolume: Reader<Volume> = (body) => {
  const wire = object(body);
  return (
    wire && {
      capacityGib: integer32(wire.capacity),
      category: volumeCategories.read(wire.category),
      categoryRaw: text(wire.category),
      mountPath: text(wire.mount_path),
      ownership: volumeOwnerships.read(wire.ownership),
      ownershipRaw: text(wire.ownership),
      isReadOnly: flag(wire.read_only),
      status: volumeStatuses.read(wire.status),
      statusRaw: text(wire.status),
      uri: text(wire.uri),
      id: text(wire.id),
      mountType: text(wire.mount_type),
    }
  );
};

/** An extra volume; the samples never show one (fields as newer clients know them). */
export type DataVolume = {
  readonly category: VolumeCategory | null;
  readonly categoryRaw: string | null;
  readonly mountPath: string | null;
  readonly uri: string | null;
  readonly statusRaw: string | null;
  readonly mountType: string | null;
};

export const readDataVolume: Reader<DataVolume> = (body) => {
  const wire = object(body);
  return (
    wire && {
      category: volumeCategories.read(wire.category),
      categoryRaw: text(wire.category),
      mountPath: text(wire.mount_path),
      // `url` here, `uri` on the main volume (contract/NOTES.md, trap 8)
      uri: text(wire.url) ?? text(wire.uri),
      statusRaw: text(wire.status),
      mountType: text(wire.mount_type),
    }
  );
};

/** A way into a notebook. `uri` is upstream-controlled text: never fetched by us. */
export type NotebookEndpoint = {
  readonly service: EndpointService | null;
  readonly serviceRaw: string | null;
  readonly uri: string | null;
  readonly allowedAccessIps: readonly string[];
  readonly keyPairNames: readonly string[];
};

export const readEndpoint: Reader<NotebookEndpoint> = (body) => {
  const wire = object(body);
  if (wire === null) return null;
  const service = wire.service ?? wire.dev_service;
  return {
    service: endpointServices.read(service),
    serviceRaw: text(service),
    uri: text(wire.uri),
    allowedAccessIps: texts(wire.allowed_access_ips),
    // the page's table says ssh_keys, real clients read key_pair_names
    keyPairNames: texts(wire.key_pair_names ?? wire.ssh_keys),
  };
};

/** One step of a start-up: 1 storage, 2 compute, 3 network, 4 initialisation. */
export type ActionStep = {
  readonly step: number;
  readonly status: StepStatus | null;
  readonly statusRaw: string | null;
  readonly description: string | null;
};

export const readActionStep: Reader<ActionStep> = (body) => {
  const wire = object(body);
  const step = wire && integer32(wire.step);
  if (wire === null || step === null) return null;
  return {
    step,
    status: stepStatuses.read(wire.status),
    statusRaw: text(wire.status),
    description: text(wire.description) ?? text(wire.step_description),
  };
};

export type NotebookUser = NamedRef & { readonly domain: NamedRef | null };

export const readNotebookUser: Reader<NotebookUser> = (body) => {
  const wire = object(body);
  if (wire === null) return null;
  const domain = object(wire.domain);
  return {
    id: text(wire.id),
    name: text(wire.name),
    domain: domain && { id: text(domain.id), name: text(domain.name) },
  };
};

/** A dedicated resource pool. */
export type Pool = NamedRef;

export const readPool: Reader<Pool> = (body) => {
  const wire = object(body);
  return wire && { id: text(wire.id), name: text(wire.name) };
};

export const checkVolume = fieldsCheck({
  category: volumeCategories.check,
  ownership: volumeOwnerships.check,
  status: volumeStatuses.check,
});
export const checkDataVolume = fieldsCheck({ category: volumeCategories.check });
export const checkEndpoint = fieldsCheck({ service: endpointServices.check, dev_service: endpointServices.check });
export const checkActionStep = fieldsCheck({ status: stepStatuses.check });
