import type { Tag } from './images.ts';
import { errorOf } from './wire/error-body.ts';
import type { Page } from './wire/operation.ts';

/** A tag to look for; the value is not empty, which a request cannot say. */
export type WantedTag = { readonly key: string; readonly value: string };

type WantedTags = readonly WantedTag[] | null | undefined;

/** `key|value,key|value`, as the lists of newer clouds take it (contract/NOTES.md, trap 12). */
export const tagsQuery = (wanted: WantedTags): string | undefined =>
  wanted?.map(({ key, value }) => `${key}|${value}`).join(',');

/** Whether all tags are there. */
export const hasTags = (tags: readonly Tag[] | null, wanted: readonly WantedTag[]): boolean =>
  wanted.every(({ key, value }) => tags?.some((tag) => tag.key === key && tag.value === value) ?? false);

/**
 * The page, when the upstream filtered it by the tags: a cloud that does not know the filter passes over it, and what then
 * comes is another list. Items without any word of tags prove nothing.
 * @throws UpstreamSetupError an item lacks one of the tags
 */
export function filteredByTags<T extends { readonly tags: readonly Tag[] | null }>(
  page: Page<T>,
  wanted: WantedTags,
  operationId: string,
): Page<T> {
  if (!wanted || page.items.every(({ tags }) => tags === null || hasTags(tags, wanted))) return page;
  throw errorOf('UPSTREAM_SETUP', { operationId, message: 'ModelArts did not filter by these tags.' });
}
