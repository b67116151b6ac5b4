import { type DevEnvInstance, listDevEnvironments } from '../modelarts/dev-environments.ts';
import type { PageSource } from '../modelarts/paging.ts';
import { builder } from './builder.ts';
import type { Access } from './context.ts';
import { DevEnvProvisionTypeFilter, DevEnvSortKeyEnum, DevEnvStatusFilter } from './dev-env-enums.ts';
import { DevEnvInstanceType } from './dev-env-instance.ts';
import { rawIdOf } from './global-id.ts';
import { orNull } from './or-null.ts';
import { connectionOf } from './pagination.ts';
import { SortDirectionEnum } from './sort-direction.ts';

const DevEnvInstanceFilterInput = builder.inputType('DevEnvInstanceFilter', {
  description: 'Which development environments to list; all conditions must hold.',
  fields: (t) => ({
    status: t.field({ type: DevEnvStatusFilter, description: 'Status they are in.' }),
    provisionType: t.field({ type: DevEnvProvisionTypeFilter, description: 'How they are deployed.' }),
    workspaceId: t.string({ description: 'Workspace; `0` is the default one.' }),
    onlyOwn: t.boolean({ description: "Whether to list the caller's own only (`show_self`); true when left out." }),
    aiProjectId: t.string({ description: 'AI project they belong to.' }),
    poolId: t.string({ description: 'Dedicated resource pool they run in.' }),
  }),
});

type ListOptions = {
  readonly filter?: typeof DevEnvInstanceFilterInput.$inferInput | null | undefined;
  readonly sortKey?: typeof DevEnvSortKeyEnum.$inferType | null | undefined;
  readonly sortDirection?: typeof SortDirectionEnum.$inferType | null | undefined;
};

// any size goes; with none, ModelArts answers everything at once
const pageLimit = 100;

const devEnvInstancePages = (
  { session, projectId }: Access,
  { filter, sortKey, sortDirection }: ListOptions,
): PageSource<DevEnvInstance> => ({
  fetch: (offset, limit) =>
    listDevEnvironments(session, projectId, {
      offset,
      limit,
      status: filter?.status,
      provisionType: filter?.provisionType,
      workspaceId: filter?.workspaceId,
      isOwnOnly: filter?.onlyOwn,
      aiProjectId: filter?.aiProjectId,
      poolId: filter?.poolId,
      sortBy: sortKey === 'CREATED_AT' ? 'CREATION_TIMESTAMP' : sortKey,
      sortDirection,
    }),
  limits: [pageLimit],
  id: (instance) => instance.id,
});

builder.queryFields((t) => ({
  devEnvInstance: t.field({
    type: DevEnvInstanceType,
    nullable: true,
    description: 'One development environment; null when the project has none of this id. REST: ShowDevEnvironment.',
    args: { id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (`DE-` and a UUID)." }) },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('DevEnvInstance', args.id);
      return orNull(() => DevEnvInstanceType.getDataloader(context).load(id) as Promise<DevEnvInstance>);
    },
  }),
  devEnvInstances: t.connection(
    {
      type: DevEnvInstanceType,
      description:
        'Development environments; only those of the caller unless the filter says otherwise. REST: ListDevEnvironments.',
      args: {
        filter: t.arg({
          type: DevEnvInstanceFilterInput,
          description: "Which to list; all of the caller's when left out.",
        }),
        sortKey: t.arg({ type: DevEnvSortKeyEnum, description: 'What to sort by; NAME when left out.' }),
        sortDirection: t.arg({ type: SortDirectionEnum, description: 'Direction of sorting; ASC when left out.' }),
      },
      resolve: async (_root, args, context) => connectionOf(devEnvInstancePages(await context.access(), args), args),
    },
    { name: 'DevEnvInstanceConnection' },
    { name: 'DevEnvInstanceEdge' },
  ),
}));
