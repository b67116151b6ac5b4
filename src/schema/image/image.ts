import type { Image, Tag } from '../../modelarts/images.ts';
import { imagePageLimit, listImage, showImage } from '../../modelarts/images.ts';
import { isTransitional } from '../../modelarts/state-machine.ts';
import { ForbiddenError, NotFoundError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import type { Access, Context } from '../core/context.ts';
import { openEnum } from '../core/enums.ts';
import { nodesOf, readTogether } from '../loading/loader.ts';
import { foundAhead } from '../loading/read-ahead.ts';

export const ImageStatusEnum = openEnum('ImageStatus', {
  description: 'State of an image; only ACTIVE ones can be used.',
  values: {
    INIT: 'Registered; building has not begun.',
    CREATING: 'Being built or saved.',
    ACTIVE: 'Ready for use.',
    CREATE_FAILED: 'Building or saving failed.',
    ERROR: 'Broken.',
    DELETED: 'Deleted.',
  },
});

export const ImageTypeEnum = openEnum('ImageType', {
  description: 'Whose image it is.',
  values: { BUILD_IN: 'Comes with ModelArts.', DEDICATED: 'Made or registered by a user.' },
});

export const ArchitectureEnum = openEnum('Architecture', {
  description: 'Processor architecture.',
  values: { X86_64: 'Intel or AMD, 64 bit.', AARCH64: 'Arm, 64 bit.' },
});

export const ImageServiceTypeEnum = openEnum('ImageServiceType', {
  description: 'What an image is meant for.',
  values: {
    COMMON: 'Any use.',
    INFERENCE: 'Inference.',
    TRAIN: 'Training.',
    DEV: 'Development.',
    UNKNOWN: 'Not stated by ModelArts, or newer than this gateway; the raw field has its text.',
  },
});

export const DevServiceEnum = openEnum('DevService', {
  description: 'How a notebook made from an image can be entered.',
  values: {
    NOTEBOOK: 'JupyterLab in the browser.',
    SSH: 'SSH with a key pair.',
    AI_FLOW: 'AI Flow in the browser.',
    MA_STUDIO: 'ModelArts Studio in the browser.',
    TENSOR_BOARD: 'TensorBoard in the browser.',
    WEB_IDE: 'An IDE in the browser.',
  },
});

export const ResourceCategoryEnum = openEnum('ResourceCategory', {
  description: 'Kind of processor.',
  values: { CPU: 'Processors only.', GPU: 'With GPUs.', ASCEND: 'With Ascend NPUs.' },
});

export const ImageVisibilityEnum = openEnum('ImageVisibility', {
  description: 'Who sees an image.',
  values: { PRIVATE: 'Its owner.', PUBLIC: 'Every user.', HIDDEN: 'No list shows it.' },
});

export const ImageOriginEnum = openEnum('ImageOrigin', {
  description: 'Where an own image comes from.',
  values: { CUSTOMIZE: 'Registered from the container registry.', IMAGE_SAVE: 'Saved from a notebook.' },
});

export const TagType = builder.objectRef<Tag>('Tag').implement({
  description: 'A resource tag.',
  fields: (t) => ({
    key: t.exposeString('key', { nullable: true, description: 'Key of the tag.' }),
    value: t.exposeString('value', { nullable: true, description: 'Value of the tag.' }),
  }),
});

/** From here on one list is cheaper than a call for each image. */
const listFrom = 3;

export const imageLoader = readTogether<Image>(async (ids, { session, projectId }) => {
  const listed = ids.length < listFrom ? new Map<string, Image>() : await catalogue({ session, projectId });
  return Promise.all(
    ids.map((id) => listed.get(id) ?? showImage(session, projectId, id).catch((error: Error) => error)),
  );
});

export const ImageType = builder.nodeRef<Image>('Image', {
  id: { resolve: (image) => image.id, description: 'Global id.' },
  loadManyWithoutCache: nodesOf(imageLoader),
});

async function catalogue({ session, projectId }: Access): Promise<Map<string, Image>> {
  const page = await listImage(session, projectId, { offset: 0, limit: imagePageLimit });
  return new Map(page.items.map((image) => [image.id, image]));
}

builder.objectType(ImageType, {
  description: 'A container image notebooks are made from. REST: ListImage, ShowImage.',
  fields: (t) => ({
    imageId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
    name: t.exposeString('name', { description: 'Name; several images can share one.' }),
    status: t.expose('status', { type: ImageStatusEnum, nullable: true, description: 'State; use ACTIVE ones only.' }),
    statusRaw: t.exposeString('statusRaw', { nullable: true, description: '`status` as ModelArts wrote it.' }),
    isReadable: t.exposeBoolean('isComplete', {
      description:
        'Whether ModelArts gives the image itself. false: it was deleted, or the token does not permit to read it, and only what a notebook made from it still holds is known: `name`, `swrPath`, `tag`, `type`, `description`. All else is null then, or an empty list.',
    }),
    isTransitional: t.boolean({
      description: 'Whether the status will change by itself: read the image again until it is ACTIVE or has failed.',
      resolve: (image) => image.status !== null && isTransitional(image.status),
    }),
    statusMessage: t.exposeString('statusMessage', {
      nullable: true,
      description: 'Text on how building the image went.',
    }),
    type: t.expose('type', { type: ImageTypeEnum, nullable: true, description: 'Built-in or own.' }),
    typeRaw: t.exposeString('typeRaw', { nullable: true, description: '`type` as ModelArts wrote it.' }),
    arch: t.expose('arch', {
      type: ArchitectureEnum,
      nullable: true,
      description: 'Processor architecture it runs on.',
    }),
    archRaw: t.exposeString('archRaw', { nullable: true, description: '`arch` as ModelArts wrote it.' }),
    serviceType: t.expose('serviceType', {
      type: ImageServiceTypeEnum,
      nullable: true,
      description: 'What it is meant for.',
    }),
    serviceTypeRaw: t.exposeString('serviceTypeRaw', {
      nullable: true,
      description: '`serviceType` as ModelArts wrote it.',
    }),
    devServices: t.expose('devServices', {
      type: [DevServiceEnum],
      description: 'How a notebook made from it can be entered; with SSH alone, creating needs an SSH endpoint.',
    }),
    devServicesRaw: t.exposeStringList('devServicesRaw', { description: '`devServices` as ModelArts wrote them.' }),
    resourceCategories: t.expose('resourceCategories', {
      type: [ResourceCategoryEnum],
      description: 'Kinds of flavor it fits.',
    }),
    resourceCategoriesRaw: t.exposeStringList('resourceCategoriesRaw', {
      description: '`resourceCategories` as ModelArts wrote them.',
    }),
    supportedResourceCategories: t.expose('supportedResourceCategories', {
      type: [ResourceCategoryEnum],
      description: 'Kinds of flavor it is stated to support (`support_res_categories`); usually empty.',
    }),
    swrPath: t.exposeString('swrPath', {
      nullable: true,
      description: 'Path in the container registry, tag included.',
    }),
    tag: t.exposeString('tag', { nullable: true, description: 'Version of the image in the container registry.' }),
    tags: t.expose('tags', { type: [TagType], description: 'Resource tags; not the version `tag`.' }),
    workspaceId: t.exposeString('workspaceId', { nullable: true, description: 'Workspace; `0` is the default one.' }),
    description: t.exposeString('description', { nullable: true, description: 'What is in it.' }),
    createdAt: t.expose('createdAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was made, if ModelArts says so.',
    }),
    updatedAt: t.expose('updatedAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last changed, if ModelArts says so.',
    }),
    namespace: t.exposeString('namespace', { nullable: true, description: 'Organisation in the container registry.' }),
    origin: t.expose('origin', {
      type: ImageOriginEnum,
      nullable: true,
      description: 'Where an own image comes from.',
    }),
    originRaw: t.exposeString('originRaw', { nullable: true, description: '`origin` as ModelArts wrote it.' }),
    sizeBytes: t.expose('sizeBytes', { type: 'BigInt', nullable: true, description: 'Size in bytes.' }),
    visibility: t.expose('visibility', { type: ImageVisibilityEnum, nullable: true, description: 'Who sees it.' }),
    visibilityRaw: t.exposeString('visibilityRaw', {
      nullable: true,
      description: '`visibility` as ModelArts wrote it.',
    }),
  }),
});

