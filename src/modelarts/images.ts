import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, type Page, pageOf } from './wire/operation.ts';
import { eachOf, enumeration, instant, integer, list, object, text, texts } from './wire/read.ts';
import { decoderOf, type Reader, withId } from './wire/reader.ts';

export const imageStatuses = enumeration('Image.status', [
  'INIT',
  'CREATING',
  'ACTIVE',
  'CREATE_FAILED',
  'ERROR',
  'DELETED',
]);
export const imageTypes = enumeration('Image.type', ['BUILD_IN', 'DEDICATED']);
export const architectures = enumeration('arch', ['X86_64', 'AARCH64']);
export const imageServiceTypes = enumeration('Image.service_type', ['COMMON', 'INFERENCE', 'TRAIN', 'DEV', 'UNKNOWN']);
export const devServices = enumeration('Image.dev_services', [
  'NOTEBOOK',
  'SSH',
  'AI_FLOW',
  'MA_STUDIO',
  'TENSOR_BOARD',
  'WEB_IDE',
]);
export const resourceCategories = enumeration('resource_category', ['CPU', 'GPU', 'ASCEND']);
export const imageVisibilities = enumeration('Image.visibility', ['PRIVATE', 'PUBLIC', 'HIDDEN']);
export const imageOrigins = enumeration('Image.origin', ['CUSTOMIZE', 'IMAGE_SAVE']);

export type ImageStatus = (typeof imageStatuses.values)[number] | 'UNKNOWN';
export type ImageType = (typeof imageTypes.values)[number] | 'UNKNOWN';
export type Architecture = (typeof architectures.values)[number] | 'UNKNOWN';
export type ImageServiceType = (typeof imageServiceTypes.values)[number];
export type DevService = (typeof devServices.values)[number] | 'UNKNOWN';
export type ResourceCategory = (typeof resourceCategories.values)[number] | 'UNKNOWN';
export type ImageVisibility = (typeof imageVisibilities.values)[number] | 'UNKNOWN';
export type ImageOrigin = (typeof imageOrigins.values)[number] | 'UNKNOWN';

export type Tag = { readonly key: string | null; readonly value: string | null };

export const readTag: Reader<Tag> = (body) => {
  const wire = object(body);
  return wire && { key: text(wire.key), value: text(wire.value) };
};

/** A container image. The copy embedded in a notebook holds a few of these fields only. Times are Unix ms. */
export type Image = {
  readonly id: string;
  readonly name: string;
  readonly status: ImageStatus | null;
  readonly statusRaw: string | null;
  readonly statusMessage: string | null;
  readonly type: ImageType | null;
  readonly typeRaw: string | null;
  readonly arch: Architecture | null;
  readonly archRaw: string | null;
  readonly serviceType: ImageServiceType | null;
  readonly serviceTypeRaw: string | null;
  readonly devServices: readonly DevService[];
  readonly devServicesRaw: readonly string[];
  readonly resourceCategories: readonly ResourceCategory[];
  readonly resourceCategoriesRaw: readonly string[];
  readonly supportedResourceCategories: readonly ResourceCategory[];
  readonly supportedResourceCategoriesRaw: readonly string[];
  readonly swrPath: string | null;
  readonly tag: string | null;
  readonly tags: readonly Tag[];
  readonly workspaceId: string | null;
  readonly description: string | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly namespace: string | null;
  readonly origin: ImageOrigin | null;
  readonly originRaw: string | null;
  /** bytes, though documented as KB (contract/NOTES.md, trap 2) */
  readonly sizeBytes: number | null;
  readonly visibility: ImageVisibility | null;
  readonly visibilityRaw: string | null;
  /** false: the short copy inside a notebook */
  readonly isComplete: boolean;
};

