import { type ImageGroup, listImageGroup } from '../../modelarts/image-groups.ts';
import { builder } from '../core/builder.ts';
import { whole } from '../loading/cost.ts';
import { inTurns } from '../loading/row-turns.ts';
import { connectionOfArray } from '../relay/pagination.ts';
import { ImageTypeEnum } from './image.ts';
import { imageFilter } from './rules.ts';

const ImageGroupType = builder.objectRef<ImageGroup>('ImageGroup').implement({
  description: 'Own images of one organisation and name: the versions of an image. REST: ListImageGroup.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name its images share.' }),
    namespace: t.exposeString('namespace', { nullable: true, description: 'Organisation in the container registry.' }),
    createdAt: t.expose('createdAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first version was made, if ModelArts says so.',
    }),
    updatedAt: t.expose('updatedAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When a version was last changed, if ModelArts says so.',
    }),
    versionCount: t.exposeInt('versionCount', {
      nullable: true,
      description: 'Number of images in it; `images` with its `name`, `nameExact` and `namespace` lists them.',
    }),
  }),
});

const ImageGroupFilterInput = builder.inputType('ImageGroupFilter', {
  description: 'Which groups of images to list; all conditions must hold.',
  fields: (t) => ({
    name: t.string({
      description:
        'The name, or a part of it unless `nameExact` is true. Lower case letters, digits, dots, hyphens, underscores.',
    }),
    nameExact: t.boolean({ description: 'Whether `name` must match in full; false when left out.' }),
    namespace: t.string({ description: 'Organisation in the container registry.' }),
    type: t.field({ type: ImageTypeEnum, description: "Built-in or own; ModelArts' choice when left out." }),
    workspaceId: t.string({ description: 'Workspace; `0` is the default one.' }),
  }),
});

builder.queryField('imageGroups', (t) =>
  t.connection(
    {
      type: ImageGroupType,
      description: 'Own images by organisation and name. REST: ListImageGroup.',
      extensions: { cost: whole },
      args: {
        filter: t.arg({ type: ImageGroupFilterInput, description: 'Which groups to list; all when left out.' }),
      },
      resolve: async (_root, args, context) => {
        const filter = imageFilter(args.filter);
        const { session, projectId } = await context.access();
        const page = await listImageGroup(session, projectId, { ...filter, type: args.filter?.type });
        const groups = connectionOfArray(page.items, (group) => `${group.namespace ?? ''}/${group.name}`, args);
        return inTurns(groups, context);
      },
    },
    { name: 'ImageGroupConnection' },
    { name: 'ImageGroupEdge' },
  ),
);
