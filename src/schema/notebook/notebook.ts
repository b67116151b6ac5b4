import { type Lease, showLease } from '../../modelarts/leases.ts';
import { type Notebook, showNotebook } from '../../modelarts/notebooks.ts';
import { builder } from '../core/builder.ts';
import type { Context } from '../core/context.ts';
import { FlavorType, flavorCost, flavorOf, NotebookFeatureEnum } from '../flavor/flavor.ts';
import { ImageType, imageOf, TagType } from '../image/image.ts';
import { LeaseType } from '../lease/lease.ts';
import { beyond, once, seldom, sharedCall } from '../loading/cost.ts';
import { nodesOf, readEach } from '../loading/loader.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { selectedFields } from '../loading/selection.ts';
import { volatile } from '../loading/volatile.ts';
import { NamedRefType } from '../session/token.ts';
import { NotebookStatusEnum } from './enums.ts';
import { DataVolumeType, EndpointType, NotebookUserType, VolumeType } from './parts.ts';

export const notebookLoader = readEach((id, { session, projectId }) => showNotebook(session, projectId, id));

export const NotebookType = builder.nodeRef<Notebook>('Notebook', {
  id: { resolve: (notebook) => notebook.id, description: 'Global id.' },
  loadManyWithoutCache: nodesOf(notebookLoader),
});

/** A notebook with the fields lists leave out: itself when it was read by its id, else read now, once for all its fields. */
export const detail = (notebook: Notebook, context: Context): Notebook | Promise<Notebook> =>
  notebook.isListItem ? loaded(notebook, context) : notebook;

const loaded = ({ id }: Notebook, context: Context): Promise<Notebook> => notebookLoader(context).load(id);

/** Resolver of a field lists leave out: the value at once where it is there, and only else a promise of the one read by id. */
const detailed =
  <T>(read: (notebook: Notebook) => T | null) =>
  (notebook: Notebook, _args: unknown, context: Context): T | null | Promise<T | null> => {
    const value = read(notebook);
    return value !== null || !notebook.isListItem ? value : loaded(notebook, context).then(read);
  };

/** Fields lists leave out: one read for all of them. */
const detailCost = sharedCall('ShowNotebook', 'object');

/** Fields of the copy of an image inside a notebook. */
const copiedImageFields = ['id', 'imageId', 'name', 'swrPath', 'type', 'typeRaw', 'tag', 'description'];

/** The lease from its own endpoint, which answers for running notebooks only. */
async function leaseOf(notebook: Notebook, context: Context): Promise<Lease | null> {
  if (notebook.status !== 'RUNNING') return null;
  const { session, projectId } = await context.access();
  return orNull(() => showLease(session, projectId, notebook.id));
}

