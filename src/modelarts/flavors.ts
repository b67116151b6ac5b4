import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import { type Architecture, architectures, type ResourceCategory, resourceCategories } from './images.ts';
import { errorOf } from './wire/error-body.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, type Page, pageOf } from './wire/operation.ts';
import { enumeration, flag, integer, integer32, object, text, texts } from './wire/read.ts';
import { decoderOf, type Reader, withId } from './wire/reader.ts';

export const notebookFeatures = enumeration('feature', ['DEFAULT', 'NOTEBOOK']);
export type NotebookFeature = (typeof notebookFeatures.values)[number] | 'UNKNOWN';

/** Cards of a flavor: GPUs or Ascend NPUs. */
export type Accelerator = {
  readonly count: number | null;
  readonly type: string | null;
  /** as the upstream writes it, with unit, for example `32GB` */
  readonly memory: string | null;
};

/** A size of machine. `memoryKib` passes 2^31 from 2 TiB on. */
export type Flavor = {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly arch: Architecture | null;
  readonly archRaw: string | null;
  readonly category: ResourceCategory | null;
  readonly categoryRaw: string | null;
  readonly feature: NotebookFeature | null;
  readonly featureRaw: string | null;
  readonly isFree: boolean | null;
  readonly memoryKib: number | null;
  readonly vcpus: number | null;
  readonly isSoldOut: boolean | null;
  readonly storages: readonly string[];
  readonly billing: { readonly code: string | null; readonly unitCount: number | null } | null;
  readonly gpu: Accelerator | null;
  readonly ascend: (Accelerator & { readonly chipCount: number | null }) | null;
};

const readBilling: Reader<NonNullable<Flavor['billing']>> = (body) => {
  const wire = object(body);
  return wire && { code: text(wire.code), unitCount: integer32(wire.unit_num) };
};

const readGpu: Reader<Accelerator> = (body) => {
  const wire = object(body);
  return wire && { count: integer32(wire.gpu), type: text(wire.type), memory: text(wire.gpu_memory) };
};

const readAscend: Reader<NonNullable<Flavor['ascend']>> = (body) => {
  const wire = object(body);
  if (wire === null) return null;
  const { npu, type, npu_memory, chip } = wire;
  return { count: integer32(npu), type: text(type), memory: text(npu_memory), chipCount: integer32(chip) };
};

const readFlavor = withId<Flavor>((wire, id) => ({
  id,
  name: text(wire.name),
  description: text(wire.description),
  arch: architectures.read(wire.arch),
  archRaw: text(wire.arch),
  category: resourceCategories.read(wire.category),
  categoryRaw: text(wire.category),
  feature: notebookFeatures.read(wire.feature),
  featureRaw: text(wire.feature),
  isFree: flag(wire.free),
  memoryKib: integer(wire.memory),
  vcpus: integer32(wire.vcpus),
  isSoldOut: flag(wire.sold_out),
  storages: texts(wire.storages),
  billing: readBilling(wire.billing),
  gpu: readGpu(wire.gpu),
  ascend: readAscend(wire.ascend),
}));

export const decodeFlavor = decoderOf(
  readFlavor,
  objectCheck(
    'Flavor',
    'id name description arch category feature free memory vcpus sold_out storages billing gpu ascend evs_max_size evs_sku_code grow_support_type',
    {
      arch: architectures.check,
      category: resourceCategories.check,
      feature: notebookFeatures.check,
    },
  ),
);

export type ListFlavorsRequest = {
  readonly offset?: number | undefined;
  /** left out: everything */
  readonly limit?: number | undefined;
  readonly category?: ResourceCategory | null | undefined;
  readonly type?: 'MANAGED' | 'DEDICATED' | null | undefined;
  /** newer clouds only; others pass over it */
  readonly feature?: NotebookFeature | null | undefined;
  readonly sortKey?: string | null | undefined;
  readonly sortDirection?: 'ASC' | 'DESC' | null | undefined;
};

const decodeFlavorPage = pageOf('Flavor', decodeFlavor);

/**
 * Flavors a notebook can be created with.
 * REST: `GET /v1/{project_id}/notebooks/flavors` (ListFlavors). There is no call for one flavor.
 * @throws UpstreamSetupError the cloud does not filter by feature
 */
export const listFlavors = async (
  session: Session,
  projectId: string,
  request: ListFlavorsRequest = {},
): Promise<Page<Flavor>> => {
  const page = await call(
    session,
    {
      operationId: 'listFlavors',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/notebooks/flavors`,
      query: {
        offset: request.offset,
        limit: request.limit,
        category: request.category,
        type: request.type,
        feature: request.feature,
        sort_key: request.sortKey,
        sort_dir: request.sortDirection,
      },
    },
    decodeFlavorPage,
  );
  const { feature } = request;
  const isOther = ({ featureRaw }: Flavor): boolean => featureRaw !== null && featureRaw !== feature;
  if (!feature || !page.items.some(isOther)) return page;
  throw errorOf('UPSTREAM_SETUP', {
    operationId: 'listFlavors',
    message: 'ModelArts did not filter by the kind of notebook.',
  });
};

/**
 * Flavors an existing notebook can be switched to.
 * REST: `GET /v1/{project_id}/notebooks/{id}/flavors` (ShowSwitchableFlavors).
 * @throws NotFoundError the project has no such notebook
 */
export const showSwitchableFlavors = async (
  session: Session,
  projectId: string,
  notebookId: string,
  request: Pick<ListFlavorsRequest, 'offset' | 'limit'> = {},
): Promise<Page<Flavor>> =>
  call(
    session,
    {
      operationId: 'showSwitchableFlavors',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/notebooks/${segment(notebookId)}/flavors`,
      query: { offset: request.offset, limit: request.limit },
    },
    decodeFlavorPage,
  );
