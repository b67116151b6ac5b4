import {
  type DevEnvInstance,
  type DevEnvironmentStatus,
  listDevEnvironments,
} from '../../modelarts/dev-environments.ts';
import { BadUserInputError } from '../../modelarts/wire/errors.ts';
import type { PageSource } from '../../modelarts/wire/paging.ts';
import { builder } from '../core/builder.ts';
import type { Access } from '../core/context.ts';
import { known } from '../core/enums.ts';
import { SortDirectionEnum } from '../core/sort-direction.ts';
import { paged } from '../loading/cost.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { inTurns } from '../loading/row-turns.ts';
import { selectedFields } from '../loading/selection.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { connectionOf } from '../relay/pagination.ts';
import { DevEnvProvisionTypeEnum, DevEnvSortKeyEnum, DevEnvStatusEnum } from './enums.ts';
import { DevEnvInstanceType, devEnvInstanceLoader } from './instance.ts';

const DevEnvInstanceFilterInput = builder.inputType('DevEnvInstanceFilter', {
  description: 'Which development environments to list; all conditions must hold.',
  fields: (t) => ({
    status: t.field({ type: DevEnvStatusEnum, description: 'Status they are in.' }),
    provisionType: t.field({ type: DevEnvProvisionTypeEnum, description: 'How they are deployed.' }),
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

/** ModelArts lists by every documented status but DELETING. */
function listableStatus(status: DevEnvironmentStatus | null | undefined) {
  const asked = known(status, ['filter', 'status']);
  if (asked !== 'DELETING') return asked;
  throw BadUserInputError.of([{ path: ['filter', 'status'], message: 'ModelArts cannot list by DELETING.' }]);
}

/** Development environments as pages. */
export const devEnvInstancePages = (
  { session, projectId }: Access,
  { filter, sortKey, sortDirection }: ListOptions,
): PageSource<DevEnvInstance> => ({
  fetch: (offset, limit) =>
    listDevEnvironments(session, projectId, {
      offset,
      limit,
      status: listableStatus(filter?.status),
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
      return orNull(() => devEnvInstanceLoader(context).load(id));
    },
  }),
  devEnvInstances: t.connection(
    {
      type: DevEnvInstanceType,
      description:
        'Development environments; only those of the caller unless the filter says otherwise. REST: ListDevEnvironments.',
      extensions: { cost: paged(pageLimit) },
      args: {
        filter: t.arg({
          type: DevEnvInstanceFilterInput,
          description: "Which to list; all of the caller's when left out.",
        }),
        sortKey: t.arg({ type: DevEnvSortKeyEnum, description: 'What to sort by; NAME when left out.' }),
        sortDirection: t.arg({ type: SortDirectionEnum, description: 'Direction of sorting; ASC when left out.' }),
      },
      resolve: async (_root, args, context, info) => {
        const page = await connectionOf(devEnvInstancePages(await context.access(), args), args, selectedFields(info));
        return inTurns(page, context);
      },
    },
    { name: 'DevEnvInstanceConnection' },
    { name: 'DevEnvInstanceEdge' },
  ),
}));
