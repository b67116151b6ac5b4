import { z } from 'zod';
import type { PageSource } from '../../modelarts/wire/paging.ts';
import { listWorkspaces, type Workspace, workspacePageLimit } from '../../modelarts/workspaces.ts';
import { builder } from '../core/builder.ts';
import { openEnum } from '../core/enums.ts';
import { optional, validated } from '../core/input.ts';
import { paged } from '../loading/cost.ts';
import { selectedFields } from '../loading/selection.ts';
import { connectionOf } from '../relay/pagination.ts';
import { NamedRefType } from '../session/token.ts';

const WorkspaceStatusEnum = openEnum('WorkspaceStatus', {
  description: 'State of a workspace.',
  values: {
    NORMAL: 'It can be used.',
    CREATE_FAILED: 'It could not be made.',
    DELETING: 'It is being deleted, with all in it.',
    DELETE_FAILED: 'It could not be deleted.',
  },
});

const WorkspaceAccessEnum = openEnum('WorkspaceAccess', {
  description: 'Who may enter a workspace.',
  values: {
    PUBLIC: 'Every user of the account.',
    PRIVATE: 'Who made it, and the account itself.',
    INTERNAL: 'Who made it, the account itself, and the users it names.',
  },
});

const WorkspaceType = builder.objectRef<Workspace>('Workspace').implement({
  description: 'A part of a project, which notebooks and images can belong to. REST: ListWorkspaces.',
  fields: (t) => ({
    workspaceId: t.exposeID('id', {
      description: "ModelArts' own id, as filters take it; `0` is the default workspace.",
    }),
    name: t.exposeString('name', { description: 'Its name.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
    owner: t.exposeString('owner', { nullable: true, description: 'Name of the user who made it.' }),
    createdAt: t.expose('createdAtMs', { type: 'DateTime', nullable: true, description: 'When it was made.' }),
    updatedAt: t.expose('updatedAtMs', { type: 'DateTime', nullable: true, description: 'When it was last changed.' }),
    access: t.expose('access', { type: WorkspaceAccessEnum, nullable: true, description: 'Who may enter it.' }),
    accessRaw: t.exposeString('accessRaw', { nullable: true, description: '`access` as ModelArts writes it.' }),
    enterpriseProject: t.expose('enterpriseProject', {
      type: NamedRefType,
      nullable: true,
      description: 'Enterprise project it belongs to.',
    }),
    status: t.expose('status', { type: WorkspaceStatusEnum, nullable: true, description: 'Its state.' }),
    statusRaw: t.exposeString('statusRaw', { nullable: true, description: '`status` as ModelArts writes it.' }),
    statusMessage: t.exposeString('statusMessage', { nullable: true, description: 'More about `status`.' }),
    users: t.expose('users', {
      type: [NamedRefType],
      description: 'Users who may enter it where `access` is INTERNAL; empty otherwise.',
    }),
  }),
});

const WorkspaceFilterInput = builder.inputType('WorkspaceFilter', {
  description: 'Which workspaces to list; all conditions must hold.',
  fields: (t) => ({
    name: t.string({ description: 'A part of the name, 1 to 64 characters.' }),
    enterpriseProjectId: t.string({ description: 'Enterprise project they belong to.' }),
    accessibleOnly: t.boolean({
      description: 'Whether to leave out those the caller may not enter; false when left out.',
    }),
  }),
});

const shortText = z.string().min(1, 'It must not be empty.').max(64, 'It is longer than 64 characters.');
const filterRules = z.object({
  filter: z.object({ name: optional(shortText), enterpriseProjectId: optional(shortText) }),
});

builder.queryField('workspaces', (t) =>
  t.connection(
    {
      type: WorkspaceType,
      description: 'Workspaces of the project, by name. REST: ListWorkspaces.',
      extensions: { cost: paged(workspacePageLimit) },
      args: { filter: t.arg({ type: WorkspaceFilterInput, description: 'Which to list; all when left out.' }) },
      resolve: async (_root, args, context, info) => {
        const { filter } = validated(filterRules, { filter: args.filter ?? {} });
        const { session, projectId } = await context.access();
        const source: PageSource<Workspace> = {
          fetch: (offset, limit) =>
            listWorkspaces(session, projectId, {
              ...filter,
              offset,
              limit,
              isAccessibleOnly: args.filter?.accessibleOnly,
            }),
          limits: [workspacePageLimit],
          id: (workspace) => workspace.id,
        };
        return connectionOf(source, args, selectedFields(info));
      },
    },
    { name: 'WorkspaceConnection' },
    { name: 'WorkspaceEdge' },
  ),
);
