import { type Accelerator, type Flavor, listFlavors } from '../../modelarts/flavors.ts';
import { NotFoundError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import type { Context } from '../core/context.ts';
import { known, openEnum, requestEnum } from '../core/enums.ts';
import { ArchitectureEnum, ResourceCategoryEnum } from '../image/image.ts';
import { beyond, sharedCall, whole } from '../loading/cost.ts';
import { nodesOf, readTogether } from '../loading/loader.ts';
import { orNull } from '../loading/null-if-not-found.ts';
import { foundAhead } from '../loading/read-ahead.ts';
import { inTurns } from '../loading/row-turns.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { connectionOfArray } from '../relay/pagination.ts';

export const NotebookFeatureEnum = openEnum('NotebookFeature', {
  description: 'Kind of notebook instance.',
  values: { DEFAULT: 'The one free CodeLab instance of a user.', NOTEBOOK: 'An ordinary notebook.' },
});

const ClusterTypeEnum = requestEnum('ClusterType', {
  description: 'Whose machines.',
  values: { MANAGED: 'The public cluster.', DEDICATED: 'Dedicated resource pools.' },
});

const AcceleratorType = builder.objectRef<Accelerator & { chipCount?: number | null }>('Accelerator').implement({
  description: 'Cards of a flavor: GPUs or Ascend NPUs.',
  fields: (t) => ({
    count: t.exposeInt('count', { nullable: true, description: 'Number of cards.' }),
    type: t.exposeString('type', { nullable: true, description: 'Model of the cards.' }),
    memory: t.exposeString('memory', { nullable: true, description: 'Memory as ModelArts writes it, with its unit.' }),
    chipCount: t.int({
      nullable: true,
      description: 'Number of chips; Ascend only.',
      resolve: (accelerator) => accelerator.chipCount ?? null,
    }),
  }),
});

const FlavorBillingType = builder.objectRef<NonNullable<Flavor['billing']>>('FlavorBilling').implement({
  description: 'How the use of a flavor is billed.',
  fields: (t) => ({
    code: t.exposeString('code', { nullable: true, description: 'Code of the bill item.' }),
    unitCount: t.exposeInt('unitCount', { nullable: true, description: 'Number of units billed (`unit_num`).' }),
  }),
});

/** A flavor that is known by its id only: an old or legacy one that the list does not hold. */
export const unlistedFlavor = (id: string): Flavor => ({
  id,
  name: null,
  description: null,
  arch: null,
  archRaw: null,
  category: null,
  categoryRaw: null,
  feature: null,
  featureRaw: null,
  isFree: null,
  memoryKib: null,
  vcpus: null,
  isSoldOut: null,
  storages: [],
  billing: null,
  gpu: null,
  ascend: null,
});

/** There is no call for one flavor: one list answers any number of ids. */
export const flavorLoader = readTogether<Flavor>(async (ids, { session, projectId }) => {
  const page = await listFlavors(session, projectId);
  const listed = new Map(page.items.map((flavor) => [flavor.id, flavor]));
  return ids.map((id) => listed.get(id) ?? new NotFoundError(`There is no flavor ${id}.`));
});

export const FlavorType = builder.nodeRef<Flavor>('Flavor', {
  id: { resolve: (flavor) => flavor.id, description: 'Global id.' },
  loadManyWithoutCache: nodesOf(flavorLoader),
});

builder.objectType(FlavorType, {
  description: 'A size of machine. REST: ListFlavors.',
  fields: (t) => ({
    flavorId: t.exposeString('id', { description: "ModelArts' own id, for example `modelarts.vm.cpu.2u`." }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'Text for people; null when ModelArts no longer lists the flavor.',
    }),
    description: t.exposeString('description', { nullable: true, description: 'What it is.' }),
    arch: t.expose('arch', { type: ArchitectureEnum, nullable: true, description: 'Processor architecture.' }),
    archRaw: t.exposeString('archRaw', { nullable: true, description: '`arch` as ModelArts wrote it.' }),
    category: t.expose('category', { type: ResourceCategoryEnum, nullable: true, description: 'Kind of processor.' }),
    categoryRaw: t.exposeString('categoryRaw', { nullable: true, description: '`category` as ModelArts wrote it.' }),
    feature: t.expose('feature', {
      type: NotebookFeatureEnum,
      nullable: true,
      description: 'Kind of notebook it is for.',
    }),
    featureRaw: t.exposeString('featureRaw', { nullable: true, description: '`feature` as ModelArts wrote it.' }),
    free: t.exposeBoolean('isFree', { nullable: true, description: 'Whether it costs nothing.' }),
    memoryKiB: t.expose('memoryKib', { type: 'BigInt', nullable: true, description: 'Memory in KiB.' }),
    memoryMiB: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Memory in whole MiB.',
      resolve: (flavor) => (flavor.memoryKib === null ? null : Math.floor(flavor.memoryKib / 1024)),
    }),
    vcpus: t.exposeInt('vcpus', { nullable: true, description: 'Number of virtual processors.' }),
    soldOut: t.exposeBoolean('isSoldOut', {
      nullable: true,
      description: 'Whether there are none left at the moment.',
    }),
    storages: t.exposeStringList('storages', {
      description:
        'Kinds of storage a notebook of this flavor can have, as ModelArts writes them: EFS, EVS, OBS, OBSFS, ...',
    }),
    billing: t.expose('billing', { type: FlavorBillingType, nullable: true, description: 'How its use is billed.' }),
    gpu: t.expose('gpu', { type: AcceleratorType, nullable: true, description: 'Its GPUs; null when it has none.' }),
    ascend: t.expose('ascend', {
      type: AcceleratorType,
      nullable: true,
      description: 'Its Ascend NPUs; null when it has none.',
    }),
  }),
});

