import { builder } from '../core/builder.ts';
import {
  ArchitectureEnum,
  DevServiceEnum,
  ImageOriginEnum,
  ImageServiceTypeEnum,
  ImageVisibilityEnum,
  ResourceCategoryEnum,
} from './image.ts';

export const SaveNotebookImageInput = builder.inputType('SaveNotebookImageInput', {
  description: 'Which notebook to save, and what to call the image.',
  fields: (t) => ({
    notebookId: t.id({ required: true, description: "Global id of the notebook, or ModelArts' own id (UUID)." }),
    name: t.string({
      required: true,
      description:
        '1 to 512 lower case letters, digits, dots, hyphens, underscores; the first and last a letter or digit. Some regions take 128 at most.',
    }),
    namespace: t.string({
      required: true,
      description:
        'Organisation in the container registry: 1 to 64 letters, digits, dots, hyphens, underscores, the first a lower case letter.',
    }),
    tag: t.string({
      description:
        'Version: 1 to 64 letters, digits, dots, hyphens, underscores. Name and tag together must be new. ModelArts chooses when left out.',
    }),
    description: t.string({ description: 'Up to 512 characters.' }),
    workspaceId: t.string({ description: 'Workspace; `0`, the default one, when left out.' }),
  }),
});

export const RegisterImageInput = builder.inputType('RegisterImageInput', {
  description: 'The image to register: it must lie in the container registry already.',
  fields: (t) => ({
    swrPath: t.string({
      required: true,
      description:
        'Path in the container registry, `host/organisation/name:tag`, 16 to 2048 characters; name and tag of the image come from it.',
    }),
    arch: t.field({ type: ArchitectureEnum, description: 'Processor architecture; X86_64 when left out.' }),
    description: t.string({ description: 'Up to 512 characters.' }),
    origin: t.field({ type: ImageOriginEnum, description: 'Where it comes from; CUSTOMIZE when left out.' }),
    resourceCategories: t.field({
      type: [ResourceCategoryEnum],
      description: 'Kinds of flavor it fits; CPU and GPU when left out.',
    }),
    serviceType: t.field({ type: ImageServiceTypeEnum, description: 'What it is for; UNKNOWN when left out.' }),
    devServices: t.field({
      type: [DevServiceEnum],
      description: 'How a notebook made from it can be entered; NOTEBOOK and SSH when left out.',
    }),
    visibility: t.field({ type: ImageVisibilityEnum, description: 'Who sees it; PRIVATE when left out.' }),
    workspaceId: t.string({ description: 'Workspace; `0`, the default one, when left out.' }),
  }),
});

export const DeleteImageInput = builder.inputType('DeleteImageInput', {
  description: 'Which image to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: "Global id of the image, or ModelArts' own id (UUID)." }),
    force: t.boolean({
      description:
        'Whether to delete its content in the container registry as well; own private images only. false when left out.',
    }),
  }),
});
