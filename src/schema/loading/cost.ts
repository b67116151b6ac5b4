import { imagePageLimit } from '../../modelarts/images.ts';
import { notebookPageLimits } from '../../modelarts/notebooks.ts';

/** What a field is asked for with, as far as its price depends on it. */
export type Asked = {
  /** names of the fields selected under it */
  readonly selected: ReadonlySet<string>;
  /** items of the page: `first`, `last` or the default */
  readonly pageSize: number;
  /** distinct values of the argument `ids` */
  readonly ids: number;
};

/** In upstream REST calls. */
export type Price = {
  readonly calls: number;
  /** how often what is selected under the field is resolved; 1 when left out */
  readonly rows?: number;
  /** fields of this name share the calls: all on one object, or all of the operation */
  readonly shared?: { readonly name: string; readonly by: 'object' | 'operation' };
};

const once = (calls: number) => (): Price => ({ calls });

/** A list that is paged upstream: what is before or behind the page can cost one more call. */
const paged =
  (limit: number) =>
  ({ pageSize }: Asked): Price => ({ calls: 1 + Math.ceil(pageSize / limit), rows: pageSize });

/** A list that comes whole. */
const whole = ({ pageSize }: Asked): Price => ({ calls: 1, rows: pageSize });

/** Fields of a notebook that lists leave out: one read for all of them. */
const detail = (): Price => ({ calls: 1, shared: { name: 'ShowNotebook', by: 'object' } });

/** More than the id takes the list of flavors, once for all objects. */
const flavor = ({ selected }: Asked): Price =>
  isWithin(selected, ['id', 'flavorId'])
    ? { calls: 0 }
    : { calls: 1, shared: { name: 'ListFlavors', by: 'operation' } };

/** What the copy inside a notebook lacks is read for each: a list of images spares that, but not for images it leaves out. */
const image = ({ selected }: Asked): Price => ({
  calls: isWithin(selected, ['id', 'imageId', 'name', 'swrPath', 'type', 'typeRaw', 'tag', 'description']) ? 0 : 1,
});

const isWithin = (selected: ReadonlySet<string>, names: readonly string[]): boolean =>
  [...selected].every((name) => name === '__typename' || names.includes(name));

/** Largest page of the list of notebooks that ModelArts gives. */
const notebookPageLimit = Math.max(...notebookPageLimits);
const devEnvPageLimit = 100;

const prices: ReadonlyMap<string, (asked: Asked) => Price> = new Map(
  Object.entries({
    'Query.notebooks': paged(notebookPageLimit),
    'Query.images': paged(imagePageLimit),
    'Query.devEnvInstances': paged(devEnvPageLimit),
    'Query.flavors': whole,
    'Query.imageGroups': whole,
    'Query.flavor': () => ({ calls: 1, shared: { name: 'ListFlavors', by: 'operation' } }) as const,
    'Query.nodes': ({ ids }: Asked) => ({ calls: ids, rows: ids }),
    'Query.validateCreateNotebook': once(3),
    'Query.viewer': once(0),
    'Viewer.projectId': once(1),
    'Viewer.projects': once(1),
    'Notebook.flavor': flavor,
    'Notebook.image': image,
    'Notebook.storageMounts': once(1),
    'Notebook.storageMount': once(1),
    'Notebook.switchableFlavors': once(1),
    'Notebook.url': detail,
    'Notebook.jupyterToken': detail,
    'Notebook.updatedAt': detail,
    'Notebook.user': detail,
    'Notebook.dataVolumes': detail,
    'Notebook.endpoints': detail,
    'Notebook.progress': detail,
    // all mounts of a notebook have the same
    'StorageMount.notebook': once(1),
    'DevEnvInstance.flavor': flavor,
    'DevEnvQueuingInfo.flavor': flavor,
    'Mutation.createNotebook': once(5),
    'Mutation.updateNotebook': once(3),
  }),
);

/** Root fields cost one read, a change also the read that explains a conflict, a subscription the poll beside it. */
const rootCalls: ReadonlyMap<string, number> = new Map([
  ['Query', 1],
  ['Mutation', 2],
  ['Subscription', 2],
]);

/** What a field costs upstream at most in the ordinary course of things: retries and lists that move meanwhile not counted. */
export const priceOf = (typename: string, field: string, asked: Asked): Price =>
  prices.get(`${typename}.${field}`)?.(asked) ?? { calls: rootCalls.get(typename) ?? 0 };

/** Fields that have a price of their own, as `Type.field`. */
export const pricedFields = (): string[] => [...prices.keys()];
