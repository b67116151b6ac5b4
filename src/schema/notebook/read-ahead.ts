import type { GraphQLResolveInfo } from 'graphql';
import type { Notebook } from '../../modelarts/notebooks.ts';
import type { Context } from '../core/context.ts';
import { flavorLoader, isMoreThanId } from '../flavor/flavor.ts';
import { embeddedOrId, imageLoader } from '../image/image.ts';
import { pricedFields } from '../loading/cost.ts';
import { readAhead } from '../loading/read-ahead.ts';
import { certainFields, certainNames } from '../loading/selection.ts';

/** Fields for which each row makes a call of its own. */
const ownCalls: ReadonlySet<string> = new Set(
  pricedFields()
    .filter((field) => !['Notebook.flavor', 'Notebook.image'].includes(field))
    .map((field) => field.replace(/^Notebook\./, '')),
);

/**
 * Reads the flavors and images the rows of a page of notebooks will ask for. No call is made that they would not make. With
 * fields that take a call for each row it is left to the rows, so that all their calls run together.
 */
export async function readNotebooksAhead(
  notebooks: readonly Notebook[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<void> {
  const rows = [...certainFields(info, ['nodes']), ...certainFields(info, ['edges', 'node'])];
  if (rows.some((field) => ownCalls.has(field.name.value))) return;
  const ofFlavor = certainNames(rows, 'flavor', info);
  const ofImage = certainNames(rows, 'image', info);
  if (ofImage.size === 0 && !isMoreThanId(ofFlavor)) return;
  const flavorIds = new Set<string>();
  const imageIds = new Set<string>();
  for (const { flavorId, image } of notebooks) {
    if (flavorId !== null && isMoreThanId(ofFlavor)) flavorIds.add(flavorId);
    if (image !== null && embeddedOrId(image, ofImage) !== image) imageIds.add(image.id);
  }
  await Promise.all([readAhead(flavorLoader, flavorIds, context), readAhead(imageLoader, imageIds, context)]);
}