builder.objectType(NotebookType, {
  description:
    'A notebook instance. REST: ShowNotebook, ListNotebooks. Lists leave out `url`, `user`, `updatedAt`, `endpoints`, `dataVolumes` and `progress`: selecting one of them in a list costs one more call for each notebook.',
  fields: (t) => ({
    notebookId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
    name: t.exposeString('name', { description: 'Name; several notebooks can share one.' }),
    description: t.exposeString('description', { nullable: true, description: 'Free text.' }),
    status: t.expose('status', { type: NotebookStatusEnum, description: 'State.' }),
    statusRaw: t.exposeString('statusRaw', { description: '`status` as ModelArts wrote it.' }),
    failReason: t.exposeString('failReason', { nullable: true, description: 'Why it failed, when it did.' }),
    feature: t.expose('feature', { type: NotebookFeatureEnum, nullable: true, description: 'Kind of instance.' }),
    featureRaw: t.exposeString('featureRaw', { nullable: true, description: '`feature` as ModelArts wrote it.' }),
    flavor: t.field({
      type: FlavorType,
      nullable: true,
      description:
        'Size of machine. More than its id costs one list of flavors, however many notebooks there are. REST: ListFlavors.',
      extensions: { cost: flavorCost },
      resolve: (notebook, _args, context, info) => flavorOf(notebook.flavorId, selectedFields(info), context),
    }),
    image: t.field({
      type: ImageType,
      nullable: true,
      description:
        'Image it was made from. Fields the copy inside the notebook lacks are read when selected; they are null when the image itself is gone (`isReadable`), and the copy stays. REST: ShowImage.',
      // a list of images spares this, but not for images it leaves out
      extensions: { cost: beyond(copiedImageFields, once(1)) },
      resolve: ({ image }, _args, context, info) => image && imageOf(image, selectedFields(info), context),
    }),
    lease: t.field({
      type: LeaseType,
      nullable: true,
      description:
        'Auto-stop. Where ModelArts leaves it out of a running notebook it costs one more call. REST: ShowLease.',
      extensions: { cost: seldom },
      resolve: (notebook, _args, context) => notebook.lease ?? leaseOf(notebook, context),
    }),
    workspaceId: t.exposeString('workspaceId', { nullable: true, description: 'Workspace; `0` is the default one.' }),
    jupyterToken: t.string({
      extensions: { ...volatile, cost: detailCost },
      nullable: true,
      description:
        'Credential: `url`, `?token=` and this open JupyterLab. Changes on every start; do not keep it. REST: ShowNotebook.',
      // another replica that polled kept it to itself
      resolve: detailed((notebook) => notebook.jupyterToken),
    }),
    url: t.string({
      nullable: true,
      description: 'Address of JupyterLab; null until the notebook runs. REST: ShowNotebook.',
      extensions: { cost: detailCost },
      resolve: detailed((notebook) => notebook.url),
    }),
    createdAt: t.expose('createdAtMs', { type: 'DateTime', nullable: true, description: 'When it was created.' }),
    updatedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last changed. REST: ShowNotebook.',
      extensions: { cost: detailCost },
      resolve: detailed((notebook) => notebook.updatedAtMs),
    }),
    userId: t.exposeString('userId', {
      nullable: true,
      description: "IAM's id of the owner, when ModelArts gives it.",
    }),
    user: t.field({
      type: NotebookUserType,
      nullable: true,
      description: 'The owner, when ModelArts gives it. REST: ShowNotebook.',
      extensions: { cost: detailCost },
      resolve: detailed((notebook) => notebook.user),
    }),
    volume: t.field({
      type: VolumeType,
      nullable: true,
      description: 'Its storage; null right after create. Read again where a list leaves it out. REST: ShowNotebook.',
      extensions: { cost: seldom },
      resolve: detailed((notebook) => notebook.volume),
    }),
    dataVolumes: t.field({
      type: [DataVolumeType],
      description: 'Extra volumes; usually none. REST: ShowNotebook.',
      extensions: { cost: detailCost },
      resolve: (notebook, _args, context) =>
        notebook.isListItem ? loaded(notebook, context).then((whole) => whole.dataVolumes) : notebook.dataVolumes,
    }),
    endpoints: t.field({
      type: [EndpointType],
      description: 'Ways in; empty until it runs. REST: ShowNotebook.',
      extensions: { cost: detailCost },
      resolve: (notebook, _args, context) =>
        notebook.endpoints ??
        (notebook.isListItem ? loaded(notebook, context).then(({ endpoints }) => endpoints ?? []) : []),
    }),
    billingItems: t.stringList({
      resolve: ({ billingItems }) => [...(billingItems ?? [])],
      description: 'What is billed at the moment, as ModelArts writes it: COMPUTE, STORAGE, ALL.',
    }),
    tags: t.field({
      type: [TagType],
      description:
        'Resource tags; `addNotebookTags` and `removeNotebookTags` change them. Read again where a list leaves them out. REST: ShowNotebook.',
      extensions: { cost: seldom },
      resolve: (notebook, _args, context) =>
        notebook.tags ?? (notebook.isListItem ? loaded(notebook, context).then(({ tags }) => tags ?? []) : []),
    }),
    pool: t.expose('pool', {
      type: NamedRefType,
      nullable: true,
      description: 'Dedicated resource pool, when it runs in one.',
    }),
  }),
});
