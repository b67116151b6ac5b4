import type { JsonObject } from '../json.ts';

/** A work environment; there is no operation that lists them. */
export type Profile = {
  readonly id: string;
  readonly description: string;
  readonly flavorType: 'CPU' | 'GPU' | 'ASCEND';
  readonly imageName: string;
  readonly imageTag: string;
};

export const profiles: readonly Profile[] = [
  {
    id: 'Multi-Engine 1.0 (python3)-cpu',
    description: 'multi engine, cpu, python 3.6 for notebook',
    flavorType: 'CPU',
    imageName: 'mul-kernel-cpu-cp36',
    imageTag: '2.0.5-B003',
  },
  {
    id: 'Multi-Engine 1.0 (python3)-gpu',
    description: 'multi engine, gpu, python 3.6 for notebook',
    flavorType: 'GPU',
    imageName: 'mul-kernel-gpu-cuda-cp36',
    imageTag: '2.0.5-B003',
  },
  {
    id: 'Multi-Engine 2.0 (python3)',
    description: 'multi engine 2.0, gpu, python 3.7 for notebook',
    flavorType: 'GPU',
    imageName: 'mul-kernel-gpu-cuda-cp37',
    imageTag: '3.0.1-B001',
  },
  {
    id: 'Power-Engine 1.0(python3)',
    description: 'power engine, ascend, python 3.7 for notebook',
    flavorType: 'ASCEND',
    imageName: 'mul-kernel-d910-arm-cp37',
    imageTag: '1.0.3-B011',
  },
];

/** A legacy flavor; `details` is answered as `flavor_details`, with a free dictionary in `params`. */
export type DevFlavor = {
  readonly id: string;
  readonly type: Profile['flavorType'];
  readonly isSoldOut: boolean;
  readonly isFree: boolean;
  readonly details: JsonObject;
};

function devFlavor(id: string, type: Profile['flavorType'], params: JsonObject, extras: JsonObject = {}): DevFlavor {
  const status = extras.status === 'soldOut' ? 'soldOut' : 'onSale';
  return {
    id,
    type,
    isSoldOut: status === 'soldOut',
    isFree: extras.promo_type === 'Free',
    details: { name: id, params, status, type, ...extras },
  };
}

/** Among them a free one that is sold out, which queues, and one that is sold out and does not. */
export const devFlavors: readonly DevFlavor[] = [
  devFlavor('modelarts.vm.cpu.2u', 'CPU', { CPU: 2, memory: '8GiB' }),
  devFlavor('modelarts.vm.cpu.8u', 'CPU', { CPU: 8, memory: '32GiB' }),
  devFlavor(
    'modelarts.vm.cpu.free',
    'CPU',
    { CPU: 2, memory: '4GiB' },
    {
      status: 'soldOut',
      promo_type: 'Free',
      is_permitted: true,
      storage_list: ['obs', 'evs'],
      duration: 3600,
      store_time: 72,
      instance_num: 1,
    },
  ),
  devFlavor('modelarts.bm.gpu.v100NV32', 'GPU', { CPU: 8, GPU: 1, gpu_type: 'v100NV32', memory: '64GiB' }),
  devFlavor(
    'modelarts.bm.gpu.p100',
    'GPU',
    { CPU: 8, GPU: 1, gpu_type: 'p100', memory: '64GiB' },
    { status: 'soldOut', promo_type: 'NoDiscount' },
  ),
  devFlavor('modelarts.kat1.xlarge', 'ASCEND', { CPU: 24, NPU: 1, npu_type: 'Ascend 910', memory: '96GiB' }),
];

export const findProfile = (id: string): Profile | undefined => profiles.find((profile) => profile.id === id);

export const findDevFlavor = (id: string): DevFlavor | undefined => devFlavors.find((flavor) => flavor.id === id);
