import type { Account, Project } from '../iam/accounts.ts';
import type { JsonObject } from '../json.ts';
import type { DevEnvironment } from './record.ts';

const repository: JsonObject = {
  id: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  branch: 'main',
  user_name: 'demo',
  user_email: 'demo@example.com',
  type: 'GitHub',
  connection_info: {
    protocol: 'https',
    url: 'https://git.example.com/demo/notebooks.git',
    credential: {
      ssh_private_key: 'simulated-ssh-private-key',
      access_token: 'simulated-access-token',
    },
  },
};

/** Every documented response field that no operation computes. */
const documentedExtras = (projectId: string): JsonObject => ({
  ai_project: { id: 'default-ai-project' },
  error_code: 'ModelArts.6360',
  flavor_details: {
    storage_list: ['obs', 'evs'],
    is_permitted: true,
    promo_type: 'NoDiscount',
    queuing_num: 0,
    queue_left_time: 0,
    instance_num: 1,
    duration: 3600,
    store_time: -1,
    billing_flavor: 'modelarts.bm.gpu.v100NV32',
    billing_params: 1,
  },
  pool: {
    id: 'pool41664192',
    name: 'demo-pool',
    type: 'USER_DEFINED',
    owner: { project_id: projectId },
  },
  profile: {
    labels: { team: 'research' },
    provision: {
      annotations: { category: 'Multi' },
      spec: { params: { annotations: { release: 'stable' } } },
    },
  },
  repository,
  spec: {
    credential: { ak: 'SIMULATEDACCESSKEY', sk: 'simulated-secret-key' },
    custom_script_path: '/demo-bucket/scripts/start.sh',
    extend_params: { notebook_type: 'legacy' },
    extend_storage: [
      { type: 'obsfs', location: { path: '/demo-bucket/shared/', volume_size: 100, volume_unit: 'GB' } },
    ],
    failed_reasons: {
      code: 'ModelArts.6360',
      message: 'No resources were left at the first start.',
      detail: { node: 'unavailable' },
    },
    log_path: '/demo-bucket/logs/',
    repository,
    resource_reserved_timestamp: 1_594_887_749_962,
    storage: { location: { volume_unit: 'GB' } },
  },
});

/** One instance that shows every documented field but the queue, RUNNING with a day to go from `now`. */
export const showcaseInstance = (owner: Account, project: Project, now: number): DevEnvironment => ({
  id: 'DE-7d558ef8-c73d-11ea-964c-0255ac100033',
  projectId: project.id,
  owner,
  name: 'notebook-showcase',
  description: 'Carries every documented field',
  profileId: 'Multi-Engine 1.0 (python3)-gpu',
  flavor: 'modelarts.bm.gpu.v100NV32',
  storage: { location: { path: '/home/ma-user/work', volume_size: 5 }, type: 'evs' },
  extendStorage: null,
  annotations: {},
  pool: undefined,
  aiProject: undefined,
  workspaceId: '0',
  autoStop: { enable: true, durationSeconds: 86_400, prompt: true },
  stopsAt: now + 86_400_000,
  creationTimestamp: 1_594_887_749_962,
  latestUpdateTimestamp: now,
  status: 'RUNNING',
  statusSince: now,
  endsAt: null,
  extras: documentedExtras(project.id),
});
