import type { Tag } from './images.ts';
import { errorOf } from './wire/error-body.ts';
import type { Page } from './wire/operation.ts';

/** A tag to look for; the value is not empty, which a request cannot say. */
export type WantedTag = { readonly key: string; readonly value: string };

/** Filters of the notebook lists that a cloud may not know; it then passes over them. */
export type NotebookFilters = {
  readonly workspaceId?: string | null | undefined;
  /** to be there all; newer clouds only, as the following */
  readonly tags?: readonly WantedTag[] | null | undefined;
  readonly id?: string | null | undefined;
  /** part of the id of the flavor */
  readonly flavorId?: string | null | undefined;
  readonly imageId?: string | null | undefined;
  readonly billing?: 'COMPUTE' | 'STORAGE' | 'ALL' | null | undefined;
};

/** What of a notebook the filters look at. null: the upstream left it out. */
type Filtered = {
  readonly id: string;
  readonly workspaceId: string | null;
  readonly tags: readonly Tag[] | null;
  readonly flavorId: string | null;
  readonly image: { readonly id: string } | null;
  readonly billingItems: readonly string[] | null;
};

/** `key|value,key|value`, as the lists of newer clouds take it (contract/NOTES.md, trap 12). */
const tagsQuery = (wanted: NotebookFilters['tags']): string | undefined =>
  wanted?.map(({ key, value }) => `${key}|${value}`).join(',');

/** The filters as query parameters. */
export const filtersQuery = (filters: NotebookFilters) => ({
  // camel case on the two notebook lists only, and not on newer clouds; each passes over the other's (contract/NOTES.md, trap 16)
  workspaceId: filters.workspaceId,
  workspace_id: filters.workspaceId,
  tags: tagsQuery(filters.tags),
  id: filters.id,
  flavor: filters.flavorId,
  image_id: filters.imageId,
  billing: filters.billing,
});

/** Whether all tags are there. */
export const hasTags = (tags: readonly Tag[] | null, wanted: readonly WantedTag[]): boolean =>
  wanted.every(({ key, value }) => tags?.some((tag) => tag.key === key && tag.value === value) ?? false);

/** Whether a notebook may be in a list under each filter; what it does not say proves nothing. */
const agrees: { readonly [K in keyof NotebookFilters]-?: (item: Filtered, wanted: NotebookFilters) => boolean } = {
  workspaceId: (item, { workspaceId }) => fits(item.workspaceId, workspaceId, (value, asked) => value === asked),
  tags: (item, { tags }) => fits(item.tags, tags, hasTags),
  id: (item, { id }) => fits(item.id, id, (value, asked) => value === asked),
  flavorId: (item, { flavorId }) => fits(item.flavorId, flavorId, (value, asked) => value.includes(asked)),
  imageId: (item, { imageId }) => fits(item.image?.id, imageId, (value, asked) => value === asked),
  billing: (item, { billing }) => fits(item.billingItems, billing, isBilledFor),
};

const fits = <V, A>(value: V | null | undefined, asked: A | null | undefined, test: (value: V, asked: A) => boolean) =>
  value === null || value === undefined || asked === null || asked === undefined || test(value, asked);

/** What ALL lets pass is not documented (contract/NOTES.md, trap 12). */
const isBilledFor = (items: readonly string[], asked: 'COMPUTE' | 'STORAGE' | 'ALL'): boolean =>
  asked === 'ALL' || items.includes(asked) || items.includes('ALL');

/** What is said of each where the upstream did not filter by it. */
const names = {
  workspaceId: 'the workspace',
  tags: 'these tags',
  id: 'the id',
  flavorId: 'the flavor',
  imageId: 'the image',
  billing: 'what is billed',
} as const satisfies Record<keyof NotebookFilters, string>;

/**
 * The page, when the upstream filtered it as it was asked: a cloud that does not know a filter passes over it, and what then
 * comes is another list. Items that do not say what the filter looks at prove nothing.
 * @throws UpstreamSetupError an item is none that the filter lets pass
 */
export function filteredAsAsked<T extends Filtered>(
  page: Page<T>,
  filters: NotebookFilters,
  operationId: string,
): Page<T> {
  for (const [name, isRight] of Object.entries(agrees)) {
    if (page.items.every((item) => isRight(item, filters))) continue;
    // the keys of `agrees` are those of `names`, which entries forget
    const what = names[name as keyof typeof names];
    throw errorOf('UPSTREAM_SETUP', { operationId, message: `ModelArts did not filter by ${what}.` });
  }
  return page;
}
