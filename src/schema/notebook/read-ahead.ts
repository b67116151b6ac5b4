import { type GraphQLResolveInfo, isObjectType } from 'graphql';
import type { Notebook } from '../../modelarts/notebooks.ts';
import type { Context } from '../core/context.ts';
import { flavorLoader, isMoreThanId } from '../flavor/flavor.ts';
import { embeddedOrId, imageLoader } from '../image/image.ts';
import { costOf } from '../loading/cost.ts';
import { readAhead } from '../loading/read-ahead.ts';
import { certainFields, certainNames } from '../loading/selection.ts';

const nothing = { selected: new Set<string>(), pageSize: 0, ids: 0 };

/** Whether each row makes a call of its own for a field, whatever is selected under it. */
function isOwnCall(name: string, { schema }: GraphQLResolveInfo): boolean {
  const type = schema.getType('Notebook');
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  return field !== undefined && costOf(field, 'Notebook', nothing).calls > 0;
}

/**
 * Reads the flavors and images the rows of a page of notebooks will ask for. No call is made that they would not make. With
 * fields that take a call for each row it is left to the rows, so that all their calls run together.
 * @returns false: it was left to the rows
 */
export async function readNotebooksAhead(
  notebooks: readonly Notebook[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<boolean> {
  const rows = [...certainFields(info, ['nodes']), ...certainFields(info, ['edges', 'node'])];
  if (rows.some((field) => isOwnCall(field.name.value, info))) return false;
  const ofFlavor = certainNames(rows, 'flavor', info);
  const ofImage = certainNames(rows, 'image', info);
  if (ofImage.size === 0 && !isMoreThanId(ofFlavor)) return true;
  const flavorIds = new Set<string>();
  const imageIds = new Set<string>();
  for (const { flavorId, image } of notebooks) {
    if (flavorId !== null && isMoreThanId(ofFlavor)) flavorIds.add(flavorId);
    if (image !== null && embeddedOrId(image, ofImage) !== image) imageIds.add(image.id);
  }
  await Promise.all([readAhead(flavorLoader, flavorIds, context), readAhead(imageLoader, imageIds, context)]);
  return true;
}
