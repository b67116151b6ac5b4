import { builder } from './builder.ts';
import { requestEnum } from './enums.ts';

const ArchitectureRequest = requestEnum('ArchitectureRequest', {
  description: 'Processor architecture an image is to run on.',
  values: { X86_64: 'Intel or AMD, 64 bit.', AARCH64: 'Arm, 64 bit.' },
});

const ImageOriginRequest = requestEnum('ImageOriginRequest', {
  description: 'Where an image to register comes from.',
  values: { CUSTOMIZE: 'Built by a user.', IMAGE_SAVE: 'Saved from a notebook.' },
});

const ResourceCategoryRequest = requestEnum('ResourceCategoryRequest', {
  description: 'Kind of flavor an image is to fit.',
  values: { CPU: 'Processors only.', GPU: 'With GPUs.', ASCEND: 'With Ascend NPUs.' },
});

const ImageServiceTypeRequest = requestEnum('ImageServiceTypeRequest', {
  description: 'What an image is meant for.',
  values: {
    COMMON: 'Any use.',
    INFERENCE: 'Inference.',
    TRAIN: 'Training.',
    DEV: 'Development.',
    UNKNOWN: 'Not stated.',
  },
});

const DevServiceRequest = requestEnum('DevServiceRequest', {
  description: 'How a notebook made from an image is to be entered.',
  values: { NOTEBOOK: 'JupyterLab in the browser.', SSH: 'SSH with a key pair.' },
});

const ImageVisibilityRequest = requestEnum('ImageVisibilityRequest', {
  description: 'Who is to see an image.',
  values: { PRIVATE: 'Its owner.', PUBLIC: 'Every user.' },
});

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
    arch: t.field({ type: ArchitectureRequest, description: 'Processor architecture; X86_64 when left out.' }),
    description: t.string({ description: 'Up to 512 characters.' }),
    origin: t.field({ type: ImageOriginRequest, description: 'Where it comes from; CUSTOMIZE when left out.' }),
    resourceCategories: t.field({
      type: [ResourceCategoryRequest],
      description: 'Kinds of flavor it fits; CPU and GPU when left out.',
    }),
    serviceType: t.field({ type: ImageServiceTypeRequest, description: 'What it is for; UNKNOWN when left out.' }),
    devServices: t.field({
      type: [DevServiceRequest],
      description: 'How a notebook made from it can be entered; NOTEBOOK and SSH when left out.',
    }),
    visibility: t.field({ type: ImageVisibilityRequest, description: 'Who sees it; PRIVATE when left out.' }),
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