const idFields: ReadonlySet<string> = new Set(['id', 'flavorId', '__typename']);

/** One list of flavors answers for all objects of an operation. */
const listCost = sharedCall('ListFlavors', 'operation');

/** Of a field that gives the flavor of an object. */
export const flavorCost = beyond([...idFields], listCost);

/** Whether the list of flavors must be read for the fields selected. */
export function isMoreThanId(selected: ReadonlySet<string>): boolean {
  for (const name of selected) if (!idFields.has(name)) return true;
  return false;
}

/** The flavor behind an id: read only when more than the id is selected, and never an error for one no longer listed. */
export function flavorOf(
  id: string | null,
  selected: ReadonlySet<string>,
  context: Context,
): Flavor | null | Promise<Flavor> {
  if (id === null) return null;
  if (!isMoreThanId(selected)) return unlistedFlavor(id);
  const unlisted = (error: unknown): Flavor => {
    if (error instanceof NotFoundError) return unlistedFlavor(id);
    throw error;
  };
  try {
    return foundAhead(flavorLoader, id, context) ?? flavorLoader(context).load(id).catch(unlisted);
  } catch (error) {
    return unlisted(error);
  }
}

const FlavorFilterInput = builder.inputType('FlavorFilter', {
  description: 'Which flavors to list; all conditions must hold.',
  fields: (t) => ({
    category: t.field({ type: ResourceCategoryEnum, description: 'Kind of processor.' }),
    clusterType: t.field({ type: ClusterTypeEnum, description: 'Whose machines.' }),
    feature: t.field({
      type: NotebookFeatureEnum,
      description:
        'Kind of notebook they are for. Newer Huawei Cloud only, which lists those of NOTEBOOK when it is left out: elsewhere the answer is UPSTREAM_SETUP, unless nothing else was found.',
    }),
  }),
});

builder.queryFields((t) => ({
  flavor: t.field({
    type: FlavorType,
    nullable: true,
    description: 'One flavor; null when ModelArts does not list it. REST: ListFlavors.',
    extensions: { cost: listCost },
    args: { id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id." }) },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Flavor', args.id);
      return orNull(() => flavorLoader(context).load(id));
    },
  }),
  flavors: t.connection(
    {
      type: FlavorType,
      description: 'Flavors a notebook can be created with. REST: ListFlavors.',
      extensions: { cost: whole },
      args: { filter: t.arg({ type: FlavorFilterInput, description: 'Which flavors to list; all when left out.' }) },
      resolve: async (_root, args, context) => {
        const { session, projectId } = await context.access();
        const page = await listFlavors(session, projectId, {
          category: known(args.filter?.category, ['filter', 'category']),
          type: args.filter?.clusterType,
          feature: known(args.filter?.feature, ['filter', 'feature']),
        });
        const flavors = connectionOfArray(page.items, (flavor) => flavor.id, args);
        return inTurns(flavors, context);
      },
    },
    { name: 'FlavorConnection' },
    { name: 'FlavorEdge' },
  ),
}));
