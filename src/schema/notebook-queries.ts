import { listNotebooks, type Notebook, notebookPageLimits } from '../modelarts/notebooks.ts';
import type { PageSource } from '../modelarts/paging.ts';
import { builder } from './builder.ts';
import type { Access } from './context.ts';
import { rawIdOf } from './global-id.ts';
import { NotebookType } from './notebook.ts';
import { NotebookStatusFilter } from './notebook-enums.ts';
import { orNull } from './or-null.ts';
import { connectionOf } from './pagination.ts';

const NotebookFilterInput = builder.inputType('NotebookFilter', {
  description: 'Which notebooks to list; all conditions must hold.',
  fields: (t) => ({
    name: t.string({ description: 'A part of the name: letters, digits, hyphens, underscores.' }),
    status: t.field({ type: NotebookStatusFilter, description: 'Status they are in.' }),
    poolId: t.string({ description: 'Dedicated resource pool they run in.' }),
    ownerId: t.string({ description: "IAM's id of the owner; only for yourself, or as an administrator." }),
    workspaceId: t.string({ description: 'Workspace; `0` is the default one.' }),
  }),
});

type Filter = typeof NotebookFilterInput.$inferInput;

/** The notebooks of a caller as pages of the sizes ModelArts takes. */
export const notebookPages = (
  { session, projectId }: Access,
  filter: Filter | null | undefined,
): PageSource<Notebook> => ({
  fetch: (offset, limit) =>
    listNotebooks(session, projectId, {
      offset,
      limit: notebookPageLimits.find((size) => size === limit) ?? 50,
      name: filter?.name,
      status: filter?.status,
      poolId: filter?.poolId,
      ownerId: filter?.ownerId,
      workspaceId: filter?.workspaceId,
    }),
  limits: notebookPageLimits,
  id: (notebook) => notebook.id,
});

builder.queryFields((t) => ({
  notebook: t.field({
    type: NotebookType,
    nullable: true,
    description: 'One notebook; null when the project has none of this id. REST: ShowNotebook.',
    args: { id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (UUID)." }) },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.id);
      return orNull(() => NotebookType.getDataloader(context).load(id) as Promise<Notebook>);
    },
  }),
  notebooks: t.connection({
    type: NotebookType,
    description: 'The notebooks of the caller, newest first. REST: ListNotebooks.',
    args: { filter: t.arg({ type: NotebookFilterInput, description: 'Which notebooks to list; all when left out.' }) },
    resolve: async (_root, args, context) => connectionOf(notebookPages(await context.access(), args.filter), args),
  }),
}));
