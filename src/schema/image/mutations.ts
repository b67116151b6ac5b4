import { createImage, deleteImage, registerImage } from '../../modelarts/image-changes.ts';
import type { Image } from '../../modelarts/images.ts';
import { BillingError, ConflictError, NotFoundError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import { changeErrors } from '../core/error.ts';
import { changing } from '../notebook/conflict.ts';
import { notebookWatch } from '../notebook/watch.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { ImageType } from './image.ts';
import { DeleteImageInput, RegisterImageInput, SaveNotebookImageInput } from './input.ts';
import { registerImageRequest, saveNotebookImageRequest } from './rules.ts';
import { imageWatch } from './watch.ts';

const imageChangeErrors = [...changeErrors, NotFoundError, ConflictError, BillingError];

type ImagePayload = { readonly image: Image };

const SaveNotebookImagePayload = builder.objectRef<ImagePayload>('SaveNotebookImagePayload').implement({
  description: 'The image that is being saved.',
  fields: (t) => ({
    image: t.field({
      type: ImageType,
      description: 'As ModelArts answered, usually INIT; watch it with `imageStatusChanged` until it is ACTIVE.',
      resolve: (payload) => payload.image,
    }),
  }),
});

const RegisterImagePayload = builder.objectRef<ImagePayload>('RegisterImagePayload').implement({
  description: 'The registered image.',
  fields: (t) => ({
    image: t.field({
      type: ImageType,
      description: 'As ModelArts answered, usually ACTIVE at once.',
      resolve: (payload) => payload.image,
    }),
  }),
});

const DeleteImagePayload = builder
  .objectRef<{ readonly id: string; readonly image: Image | null }>('DeleteImagePayload')
  .implement({
    description: 'The image that is gone.',
    fields: (t) => ({
      imageId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
      image: t.field({
        type: ImageType,
        nullable: true,
        description: 'As ModelArts answered, usually DELETED; null when it answered without one.',
        resolve: (payload) => payload.image,
      }),
    }),
  });

builder.mutationFields((t) => ({
  saveNotebookImage: t.field({
    type: SaveNotebookImagePayload,
    description:
      'Save a RUNNING notebook as an image. It takes minutes, and the notebook is SNAPSHOTTING and not usable meanwhile; the answer is only the start. REST: CreateImage, tried once; ShowNotebook to explain a conflict.',
    args: {
      input: t.arg({
        type: SaveNotebookImageInput,
        required: true,
        description: 'Which notebook to save, and what to call the image.',
      }),
    },
    errors: {
      types: imageChangeErrors,
      union: { name: 'SaveNotebookImageResult', description: 'The image, or why the notebook was not saved.' },
    },
    resolve: async (_root, args, context) => {
      const { notebookId, request } = saveNotebookImageRequest(args.input);
      const access = await context.access();
      const image = await changing({ access, id: notebookId, action: 'SAVE_IMAGE' }, () =>
        createImage(access.session, access.projectId, notebookId, request),
      );
      imageWatch.publish(context, access, image);
      notebookWatch.pollAgain(context, access);
      return { image };
    },
  }),
  registerImage: t.field({
    type: RegisterImagePayload,
    description: 'Make an image of the container registry known to ModelArts. REST: RegisterImage, tried once.',
    args: { input: t.arg({ type: RegisterImageInput, required: true, description: 'The image to register.' }) },
    errors: {
      types: imageChangeErrors,
      union: { name: 'RegisterImageResult', description: 'The image, or why it was not registered.' },
    },
    resolve: async (_root, args, context) => {
      const request = registerImageRequest(args.input);
      const access = await context.access();
      const image = await registerImage(access.session, access.projectId, request);
      imageWatch.publish(context, access, image);
      return { image };
    },
  }),
  deleteImage: t.field({
    type: DeleteImagePayload,
    description:
      'Delete an own image that no notebook uses; done when it answers, and this cannot be undone. REST: DeleteImage, tried once.',
    args: { input: t.arg({ type: DeleteImageInput, required: true, description: 'Which image to delete.' }) },
    errors: {
      types: imageChangeErrors,
      union: { name: 'DeleteImageResult', description: 'The image, or why it was not deleted.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Image', args.input.id, ['input', 'id']);
      const access = await context.access();
      const isForced = args.input.force ?? undefined;
      const image = await deleteImage(access.session, access.projectId, id, { isForced });
      imageWatch.publishGone(context, access, id);
      return { id, image };
    },
  }),
}));
