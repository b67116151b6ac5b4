import { type Image, imagePageLimit, listImage } from '../../modelarts/images.ts';
import type { PageSource } from '../../modelarts/wire/paging.ts';
import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import { SortDirectionEnum } from '../core/sort-direction.ts';
import { paged } from '../loading/cost.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { inTurns } from '../loading/row-turns.ts';
import { selectedFields } from '../loading/selection.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { connectionOf } from '../relay/pagination.ts';
import { ImageServiceTypeEnum, ImageType, ImageTypeEnum, imageLoader } from './image.ts';
import { imageFilter } from './rules.ts';

const ImageSortKeyEnum = requestEnum('ImageSortKey', {
  description: 'What images can be sorted by.',
  values: { UPDATED_AT: 'Time of the last change.' },
});

const ImageFilterInput = builder.inputType('ImageFilter', {
  description: 'Which images to list; all conditions must hold.',
  fields: (t) => ({
    name: t.string({
      description:
        'The name, or a part of it unless `nameExact` is true. Lower case letters, digits, dots, hyphens, underscores.',
    }),
    nameExact: t.boolean({ description: 'Whether `name` must match in full; false when left out.' }),
    namespace: t.string({ description: 'Organisation in the container registry.' }),
    type: t.field({ type: ImageTypeEnum, description: 'Built-in or own; both when left out.' }),
    serviceType: t.field({ type: ImageServiceTypeEnum, description: 'What they are meant for.' }),
    workspaceId: t.string({ description: 'Workspace; `0` is the default one.' }),
  }),
});

builder.queryFields((t) => ({
  image: t.field({
    type: ImageType,
    nullable: true,
    description: 'One image; null when the project has none of this id. REST: ShowImage.',
    args: { id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (UUID)." }) },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Image', args.id);
      return orNull(() => imageLoader(context).load(id));
    },
  }),
  images: t.connection(
    {
      type: ImageType,
      description: 'Built-in and own images. REST: ListImage.',
      extensions: { cost: paged(imagePageLimit) },
      args: {
        filter: t.arg({ type: ImageFilterInput, description: 'Which images to list; all when left out.' }),
        sortKey: t.arg({ type: ImageSortKeyEnum, description: "What to sort by; ModelArts' own order when left out." }),
        sortDirection: t.arg({ type: SortDirectionEnum, description: 'Direction of `sortKey`; DESC when left out.' }),
      },
      resolve: async (_root, args, context, info) => {
        const filter = imageFilter(args.filter);
        const { session, projectId } = await context.access();
        const source: PageSource<Image> = {
          fetch: (offset, limit, isFresh) =>
            listImage(session, projectId, {
              ...filter,
              offset,
              limit,
              isFresh,
              type: args.filter?.type,
              serviceType: args.filter?.serviceType,
              sortKey: args.sortKey ? 'updateTime' : undefined,
              sortDirection: args.sortDirection,
            }),
          limits: [imagePageLimit],
          id: (image) => image.id,
        };
        const page = await connectionOf(source, args, selectedFields(info));
        return inTurns(page, context);
      },
    },
    { name: 'ImageConnection' },
    { name: 'ImageEdge' },
  ),
}));