/** GraphQL fields the copy inside a notebook can answer, with the property that says whether it does. */
const embeddedFields: Readonly<Record<string, keyof Image>> = {
  id: 'id',
  imageId: 'id',
  name: 'name',
  swrPath: 'swrPath',
  type: 'type',
  typeRaw: 'typeRaw',
  tag: 'tag',
  description: 'description',
};

/** The copy embedded in a notebook when it answers all that is selected, else its id, to be loaded. */
export function embeddedOrId(embedded: Image, selected: ReadonlySet<string>): Image | string {
  for (const name of selected) {
    if (name === '__typename') continue;
    const property = embeddedFields[name];
    if (property === undefined || embedded[property] === null) return embedded.id;
  }
  return embedded;
}

/**
 * What a notebook's image resolves to: what was read ahead, where the copy inside the notebook is not enough; that copy where
 * the image itself is gone, or out of reach of the token.
 */
export function imageOf(embedded: Image, selected: ReadonlySet<string>, context: Context): Image | Promise<Image> {
  const id = embeddedOrId(embedded, selected);
  if (typeof id !== 'string') return id;
  const orCopy = (error: unknown): Image => {
    if (error instanceof NotFoundError || error instanceof ForbiddenError) return embedded;
    throw error;
  };
  try {
    return foundAhead(imageLoader, id, context) ?? imageLoader(context).load(id).catch(orCopy);
  } catch (error) {
    return orCopy(error);
  }
}
