import { listProjects, type Project } from '../../modelarts/projects.ts';
import { builder } from '../core/builder.ts';
import type { Context, KnownToken } from '../core/context.ts';
import { once, sharedCall } from '../loading/cost.ts';
import { volatile } from '../loading/volatile.ts';
import { NamedRefType } from './token.ts';

export const ProjectType = builder.objectRef<Project>('Project').implement({
  description: 'A project: the region, or a part of one, that objects belong to. REST: ListProjects.',
  fields: (t) => ({
    projectId: t.exposeString('id', { description: 'Id of the project, as sent in `X-Project-Id`.' }),
    name: t.exposeString('name', { description: 'Region, or region and sub-project, for example `eu-de_team`.' }),
    domainId: t.exposeString('domainId', { nullable: true, description: 'Id of the account it belongs to.' }),
    parentId: t.exposeString('parentId', { nullable: true, description: 'Id of the project above it.' }),
    enabled: t.exposeBoolean('isEnabled', { nullable: true, description: 'Whether it can be used.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
  }),
});

/** What is known of the caller's token, once it is known that IAM still takes it. */
async function confirmed({ tokens }: Context): Promise<KnownToken | null> {
  await tokens.confirm();
  return tokens.known();
}

/** Fields that confirm the token share the call. */
const confirming = sharedCall('confirmation', 'object');

type Viewer = Readonly<Record<never, never>>;

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'The caller, as far as the token tells.',
  fields: (t) => ({
    projectId: t.string({
      description:
        'Id of the project this request acts in: the `X-Project-Id` header, else the configured one, else the one of the token. REST: ListProjects.',
      extensions: { cost: once(1) },
      resolve: async (_viewer, _args, context) => {
        const [access] = await Promise.all([context.access(), context.tokens.confirm()]);
        return access.projectId;
      },
    }),
    projects: t.field({
      type: [ProjectType],
      description: 'Projects the user can enter. REST: ListProjects.',
      extensions: { cost: once(1) },
      args: { name: t.arg.string({ description: 'Only the project of exactly this name.' }) },
      resolve: async (_viewer, args, context) => [
        ...(await listProjects(context.session(), args.name ?? undefined)).items,
      ],
    }),
    user: t.field({
      type: NamedRefType,
      nullable: true,
      description:
        'The user; null unless this gateway issued the token, for only IAM could tell. REST: ListProjects, to see whether IAM takes the token, unless it was used lately.',
      extensions: { cost: confirming },
      resolve: async (_viewer, _args, context) => (await confirmed(context))?.user ?? null,
    }),
    domain: t.field({
      type: NamedRefType,
      nullable: true,
      description:
        'The account of the user; null unless this gateway issued the token. REST: ListProjects, as for `user`.',
      extensions: { cost: confirming },
      resolve: async (_viewer, _args, context) => (await confirmed(context))?.domain ?? null,
    }),
    tokenExpiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the token ends; null unless this gateway issued it. REST: ListProjects, as for `user`.',
      extensions: { cost: confirming },
      resolve: async (_viewer, _args, context) => (await confirmed(context))?.expiresAtMs ?? null,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    extensions: { ...volatile, cost: once(0) },
    type: ViewerType,
    description: 'The caller: project, projects and, when this gateway issued the token, user and end of the session.',
    resolve: (_root, _args, context) => {
      context.session();
      return {};
    },
  }),
);
