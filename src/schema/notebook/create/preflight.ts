import type { Flavor } from '../../../modelarts/flavors.ts';
import type { Image } from '../../../modelarts/images.ts';
import { listNotebooks } from '../../../modelarts/notebooks.ts';
import {
  BadUserInputError,
  CapacityError,
  ForbiddenError,
  type InputIssue,
  NotFoundError,
  UnauthenticatedError,
} from '../../../modelarts/wire/errors.ts';
import type { Context } from '../../core/context.ts';
import { flavorLoader } from '../../flavor/flavor.ts';
import { imageLoader } from '../../image/image.ts';
import type { CatalogueQuestion } from '../rules.ts';

/** Notebooks of a kind a user can have unless the cloud agreed to another number. */
const usualQuota = { NOTEBOOK: 10, DEFAULT: 1 };

type Found<T> = { readonly found: T } | { readonly missing: true } | { readonly unread: true };

const unread = { unread: true } as const;

/** What a look-up says; a catalogue that cannot be read stops no create, for ModelArts checks again. */
async function lookUp<T>(read: () => Promise<T>): Promise<Found<T>> {
  try {
    return { found: await read() };
  } catch (error) {
    if (error instanceof UnauthenticatedError || error instanceof ForbiddenError) throw error;
    return error instanceof NotFoundError ? { missing: true } : unread;
  }
}

/** What ModelArts would refuse about a create: what is wrong with the input, and what is merely not to be had now. */
export type CreateProblems = { readonly wrong: readonly InputIssue[]; readonly soldOut: InputIssue | null };

/** Checks a create as far as the catalogues of ModelArts tell; reads one image and the list of flavors. */
export async function createNotebookProblems(request: CatalogueQuestion, context: Context): Promise<CreateProblems> {
  const { imageId, flavorId } = request;
  const [image, flavor] = await Promise.all([
    imageId === null ? unread : lookUp(() => imageLoader(context).load(imageId)),
    flavorId === null ? unread : lookUp(() => flavorLoader(context).load(flavorId)),
  ]);
  const wrong = [
    ...('missing' in image ? [issue('imageId', 'The project has no such image; `images` lists them.')] : []),
    // flavors of dedicated pools need not be in the list, nor free ones in that of newer clouds
    ...('missing' in flavor && request.poolId === undefined && request.feature !== 'DEFAULT'
      ? [issue('flavorId', `There is no flavor ${flavorId}; \`flavors\` lists them.`)]
      : []),
    ...('found' in image ? imageProblems(image.found, request) : []),
    ...('found' in flavor ? flavorProblems(flavor.found, request) : []),
    ...('found' in image && 'found' in flavor ? fitProblems(image.found, flavor.found) : []),
  ];
  const isSoldOut = 'found' in flavor && flavor.found.isSoldOut === true;
  return {
    wrong,
    soldOut: isSoldOut ? issue('flavorId', `The flavor ${flavorId} is sold out at the moment.`) : null,
  };
}

const issue = (path: string, message: string): InputIssue => ({ path: ['input', ...path.split('.')], message });

function imageProblems(image: Image, request: CatalogueQuestion): InputIssue[] {
  const problems: InputIssue[] = [];
  if (image.status !== null && image.status !== 'ACTIVE') {
    problems.push(issue('imageId', `The image is ${image.statusRaw}; only ACTIVE ones can be used.`));
  }
  const isSshOnly = image.devServicesRaw.length > 0 && image.devServicesRaw.every((service) => service === 'SSH');
  if (isSshOnly && !request.endpoints?.some((endpoint) => endpoint.service === 'SSH')) {
    problems.push(issue('endpoints', 'The image offers SSH only: add an endpoint with service SSH and a key pair.'));
  }
  return problems;
}

function flavorProblems(flavor: Flavor, { volume, feature = 'NOTEBOOK' }: CatalogueQuestion): InputIssue[] {
  const problems: InputIssue[] = [];
  if (flavor.featureRaw !== null && flavor.featureRaw !== feature) {
    problems.push(issue('flavorId', `The flavor is for feature ${flavor.featureRaw}; the notebook is ${feature}.`));
  }
  const category = volume.category === 'SFS' ? 'EFS' : volume.category;
  const takes = flavor.storages.length === 0 || flavor.storages.some((storage) => storage.startsWith(category));
  if (!takes) problems.push(issue('volume.category', `The flavor takes ${flavor.storages.join(', ')}.`));
  return problems;
}

function fitProblems(image: Image, flavor: Flavor): InputIssue[] {
  const problems: InputIssue[] = [];
  const categories = image.resourceCategoriesRaw;
  if (flavor.categoryRaw !== null && categories.length > 0 && !categories.includes(flavor.categoryRaw)) {
    problems.push(
      issue('imageId', `The image fits ${categories.join(' and ')} flavors; ${flavor.id} is ${flavor.categoryRaw}.`),
    );
  }
  if (image.arch !== null && flavor.arch !== null && image.arch !== flavor.arch) {
    problems.push(issue('imageId', `The image is for ${image.archRaw}; ${flavor.id} is ${flavor.archRaw}.`));
  }
  return problems;
}

/**
 * Stops a create ModelArts would refuse.
 * @throws BadUserInputError with every problem; CapacityError the flavor is sold out and nothing else is wrong
 */
export async function assertCreatable(request: CatalogueQuestion, context: Context): Promise<void> {
  const { wrong, soldOut } = await createNotebookProblems(request, context);
  if (wrong.length > 0) throw BadUserInputError.of(soldOut === null ? wrong : [...wrong, soldOut]);
  if (soldOut !== null) throw new CapacityError(soldOut.message, { retryable: true });
}

/** What may stand against a create without being wrong in itself. */
export async function createNotebookWarnings(
  { feature = 'NOTEBOOK' }: CatalogueQuestion,
  context: Context,
): Promise<InputIssue[]> {
  const { session, projectId } = await context.access();
  const page = await lookUp(() => listNotebooks(session, projectId, { offset: 0, limit: 10, feature }));
  if (!('found' in page)) return [];
  const count = Math.max(page.found.received, page.found.total ?? 0);
  const quota = usualQuota[feature];
  if (count < quota) return [];
  return [
    {
      path: [],
      message: `Notebooks of feature ${feature}: you have ${count}, ModelArts usually allows ${quota}. Delete one that is no longer needed.`,
    },
  ];
}
