import { readFileSync } from 'node:fs';

/** What the upstream of the bench serves, made from the documented samples; paths count from the root of the repository. */

const sample = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`contract/samples/${name}.json`, 'utf8')) as Record<string, unknown>;

export const projectId = 'a4a5d4098fb4474fa22cd05f897d6b99';
export const notebookCount = 50;
/** digits of a revision; 9 of the 13 of a time in ms, which stays one whatever they are */
export const revisionDigits = 9;
const revision = '0'.repeat(revisionDigits);

type Wire = { readonly [name: string]: unknown; readonly id: string };
type NamedWire = Wire & { readonly name: string; readonly description: string };
export type ImageWire = NamedWire & { readonly swr_path: string; readonly tag: string; readonly arch: string };

export const notebook = sample('showNotebook.response-200') as Wire;
export const notebookId = notebook.id;
export const createdNotebook = sample('createNotebook.response-200');
export const createRequest = sample('createNotebook.request');
export const renewedLease = sample('renewLease.response-200');
export const stoppingNotebook = sample('stopNotebook.response-200');
export const deletingNotebook = { ...stoppingNotebook, status: 'DELETING' };

const sampleImages = sample('listImage.response-200').data as ImageWire[];
export const images: readonly ImageWire[] = sampleImages.map((image) => ({
  ...image,
  description: `${image.description} r${revision}`,
}));
export const imagePage = { current: 0, data: images, pages: 1, size: images.length, total: images.length };

const flavor = (id: string, name: string, more: Record<string, unknown>): NamedWire => ({
  arch: 'x86_64',
  billing: { code: id, unit_num: 1 },
  category: 'CPU',
  description: `${more.category ?? 'CPU'} flavor r${revision}`,
  feature: 'NOTEBOOK',
  free: false,
  id,
  memory: 8388608,
  name,
  sold_out: false,
  storages: ['EVS', 'OBSFS', 'EFS', 'OBS'],
  vcpus: 2,
  ...more,
});
const gpu = (count: number, type: string) => ({ category: 'GPU', gpu: { gpu: count, gpu_memory: '32GB', type } });

export const flavors: readonly NamedWire[] = [
  flavor('modelarts.vm.cpu.2u', 'CPU: 2 vCPUs 8 GB', {}),
  flavor('modelarts.vm.cpu.4u', 'CPU: 4 vCPUs 16 GB', { vcpus: 4, memory: 16777216 }),
  flavor('modelarts.vm.cpu.8u', 'CPU: 8 vCPUs 32 GB', { vcpus: 8, memory: 33554432 }),
  flavor('modelarts.vm.cpu.16u', 'CPU: 16 vCPUs 64 GB', { vcpus: 16, memory: 67108864 }),
  flavor('modelarts.vm.cpu.32u', 'CPU: 32 vCPUs 128 GB', { vcpus: 32, memory: 134217728 }),
  flavor('modelarts.bm.cpu.192u', 'CPU: 192 vCPUs 4096 GB', { vcpus: 192, memory: 4294967296 }),
  flavor('modelarts.vm.gpu.p100', 'GPU: 1*NVIDIA-P100 | CPU: 8 vCPUs 64 GB', { ...gpu(1, 'NVIDIA-P100'), vcpus: 8 }),
  flavor('modelarts.vm.gpu.v100', 'GPU: 1*NVIDIA-V100 | CPU: 8 vCPUs 64 GB', { ...gpu(1, 'NVIDIA-V100'), vcpus: 8 }),
  flavor('modelarts.bm.gpu.8v100', 'GPU: 8*NVIDIA-V100 | CPU: 72 vCPUs 512 GB', {
    ...gpu(8, 'NVIDIA-V100'),
    sold_out: true,
    vcpus: 72,
  }),
  flavor('modelarts.kat1.xlarge', 'Ascend: 1*Ascend 910 | ARM: 24 vCPUs 96 GB', {
    arch: 'aarch64',
    category: 'ASCEND',
    ascend: { npu: 1, npu_memory: '32GB', type: 'Ascend 910', chip: 1 },
    vcpus: 24,
  }),
];
export const flavorPage = { current: 1, data: flavors, pages: 1, size: flavors.length, total: flavors.length };
/** flavors the listed notebooks have */
const usedFlavors = 4;

/** The copy of an image inside a notebook, which holds these fields only. */
const embedded = ({ description, id, name, swr_path, tag, type }: ImageWire) => ({
  description: description.slice(0, -revisionDigits - 2),
  id,
  name,
  swr_path,
  tag,
  type,
});

const nth = <T>(items: readonly T[], index: number): T => items[index % items.length] as T;

/** As lists give them: without `url`, `user`, times and volumes' details. */
export const notebooks: readonly Wire[] = Array.from({ length: notebookCount }, (_, index) => {
  const { url, user, create_at, update_at, data_volumes, endpoints, ...listed } = notebook;
  return {
    ...listed,
    id: `${notebookId.slice(0, -4)}${String(1000 + index)}`,
    name: `notebooks_test_${index}`,
    flavor: nth(flavors.slice(0, usedFlavors), index).id,
    image: embedded(nth(images, index)),
  };
});
export const notebookPage = { current: 0, data: notebooks, pages: 1, size: notebookCount, total: notebookCount };
