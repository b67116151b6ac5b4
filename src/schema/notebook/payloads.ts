import { type Lease, showLease } from '../../modelarts/leases.ts';
import type { Notebook } from '../../modelarts/notebooks.ts';
import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import { LeaseType, LeaseTypeEnum } from '../lease/lease.ts';
import { ofTheChange } from '../loading/cost.ts';
import { LeaseInput } from './input.ts';
import { NotebookType, notebookLoader } from './notebook.ts';
import { type Waited, WaitResultType } from './wait.ts';

const NotebookIdInputField = {
  required: true,
  description: "Global id of the notebook, or ModelArts' own id (UUID).",
} as const;

const IfAlreadyEnum = requestEnum('IfAlready', {
  description: 'What to do when the object is already, or on its way, where it is wanted.',
  values: { FAIL: 'Answer with a ConflictError.', SUCCEED: 'Answer with the object as it is.' },
});

type NotebookPayload = { readonly notebook: Notebook };

/** Of a change that can be waited for; null: it was not. */
type WaitingPayload = NotebookPayload & { readonly waited: Waited | null };

const waitedField = {
  type: WaitResultType,
  nullable: true,
  description: 'How waiting ended; null without `waitUntil`.',
} as const;

export const CreateNotebookPayload = builder.objectRef<WaitingPayload>('CreateNotebookPayload').implement({
  description: 'The notebook that is being created.',
  fields: (t) => ({
    notebook: t.field({
      type: NotebookType,
      description:
        'As ModelArts answered, or as it was at the end of the wait; watch it with `notebookStatusChanged` until it is RUNNING.',
      resolve: (payload) => payload.notebook,
    }),
    waited: t.expose('waited', waitedField),
  }),
});

export const StartNotebookPayload = builder.objectRef<WaitingPayload>('StartNotebookPayload').implement({
  description: 'The notebook that is being started.',
  fields: (t) => ({
    notebook: t.field({
      type: NotebookType,
      description:
        'As ModelArts answered, or as it was at the end of the wait; watch it with `notebookStatusChanged` until it is RUNNING.',
      resolve: (payload) => payload.notebook,
    }),
    waited: t.expose('waited', waitedField),
  }),
});

export const StopNotebookPayload = builder.objectRef<WaitingPayload>('StopNotebookPayload').implement({
  description: 'The notebook that is being stopped.',
  fields: (t) => ({
    notebook: t.field({
      type: NotebookType,
      description:
        'As ModelArts answered, or as it was at the end of the wait; watch it with `notebookStatusChanged` until it is STOPPED.',
      resolve: (payload) => payload.notebook,
    }),
    waited: t.expose('waited', waitedField),
  }),
});

export const UpdateNotebookPayload = builder.objectRef<{ readonly id: string }>('UpdateNotebookPayload').implement({
  description: 'The changed notebook.',
  fields: (t) => ({
    notebookId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
    notebook: t.field({
      type: NotebookType,
      nullable: true,
      description:
        'Read after the change, when selected; a growing volume and a new flavor take a while to show. Null, with an error beside the data, when only this read failed. REST: ShowNotebook.',
      extensions: { cost: ofTheChange },
      resolve: ({ id }, _args, context) => notebookLoader(context).load(id),
    }),
  }),
});

export const DeleteNotebookPayload = builder
  .objectRef<{ readonly id: string; readonly notebook: Notebook | null }>('DeleteNotebookPayload')
  .implement({
    description: 'The notebook that is being deleted.',
    fields: (t) => ({
      notebookId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
      notebook: t.field({
        type: NotebookType,
        nullable: true,
        description: 'As ModelArts answered, usually DELETING; null when it is gone at once.',
        resolve: (payload) => payload.notebook,
      }),
    }),
  });

export const RenewLeasePayload = builder
  .objectRef<{ readonly id: string; readonly lease: Lease | null }>('RenewLeasePayload')
  .implement({
    description: 'The renewed lease.',
    fields: (t) => ({
      notebookId: t.exposeString('id', { description: "ModelArts' own id of the notebook (UUID)." }),
      lease: t.field({
        type: LeaseType,
        nullable: true,
        description:
          'As ModelArts stored it: `expiresAt` is the time to show, not the request plus now. Null, with an error beside the data, when ModelArts renewed it without saying so and reading it failed. REST: ShowLease.',
        extensions: { cost: ofTheChange },
        resolve: async (payload, _args, context) => {
          if (payload.lease !== null) return payload.lease;
          const { session, projectId } = await context.access();
          return showLease(session, projectId, payload.id);
        },
      }),
      notebook: t.field({
        type: NotebookType,
        nullable: true,
        description: 'The notebook, read again when selected. REST: ShowNotebook.',
        extensions: { cost: ofTheChange },
        resolve: ({ id }, _args, context) => notebookLoader(context).load(id),
      }),
    }),
  });

export const StartNotebookInput = builder.inputType('StartNotebookInput', {
  description: 'Which notebook to start.',
  fields: (t) => ({
    id: t.id(NotebookIdInputField),
    lease: t.field({ type: LeaseInput, description: 'Auto-stop; one hour when left out.' }),
    ifAlready: t.field({
      type: IfAlreadyEnum,
      defaultValue: 'FAIL',
      description: 'What to do when it is RUNNING or STARTING already.',
    }),
  }),
});

export const StopNotebookInput = builder.inputType('StopNotebookInput', {
  description: 'Which notebook to stop.',
  fields: (t) => ({
    id: t.id(NotebookIdInputField),
    ifAlready: t.field({
      type: IfAlreadyEnum,
      defaultValue: 'FAIL',
      description: 'What to do when it is STOPPED or STOPPING already.',
    }),
  }),
});

export const DeleteNotebookInput = builder.inputType('DeleteNotebookInput', {
  description: 'Which notebook to delete.',
  fields: (t) => ({ id: t.id(NotebookIdInputField) }),
});

export const RenewLeaseInput = builder.inputType('RenewLeaseInput', {
  description: 'Which lease to renew, and for how long.',
  fields: (t) => ({
    id: t.id(NotebookIdInputField),
    durationSeconds: t.int({
      description:
        'Seconds until the notebook stops, counted from now: 3600 (the default) to 86400. Renewals do not add up; one can also shorten.',
    }),
    type: t.field({ type: LeaseTypeEnum, description: 'What ends the lease; TIMING when left out.' }),
  }),
});
