import type { ActionStep } from '../../modelarts/notebook-parts.ts';
import type { Notebook } from '../../modelarts/notebooks.ts';
import {
  type ActionState,
  isTransitional,
  type NotebookAction,
  notebookActions,
} from '../../modelarts/state-machine.ts';
import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import { detail, NotebookType } from './notebook.ts';
import { ActionStepType } from './parts.ts';

const NotebookActionEnum = requestEnum('NotebookAction', {
  description: 'What can be done to a notebook.',
  values: {
    START: 'Start it: `startNotebook`.',
    STOP: 'Stop it: `stopNotebook`.',
    DELETE: 'Delete it: `deleteNotebook`.',
    RENEW_LEASE: 'Restart its auto-stop countdown: `renewLease`.',
    SAVE_IMAGE: 'Save it as an image: `saveNotebookImage`.',
    MOUNT_STORAGE: 'Mount object storage: `mountStorage`.',
    UPDATE: 'Change its name or description: `updateNotebook`.',
    UPDATE_FLAVOR: 'Change its flavor: `updateNotebook`.',
    UPDATE_IMAGE: 'Change its image: `updateNotebook`.',
    UPDATE_ENDPOINTS: 'Change its endpoints: `updateNotebook`.',
    UPDATE_HOOKS: 'Change its hooks: `updateNotebook`.',
    GROW_VOLUME: 'Let its EVS volume grow: `updateNotebook`.',
  },
});

const AvailableNotebookActionType = builder
  .objectRef<ActionState<NotebookAction>>('AvailableNotebookAction')
  .implement({
    description:
      'Whether something can be done to a notebook in its status, and if not, why: for a button to be greyed out.',
    fields: (t) => ({
      action: t.expose('action', { type: NotebookActionEnum, description: 'What could be done.' }),
      enabled: t.exposeBoolean('isEnabled', { description: 'Whether it can be done now.' }),
      reason: t.exposeString('reason', {
        nullable: true,
        description: 'Why not, in a sentence for people; null when it can.',
      }),
    }),
  });

const ProgressType = builder.objectRef<readonly ActionStep[]>('Progress').implement({
  description: 'How far a start-up is.',
  fields: (t) => ({
    percent: t.int({
      description: 'Share of the steps that is done, 0 to 100; a step under way counts half.',
      resolve: (steps) => percentOf(steps),
    }),
    steps: t.field({
      type: [ActionStepType],
      description: 'The steps, in their order.',
      resolve: (steps) => steps,
    }),
  }),
});

/** The steps in their order; null when there are none. */
function stepsOf({ actionProgress: steps }: Notebook): readonly ActionStep[] | null {
  return steps === null || steps.length === 0 ? null : steps.toSorted((a, b) => a.step - b.step);
}

function percentOf(steps: readonly ActionStep[]): number {
  const done = steps.reduce(
    (sum, { status }) => sum + (status === 'COMPLETED' ? 1 : status === 'PROCESSING' ? 0.5 : 0),
    0,
  );
  return steps.length === 0 ? 0 : Math.floor((100 * done) / steps.length);
}

builder.objectFields(NotebookType, (t) => ({
  isTransitional: t.boolean({
    description: 'Whether the status will change by itself: wait, or watch `notebookStatusChanged`.',
    resolve: (notebook) => isTransitional(notebook.status),
  }),
  availableActions: t.field({
    type: [AvailableNotebookActionType],
    description: 'Everything that can be done to a notebook, and whether the status allows it now.',
    resolve: (notebook) => notebookActions(notebook.status),
  }),
  progress: t.field({
    type: ProgressType,
    nullable: true,
    description:
      'How far creating or starting is; null while neither is under way. In lists it costs one more call for each notebook in transition.',
    resolve: (notebook, _args, context) => {
      if (!isTransitional(notebook.status)) return null;
      const whole = notebook.actionProgress === null ? detail(notebook, context) : notebook;
      return whole instanceof Promise ? whole.then(stepsOf) : stepsOf(whole);
    },
  }),
}));
