import { type Answer, ok, type ProjectCall, queryChoice, queryInteger } from '../call.ts';
import { pageEnvelope, sortBy } from '../paging.ts';
import { findNotebook } from './lifecycle.ts';

/** A notebook flavor as answered. `memory` is in KiB. */
export type Flavor = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly arch: 'x86_64' | 'aarch64';
  readonly category: 'CPU' | 'GPU' | 'ASCEND';
  readonly feature: 'NOTEBOOK' | 'DEFAULT';
  readonly free: boolean;
  readonly memory: number;
  readonly vcpus: number;
  readonly sold_out: boolean;
  readonly storages: readonly string[];
  readonly billing: { readonly code: string; readonly unit_num: number };
  readonly gpu?: { readonly gpu: number; readonly gpu_memory: string; readonly type: string };
  readonly ascend?: { readonly npu: number; readonly npu_memory: string; readonly type: string; readonly chip: number };
};

type Hardware = Pick<Flavor, 'name' | 'vcpus'> & { memoryGiB: number } & Partial<Flavor>;

function flavor(id: string, { memoryGiB, ...hardware }: Hardware): Flavor {
  return {
    arch: 'x86_64',
    billing: { code: id, unit_num: 1 },
    category: 'CPU',
    description: `${hardware.category ?? 'CPU'} flavor`,
    feature: 'NOTEBOOK',
    free: false,
    id,
    memory: memoryGiB * 1024 * 1024,
    sold_out: false,
    storages: ['EVS', 'OBSFS', 'EFS', 'OBS'],
    ...hardware,
  };
}

/** What notebooks can be created with. Among them: a sold-out one, a free one, and one whose memory does not fit 32 bits. */
export const flavors: readonly Flavor[] = [
  flavor('modelarts.vm.cpu.2u', { name: 'CPU: 2 vCPUs 8 GB', vcpus: 2, memoryGiB: 8 }),
  flavor('modelarts.vm.cpu.8u', { name: 'CPU: 8 vCPUs 32 GB', vcpus: 8, memoryGiB: 32 }),
  flavor('modelarts.bm.cpu.192u', { name: 'CPU: 192 vCPUs 4096 GB', vcpus: 192, memoryGiB: 4096 }),
  flavor('modelarts.vm.cpu.free', {
    name: 'CPU: 2 vCPUs 4 GB (free)',
    vcpus: 2,
    memoryGiB: 4,
    feature: 'DEFAULT',
    free: true,
    storages: ['EFS'],
  }),
  flavor('modelarts.vm.gpu.p100', {
    name: 'GPU: 1*NVIDIA-P100(16GB) | CPU: 8 vCPUs 64 GB',
    vcpus: 8,
    memoryGiB: 64,
    category: 'GPU',
    gpu: { gpu: 1, gpu_memory: '16GB', type: 'NVIDIA-P100' },
  }),
  flavor('modelarts.vm.gpu.v100', {
    name: 'GPU: 1*NVIDIA-V100(32GB) | CPU: 8 vCPUs 64 GB',
    vcpus: 8,
    memoryGiB: 64,
    category: 'GPU',
    gpu: { gpu: 1, gpu_memory: '32GB', type: 'NVIDIA-V100' },
  }),
  flavor('modelarts.bm.gpu.8v100', {
    name: 'GPU: 8*NVIDIA-V100(32GB) | CPU: 72 vCPUs 512 GB',
    vcpus: 72,
    memoryGiB: 512,
    category: 'GPU',
    sold_out: true,
    gpu: { gpu: 8, gpu_memory: '32GB', type: 'NVIDIA-V100' },
  }),
  flavor('modelarts.kat1.xlarge', {
    name: 'Ascend: 1*Ascend 910(32GB) | ARM: 24 vCPUs 96 GB',
    vcpus: 24,
    memoryGiB: 96,
    arch: 'aarch64',
    category: 'ASCEND',
    ascend: { npu: 1, npu_memory: '32GB', type: 'Ascend 910', chip: 1 },
  }),
];

export const findFlavor = (id: string): Flavor | undefined => flavors.find((flavor) => flavor.id === id);

/** A notebook can move to another flavor of the same kind of processor. */
export const switchableFlavors = (from: string): Flavor[] => {
  const current = findFlavor(from);
  return flavors.filter(
    (flavor) =>
      flavor.id !== from &&
      flavor.category === current?.category &&
      flavor.arch === current.arch &&
      flavor.feature === current.feature,
  );
};

export function listFlavors(call: ProjectCall): Answer {
  const { query } = call;
  const category = queryChoice(query, 'category', ['CPU', 'GPU', 'ASCEND']);
  // Every simulated flavor is of the public cluster.
  const isDedicated = queryChoice(query, 'type', ['MANAGED', 'DEDICATED']) === 'DEDICATED';
  const feature = featureAsked(call);
  const matching = isDedicated
    ? []
    : flavors.filter(
        (flavor) =>
          (category === undefined || flavor.category === category) &&
          (feature === undefined || flavor.feature === feature),
      );
  const sortKey = query.get('sort_key');
  const sorted = sortKey
    ? sortBy(matching, sortKey, query.get('sort_dir'), {
        id: (flavor) => flavor.id,
        name: (flavor) => flavor.name,
        vcpus: (flavor) => flavor.vcpus,
        memory: (flavor) => flavor.memory,
      })
    : matching;
  return ok(pageEnvelope(sorted, sliceOf(query), { base: 1 }));
}

/** Newer Huawei Cloud lists those of NOTEBOOK unless asked otherwise; Open Telekom Cloud passes over it. */
const featureAsked = ({ query, state }: ProjectCall): Flavor['feature'] | undefined =>
  state.settings.cloud === 'huawei'
    ? (queryChoice(query, 'feature', ['DEFAULT', 'NOTEBOOK']) ?? 'NOTEBOOK')
    : undefined;

/** The items are given twice, as `data` and as `flavors`. */
export function showSwitchableFlavors(call: ProjectCall): Answer {
  const notebook = findNotebook(call);
  const page = pageEnvelope(switchableFlavors(notebook.flavor), sliceOf(call.query), { base: 1 });
  return ok({ ...page, flavors: page.data });
}

const sliceOf = (query: URLSearchParams) => ({
  offset: queryInteger(query, 'offset', 0) ?? 0,
  limit: queryInteger(query, 'limit', 1),
});
