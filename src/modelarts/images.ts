import type { Session } from './client.ts';
import { tellUnknownFields } from './known-fields.ts';
import { call, type Decoder, type Page, pageOf } from './operation.ts';
import { segment } from './path.ts';
import { enumeration, instant, integer, integer32, list, object, text, texts } from './read.ts';

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

export const decodeTag: Decoder<Tag> = (value) => {
  const wire = object(value);
  return wire === null ? null : { key: text(wire.key), value: text(wire.value) };
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

const decodeAs =
  (isComplete: boolean): Decoder<Image> =>
  (body, drift) => {
    const wire = object(body);
    const id = wire && text(wire.id);
    if (wire === null || id === null || id === '') return null;
    tellUnknownFields('Image', wire, drift);
    return {
      id,
      name: text(wire.name) ?? '',
      status: imageStatuses.read(wire.status, drift),
      statusRaw: text(wire.status),
      statusMessage: text(wire.status_message),
      type: imageTypes.read(wire.type, drift),
      typeRaw: text(wire.type),
      arch: architectures.read(wire.arch, drift),
      archRaw: text(wire.arch),
      serviceType: imageServiceTypes.read(wire.service_type, drift),
      serviceTypeRaw: text(wire.service_type),
      devServices: list(wire.dev_services, (item) => devServices.read(item, drift)),
      devServicesRaw: texts(wire.dev_services),
      resourceCategories: list(wire.resource_categories, (item) => resourceCategories.read(item, drift)),
      resourceCategoriesRaw: texts(wire.resource_categories),
      supportedResourceCategories: list(wire.support_res_categories, (item) => resourceCategories.read(item, drift)),
      supportedResourceCategoriesRaw: texts(wire.support_res_categories),
      swrPath: text(wire.swr_path),
      tag: text(wire.tag),
      tags: list(wire.tags, (item) => decodeTag(item, drift)),
      workspaceId: text(wire.workspace_id),
      description: text(wire.description),
      createdAtMs: instant(wire.create_at),
      updatedAtMs: instant(wire.update_at),
      namespace: text(wire.namespace),
      origin: imageOrigins.read(wire.origin, drift),
      originRaw: text(wire.origin),
      sizeBytes: integer(wire.size),
      visibility: imageVisibilities.read(wire.visibility, drift),
      visibilityRaw: text(wire.visibility),
      isComplete,
    };
  };

export const decodeImage = decodeAs(true);
export const decodeEmbeddedImage = decodeAs(false);

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

/** Own images of one name, each version an image. Times are Unix ms. */
export type ImageGroup = {
  readonly name: string;
  readonly namespace: string | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly versionCount: number | null;
};

export const decodeImageGroup: Decoder<ImageGroup> = (body, drift) => {
  const wire = object(body);
  const name = wire && text(wire.name);
  if (wire === null || name === null || name === '') return null;
  tellUnknownFields('ImageGroup', wire, drift);
  return {
    name,
    namespace: text(wire.namespace),
    createdAtMs: instant(wire.create_at),
    updatedAtMs: instant(wire.update_at),
    versionCount: integer32(wire.version_count),
  };
};

const decodeImageGroupPage = pageOf('ImageGroup', decodeImageGroup);

export type ListImageGroupRequest = Pick<
  ListImageRequest,
  'name' | 'isNameFuzzy' | 'namespace' | 'type' | 'workspaceId'
>;

/**
 * Own images by name. The upstream knows no paging here: one page holds everything.
 * REST: `GET /v1/{project_id}/images/group` (ListImageGroup).
 */
export const listImageGroup = async (
  session: Session,
  projectId: string,
  request: ListImageGroupRequest = {},
): Promise<Page<ImageGroup>> =>
  call(
    session,
    {
      operationId: 'listImageGroup',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/images/group`,
      query: {
        name: request.name,
        name_fuzzy_match: request.isNameFuzzy,
        namespace: request.namespace,
        type: request.type,
        workspace_id: request.workspaceId,
      },
    },
    decodeImageGroupPage,
  );
