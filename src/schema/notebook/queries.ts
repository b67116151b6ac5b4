import { z } from 'zod';
import { listAllNotebooks, listNotebooks, type Notebook, notebookPageLimits } from '../../modelarts/notebooks.ts';
import type { PageSource } from '../../modelarts/wire/paging.ts';
import { builder } from '../core/builder.ts';
import type { Access } from '../core/context.ts';
import { known, requestEnum } from '../core/enums.ts';
import { idRule, optional, validated } from '../core/input.ts';
import { SortDirectionEnum } from '../core/sort-direction.ts';
import { NotebookFeatureEnum } from '../flavor/flavor.ts';
import { paged } from '../loading/cost.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { inTurns } from '../loading/row-turns.ts';
import { selectedFields } from '../loading/selection.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { connectionOf } from '../relay/pagination.ts';
import { NotebookStatusEnum } from './enums.ts';
import { NotebookType, notebookLoader } from './notebook.ts';
import { readNotebooksAhead } from './read-ahead.ts';
import { TagFilterInput, wantedTags } from './tag-rules.ts';

const BillingFilterEnum = requestEnum('BillingFilter', {
  description: 'What notebooks are billed for.',
  values: {
    COMPUTE: 'Those that run on a billed flavor.',
    STORAGE: 'Those whose storage is billed.',
    ALL: 'All kinds; which notebooks that are ModelArts does not document.',
  },
});

const elsewhere = 'Newer Huawei Cloud only: elsewhere the answer is UPSTREAM_SETUP, unless nothing else was found.';

const NotebookFilterInput = builder.inputType('NotebookFilter', {
  description: 'Which notebooks to list; all conditions must hold.',
  fields: (t) => ({
    name: t.string({ description: 'A part of the name: letters, digits, hyphens, underscores.' }),
    status: t.field({ type: NotebookStatusEnum, description: 'Status they are in.' }),
    feature: t.field({
      type: NotebookFeatureEnum,
      description: 'Kind of instance; NOTEBOOK when left out, which hides the free CodeLab instance.',
    }),
    poolId: t.string({ description: 'Dedicated resource pool they run in.' }),
    ownerId: t.string({ description: "IAM's id of the owner; only for yourself, or as an administrator." }),
    workspaceId: t.string({ description: 'Workspace; `0` is the default one.' }),
    tags: t.field({
      type: [TagFilterInput],
      description:
        'Tags to have, all of them, each key once. Newer Huawei Cloud only: elsewhere the answer is UPSTREAM_SETUP, unless nothing was found.',
    }),
    id: t.id({ description: `The one notebook: its global id, or ModelArts' own id (UUID). ${elsewhere}` }),
    flavorId: t.string({ description: `A part of the id of the flavor they run on. ${elsewhere}` }),
    imageId: t.id({ description: `The image they were made from: global id, or ModelArts' own. ${elsewhere}` }),
    billing: t.field({ type: BillingFilterEnum, description: `What they are billed for. ${elsewhere}` }),
  }),
});

const filterRule = z.object({
  id: optional(idRule('Notebook')),
  imageId: optional(idRule('Image')),
  flavorId: optional(
    z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,256}$/, 'The id of a flavor has 1 to 256 letters, digits, dots, hyphens, underscores.'),
  ),
});

const NotebookScopeEnum = requestEnum('NotebookScope', {
  description: 'Whose notebooks to list.',
  values: {
    OWN: 'Those of the caller. REST: ListNotebooks.',
    PROJECT:
      'Those of everybody in the project; needs the permission `modelarts:notebook:listAllNotebooks`. REST: ListAllNotebooks.',
  },
});

const NotebookSortKeyEnum = requestEnum('NotebookSortKey', {
  description:
    'What notebooks can be sorted by. ModelArts does not document the keys it takes: where it refuses one, the answer is BAD_USER_INPUT with ModelArts.6303.',
  values: { CREATED_AT: 'Time of creation.', UPDATED_AT: 'Time of the last change.', NAME: 'Name.', STATUS: 'Status.' },
});

const sortKeys = { CREATED_AT: 'create_at', UPDATED_AT: 'update_at', NAME: 'name', STATUS: 'status' } as const;

export type NotebookListing = {
  readonly filter?: typeof NotebookFilterInput.$inferInput | null | undefined;
  readonly scope?: 'OWN' | 'PROJECT' | null | undefined;
  readonly sortKey?: keyof typeof sortKeys | null | undefined;
  readonly sortDirection?: 'ASC' | 'DESC' | null | undefined;
};

/** Notebooks as pages of the sizes ModelArts takes. */
export function notebookPages({ session, projectId }: Access, listing: NotebookListing): PageSource<Notebook> {
  const { filter, scope, sortKey, sortDirection } = listing;
  const tags = wantedTags(filter ?? {});
  const asked = validated(filterRule, filter ?? {}, ['filter']);
  const read = scope === 'PROJECT' ? listAllNotebooks : listNotebooks;
  return {
    fetch: (offset, limit) =>
      read(session, projectId, {
        offset,
        limit: notebookPageLimits.find((size) => size === limit) ?? 50,
        ...filter,
        ...asked,
        tags,
        status: known(filter?.status, ['filter', 'status']),
        feature: known(filter?.feature, ['filter', 'feature']),
        sortKey: sortKey && sortKeys[sortKey],
        sortDirection,
      }),
    limits: notebookPageLimits,
    id: (notebook) => notebook.id,
  };
}

builder.queryFields((t) => ({
  notebook: t.field({
    type: NotebookType,
    nullable: true,
    description: 'One notebook; null when the project has none of this id. REST: ShowNotebook.',
    args: { id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (UUID)." }) },
    resolve: (_root, args, context) => {
      const id = rawIdOf('Notebook', args.id);
      return orNull(() => notebookLoader(context).load(id));
    },
  }),
  notebooks: t.connection(
    {
      type: NotebookType,
      description: 'Notebooks, newest first unless sorted otherwise. REST: ListNotebooks, ListAllNotebooks.',
      extensions: { cost: paged(Math.max(...notebookPageLimits)) },
      args: {
        scope: t.arg({ type: NotebookScopeEnum, defaultValue: 'OWN', description: 'Whose notebooks to list.' }),
        filter: t.arg({ type: NotebookFilterInput, description: 'Which notebooks to list; all when left out.' }),
        sortKey: t.arg({
          type: NotebookSortKeyEnum,
          description: 'What to sort by; the time of creation when left out.',
        }),
        sortDirection: t.arg({ type: SortDirectionEnum, description: 'Direction of `sortKey`; DESC when left out.' }),
      },
      resolve: async (_root, args, context, info) => {
        const page = await connectionOf(notebookPages(await context.access(), args), args, selectedFields(info));
        const nodes = page.edges.map((edge) => edge.node);
        const areRead = await readNotebooksAhead(nodes, context, info);
        return areRead ? inTurns(page, context) : page;
      },
    },
    { name: 'NotebookConnection' },
    { name: 'NotebookEdge' },
  ),
}));
