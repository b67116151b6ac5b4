import { z } from 'zod';
import type { WantedTag } from '../../modelarts/notebook-filters.ts';
import { builder } from '../core/builder.ts';
import { validated } from '../core/input.ts';

/** ModelArts keeps no more (contract/NOTES.md, section h). */
export const tagsPerNotebook = 20;

export const tagKeyRule = z
  .string()
  .min(1, 'A key has at least 1 character.')
  .max(128, 'A key has at most 128 characters.')
  .regex(/^[\p{L}\p{N} _.:=+@-]*$/u, 'A key has letters, digits, spaces and _ . : = + - @ only.')
  .refine((key) => !key.startsWith(' ') && !key.endsWith(' '), 'A key has no space at its start or end.')
  .refine((key) => !key.startsWith('_sys_'), 'A key does not start with _sys_.');

const valueRule = z
  .string()
  .max(255, 'A value has at most 255 characters.')
  .regex(/^[\p{L}\p{N} _.:/=+@-]*$/u, 'A value has letters, digits, spaces and _ . : / = + - @ only.');

/** A list in which no key comes twice. */
const eachKeyOnce = <T extends z.ZodType<{ readonly key: string }>>(tag: T) =>
  z
    .array(tag)
    .max(tagsPerNotebook, `At most ${tagsPerNotebook} tags.`)
    .superRefine((tags, check) => {
      for (const [index, { key }] of tags.entries()) {
        if (tags.findIndex((other) => other.key === key) === index) continue;
        check.addIssue({ code: 'custom', path: [index, 'key'], message: 'Each key comes once.' });
      }
    });

export const addedTagsRule = eachKeyOnce(z.object({ key: tagKeyRule, value: valueRule })).min(
  1,
  'Give at least one tag.',
);

export const TagFilterInput = builder.inputType('TagFilter', {
  description: 'A resource tag to have.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Key of the tag.' }),
    value: t.string({ required: true, description: 'Its value; ModelArts cannot look for an empty one.' }),
  }),
});

const wantedTagsRule = z.object({
  tags: eachKeyOnce(
    z.object({ key: tagKeyRule, value: valueRule.min(1, 'ModelArts cannot look for an empty value.') }),
  ),
});

/**
 * The tags of a filter; empty: any will do.
 * @throws BadUserInputError with every problem at once
 */
export const wantedTags = (filter: {
  readonly tags?: readonly (typeof TagFilterInput.$inferInput)[] | null | undefined;
}): readonly WantedTag[] => (filter.tags ? validated(wantedTagsRule, filter, ['filter']).tags : []);
