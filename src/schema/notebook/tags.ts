import { z } from 'zod';
import {
  createNotebookTags,
  deleteNotebookTags,
  showNotebookTags,
  type TagValues,
} from '../../modelarts/notebook-tags.ts';
import { BillingError, ConflictError, NotFoundError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import { changeErrors } from '../core/error.ts';
import { idRule, optional, validated } from '../core/input.ts';
import { ofTheChange } from '../loading/cost.ts';
import { NotebookType, notebookLoader } from './notebook.ts';
import { workspaceIdRule } from './rules.ts';
import { addedTagsRule, tagKeyRule, tagsPerNotebook } from './tag-rules.ts';
import { notebookWatch } from './watch.ts';

const idField = { required: true, description: "Global id of the notebook, or ModelArts' own id (UUID)." } as const;

const workspaceField = { description: 'Workspace of the notebook; `0`, the default one, when left out.' };

const TagInput = builder.inputType('TagInput', {
  description: 'A resource tag to add.',
  fields: (t) => ({
    key: t.string({
      required: true,
      description:
        '1 to 128 letters and digits of any language, `_.:=+-@`, and spaces but at either end; not `_sys_` at the start.',
    }),
    value: t.string({
      required: true,
      description: 'Up to 255 letters and digits of any language, `_.:/=+-@` and spaces; can be empty.',
    }),
  }),
});

const AddNotebookTagsInput = builder.inputType('AddNotebookTagsInput', {
  description: 'Which notebook to tag, and with what.',
  fields: (t) => ({
    id: t.id(idField),
    tags: t.field({
      type: [TagInput],
      required: true,
      description: `1 to ${tagsPerNotebook} tags, each key once. A key that is there gets the new value.`,
    }),
    workspaceId: t.string(workspaceField),
  }),
});

const RemoveNotebookTagsInput = builder.inputType('RemoveNotebookTagsInput', {
  description: 'Which notebook to take tags from, and which.',
  fields: (t) => ({
    id: t.id(idField),
    keys: t.stringList({ required: true, description: `Keys of 1 to ${tagsPerNotebook} tags.` }),
    workspaceId: t.string(workspaceField),
  }),
});

/** Of both changes: which notebook, and how it is now. */
const payload = (name: string, description: string) =>
  builder.objectRef<{ readonly id: string }>(name).implement({
    description,
    fields: (t) => ({
      notebookId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
      notebook: t.field({
        type: NotebookType,
        nullable: true,
        description:
          'Read after the change, when selected. Null, with an error beside the data, when only this read failed. REST: ShowNotebook.',
        extensions: { cost: ofTheChange },
        resolve: ({ id }, _args, context) => notebookLoader(context).load(id),
      }),
    }),
  });

const AddNotebookTagsPayload = payload('AddNotebookTagsPayload', 'The notebook that was tagged.');
const RemoveNotebookTagsPayload = payload('RemoveNotebookTagsPayload', 'The notebook that tags were taken from.');

const TagValuesType = builder.objectRef<TagValues>('TagValues').implement({
  description: 'A key of resource tags, with the values it has.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Key of the tags.' }),
    values: t.exposeStringList('values', { description: 'Its values, each once.' }),
  }),
});

const addRules = z.object({
  id: idRule('Notebook'),
  tags: addedTagsRule,
  workspaceId: optional(workspaceIdRule),
});

const removeRules = z.object({
  id: idRule('Notebook'),
  keys: z.array(tagKeyRule).min(1, 'Give at least one key.').max(tagsPerNotebook, `At most ${tagsPerNotebook} keys.`),
  workspaceId: optional(workspaceIdRule),
});

const listRules = z.object({ workspaceId: optional(workspaceIdRule) });

// no `changing`: ModelArts says of no status that it is in the way
const tagErrors = [...changeErrors, NotFoundError, ConflictError, BillingError];

builder.queryField('notebookTags', (t) =>
  t.field({
    type: [TagValuesType],
    description:
      'Every tag of the notebooks of the project, whoever they belong to, by key. Newer Huawei Cloud only. REST: ShowNotebookTags.',
    args: { workspaceId: t.arg.string({ description: 'Workspace; all workspaces when left out.' }) },
    resolve: async (_root, args, context) => {
      const { workspaceId } = validated(listRules, args);
      const { session, projectId } = await context.access();
      return showNotebookTags(session, projectId, workspaceId);
    },
  }),
);

builder.mutationFields((t) => ({
  addNotebookTags: t.field({
    type: AddNotebookTagsPayload,
    description: `Add tags to a notebook, which takes ${tagsPerNotebook}. Newer Huawei Cloud only. REST: CreateNotebookTags, tried once.`,
    args: {
      input: t.arg({ type: AddNotebookTagsInput, required: true, description: 'Which notebook, and the tags.' }),
    },
    errors: {
      types: tagErrors,
      union: { name: 'AddNotebookTagsResult', description: 'The notebook, or why it was not tagged.' },
    },
    resolve: async (_root, args, context) => {
      const { id, ...request } = validated(addRules, args.input, ['input']);
      const access = await context.access();
      await createNotebookTags(access.session, access.projectId, id, request);
      notebookLoader(context).clear(id);
      notebookWatch.pollAgain(context, access);
      return { id };
    },
  }),
  removeNotebookTags: t.field({
    type: RemoveNotebookTagsPayload,
    description:
      'Take tags from a notebook, by their keys. Newer Huawei Cloud only. REST: DeleteNotebookTags, tried once.',
    args: {
      input: t.arg({ type: RemoveNotebookTagsInput, required: true, description: 'Which notebook, and the keys.' }),
    },
    errors: {
      types: tagErrors,
      union: { name: 'RemoveNotebookTagsResult', description: 'The notebook, or why its tags stay.' },
    },
    resolve: async (_root, args, context) => {
      const { id, ...request } = validated(removeRules, args.input, ['input']);
      const access = await context.access();
      await deleteNotebookTags(access.session, access.projectId, id, request);
      notebookLoader(context).clear(id);
      notebookWatch.pollAgain(context, access);
      return { id };
    },
  }),
}));
