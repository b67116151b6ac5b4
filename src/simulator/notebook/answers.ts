import type { Json, JsonObject } from '../json.ts';
import { leaseBody } from './lease-countdown.ts';
import { isResizing } from './lifecycle.ts';
import type { EndpointSettings, Notebook, Transition } from './record.ts';

/**
 * A notebook as the samples show it. Which keys are there depends on the operation:
 * create and delete lack the volume and addresses, lists lack times, url and user.
 */
export function shownNotebook(notebook: Notebook, now: number): JsonObject {
  const { owner } = notebook;
  return {
    ...(progressOf(notebook, now) ?? {}),
    create_at: notebook.createAt,
    data_volumes: [],
    endpoints: endpointsOf(notebook),
    ...common(notebook),
    update_at: notebook.updateAt,
    ...(notebook.hasRun && { url: jupyterUrl(notebook) }),
    user: { domain: owner.domain, id: owner.id, name: owner.user },
    volume: volumeBody(notebook, now),
  };
}

export const createdNotebook = (notebook: Notebook, now: number): JsonObject => ({
  ...(progressOf(notebook, now) ?? {}),
  create_at: notebook.createAt,
  endpoints: [],
  ...common(notebook),
  update_at: notebook.updateAt,
});

export const deletedNotebook = (notebook: Notebook): JsonObject => ({
  create_at: notebook.createAt,
  ...common(notebook),
  update_at: notebook.updateAt,
});

export const listedNotebook = (notebook: Notebook, now: number): JsonObject => ({
  ...common(notebook),
  ...(notebook.hasRun && { endpoints: endpointsOf(notebook) }),
  volume: volumeBody(notebook, now),
});

export const volumeBody = (notebook: Notebook, now: number): JsonObject => {
  const { category, ownership, capacityGiB, uri, id } = notebook.volume;
  return {
    category,
    ownership,
    mount_path: '/home/ma-user/work/',
    capacity: capacityGiB,
    read_only: false,
    ...(category === 'EVS' && { status: evsStatus(notebook, now) }),
    ...(uri !== undefined && { uri }),
    ...(id !== undefined && { id }),
  };
};

const common = (notebook: Notebook): JsonObject => ({
  billing_items: billingItems(notebook),
  description: notebook.description,
  ...(notebook.failReason !== undefined && { fail_reason: notebook.failReason }),
  feature: notebook.feature,
  flavor: notebook.flavor,
  id: notebook.id,
  image: notebook.image,
  lease: leaseBody(notebook.lease),
  name: notebook.name,
  ...(notebook.poolId !== undefined && { pool: { id: notebook.poolId, name: notebook.poolId } }),
  status: notebook.status,
  tags: [...notebook.tags].map(([key, value]) => ({ key, value })),
  token: notebook.token,
  user_id: notebook.owner.id,
  workspace_id: notebook.workspaceId,
});

/** EFS up to the free size costs nothing; EVS is billed while it exists. */
export function billingItems(notebook: Notebook): string[] {
  const items: string[] = [];
  if (notebook.volume.category === 'EVS' && notebook.hasRun) items.push('STORAGE');
  if (notebook.status === 'RUNNING' || notebook.status === 'SNAPSHOTTING') items.push('COMPUTE');
  return items;
}

function evsStatus(notebook: Notebook, now: number): string {
  if (isResizing(notebook, now)) return 'RESIZING';
  return notebook.hasRun ? 'IN_USE' : 'INITIALIZING';
}

const jupyterUrl = (notebook: Notebook): string => `https://authoring-modelarts.example.com/${notebook.id}/lab`;

/** SSH endpoints answer with an address on a port of their own. */
function endpointsOf(notebook: Notebook): Json[] {
  if (!notebook.hasRun) return [];
  const ssh = notebook.endpoints.filter((endpoint) => endpoint.service === 'SSH');
  const port = 30_000 + (Number.parseInt(notebook.id.slice(0, 4), 16) % 2_768);
  return [
    { service: 'NOTEBOOK', uri: jupyterUrl(notebook) },
    ...ssh.map((endpoint) => ({
      ...endpointBody(endpoint),
      uri: `ssh://ma-user@authoring-ssh-modelarts.example.com:${port}`,
    })),
  ];
}

export const endpointBody = (endpoint: EndpointSettings): JsonObject => ({
  service: endpoint.service,
  allowed_access_ips: endpoint.allowedAccessIps,
  key_pair_names: endpoint.keyPairNames,
});

const steps = [
  'Prepare the storage.',
  'Prepare the compute resource.',
  'Configuring the network.',
  'Initialize the notebook instance.',
];

/** The four steps of creating or starting, one after another, the last one first in the list. */
function progressOf({ status, transition }: Notebook, now: number): { action_progress: Json } | null {
  if (transition === null || (status !== 'CREATING' && status !== 'STARTING')) return null;
  return {
    action_progress: steps
      .map((description, index) => ({ step: index + 1, status: stepStatus(transition, index, now), description }))
      .reverse(),
  };
}

function stepStatus({ startsAt, endsAt }: Transition, index: number, now: number): string {
  const stepMs = (endsAt - startsAt) / steps.length;
  const elapsedMs = now - startsAt - index * stepMs;
  if (elapsedMs >= stepMs) return 'COMPLETED';
  return elapsedMs > 0 || (elapsedMs === 0 && index > 0) ? 'PROCESSING' : 'WAITING';
}