const readerOf = (isComplete: boolean): Reader<Image> =>
  withId((wire, id) => {
    // each is read once: objects of JSON come in many shapes, and to read a field of one takes longer than to decode it
    const { status, type, arch, origin, visibility } = wire;
    const { service_type, dev_services, resource_categories, support_res_categories } = wire;
    return {
      id,
      name: text(wire.name) ?? '',
      status: imageStatuses.read(status),
      statusRaw: text(status),
      statusMessage: text(wire.status_message),
      type: imageTypes.read(type),
      typeRaw: text(type),
      arch: architectures.read(arch),
      archRaw: text(arch),
      serviceType: imageServiceTypes.read(service_type),
      serviceTypeRaw: text(service_type),
      devServices: devServices.readEach(dev_services),
      devServicesRaw: texts(dev_services),
      resourceCategories: resourceCategories.readEach(resource_categories),
      resourceCategoriesRaw: texts(resource_categories),
      supportedResourceCategories: resourceCategories.readEach(support_res_categories),
      supportedResourceCategoriesRaw: texts(support_res_categories),
      swrPath: text(wire.swr_path),
      tag: text(wire.tag),
      tags: list(wire.tags, readTag),
      workspaceId: text(wire.workspace_id),
      description: text(wire.description),
      createdAtMs: instant(wire.create_at),
      updatedAtMs: instant(wire.update_at),
      namespace: text(wire.namespace),
      origin: imageOrigins.read(origin),
      originRaw: text(origin),
      sizeBytes: integer(wire.size),
      visibility: imageVisibilities.read(visibility),
      visibilityRaw: text(visibility),
      isComplete,
    };
  });

export const checkImage = objectCheck(
  'Image',
  'id name status status_message type arch service_type dev_services resource_categories swr_path tag tags workspace_id description create_at update_at namespace origin size visibility support_res_categories flavor_type swr_instance_id show_name show_tag',
  {
    status: imageStatuses.check,
    type: imageTypes.check,
    arch: architectures.check,
    service_type: imageServiceTypes.check,
    dev_services: eachOf(devServices.check),
    resource_categories: eachOf(resourceCategories.check),
    support_res_categories: eachOf(resourceCategories.check),
    origin: imageOrigins.check,
    visibility: imageVisibilities.check,
  },
);

export const decodeImage = decoderOf(readerOf(true), checkImage);
export const readEmbeddedImage = readerOf(false);

export type ListImageRequest = {
  readonly offset: number;
  readonly limit: number;
  readonly name?: string | null | undefined;
  /** false: `name` must match exactly */
  readonly isNameFuzzy?: boolean | null | undefined;
  readonly namespace?: string | null | undefined;
  readonly type?: ImageType | null | undefined;
  readonly serviceType?: ImageServiceType | null | undefined;
  readonly workspaceId?: string | null | undefined;
  readonly sortKey?: string | null | undefined;
  readonly sortDirection?: 'ASC' | 'DESC' | null | undefined;
  /** true: not one kept from before */
  readonly isFresh?: boolean | undefined;
};

const decodeImagePage = pageOf('Image', decodeImage);

/** Largest page asked for. The upstream states no maximum; 200 is its default. */
export const imagePageLimit = 200;

/**
 * One page of built-in and own images.
 * REST: `GET /v1/{project_id}/images` (ListImage).
 */
export const listImage = async (session: Session, projectId: string, request: ListImageRequest): Promise<Page<Image>> =>
  call(
    session,
    {
      operationId: 'listImage',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/images`,
      isFresh: request.isFresh,
      query: {
        offset: request.offset,
        limit: request.limit,
        name: request.name,
        name_fuzzy_match: request.isNameFuzzy,
        namespace: request.namespace,
        type: request.type,
        service_type: request.serviceType,
        workspace_id: request.workspaceId,
        sort_key: request.sortKey,
        sort_dir: request.sortDirection,
      },
    },
    decodeImagePage,
  );

/**
 * One image.
 * REST: `GET /v1/{project_id}/images/{id}` (ShowImage).
 * @throws NotFoundError the project has no such image
 */
export const showImage = async (session: Session, projectId: string, imageId: string): Promise<Image> =>
  call(
    session,
    {
      operationId: 'showImage',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/images/${segment(imageId)}`,
    },
    decodeImage,
  );
