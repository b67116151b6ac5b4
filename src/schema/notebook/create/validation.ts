import type { InputIssue } from '../../../modelarts/wire/errors.ts';
import { builder } from '../../core/builder.ts';
import { InputIssueType } from '../../core/error.ts';
import { once } from '../../loading/cost.ts';
import { CreateNotebookInput } from '../input.ts';
import { catalogueQuestion, createNotebookIssues } from '../rules.ts';
import { createNotebookProblems, createNotebookWarnings } from './preflight.ts';

type Validation = { readonly problems: readonly InputIssue[]; readonly warnings: readonly InputIssue[] };

const CreateNotebookValidationType = builder.objectRef<Validation>('CreateNotebookValidation').implement({
  description: 'Whether a notebook could be created, as far as can be told without creating it.',
  fields: (t) => ({
    valid: t.boolean({
      description: 'Whether nothing is known to stand against it.',
      resolve: (validation) => validation.problems.length === 0,
    }),
    problems: t.field({
      type: [InputIssueType],
      description: 'What `createNotebook` would refuse, all at once.',
      resolve: (validation) => [...validation.problems],
    }),
    warnings: t.field({
      type: [InputIssueType],
      description: 'What ModelArts may refuse: the usual quota is used up.',
      resolve: (validation) => [...validation.warnings],
    }),
  }),
});

builder.queryField('validateCreateNotebook', (t) =>
  t.field({
    type: CreateNotebookValidationType,
    description:
      'Checks the input of `createNotebook` without creating anything: form, image, flavor, fit and quota. REST: ShowImage, ListFlavors, ListNotebooks.',
    extensions: { cost: once(3) },
    args: { input: t.arg({ type: CreateNotebookInput, required: true, description: 'The notebook to create.' }) },
    resolve: async (_root, args, context) => {
      const question = catalogueQuestion(args.input);
      const [{ wrong, soldOut }, warnings] = await Promise.all([
        createNotebookProblems(question, context),
        createNotebookWarnings(question, context),
      ]);
      const form = createNotebookIssues(args.input, context.leaseMaxHours);
      return { problems: [...form, ...wrong, ...(soldOut === null ? [] : [soldOut])], warnings };
    },
  }),
);
