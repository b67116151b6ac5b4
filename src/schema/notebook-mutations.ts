import {
  BillingError,
  CapacityError,
  ConflictError,
  NotFoundError,
  QuotaExceededError,
  UpstreamTimeoutError,
} from '../modelarts/errors.ts';
import { type Lease, renewLease, showLease } from '../modelarts/leases.ts';
import { createNotebook, deleteNotebook, startNotebook, stopNotebook } from '../modelarts/notebook-changes.ts';
import type { Notebook } from '../modelarts/notebooks.ts';
import { builder } from './builder.ts';
import { changeErrors } from './error.ts';
import { rawIdOf } from './global-id.ts';
import { checked } from './input.ts';
import { LeaseType, LeaseTypeRequestEnum } from './lease.ts';
import { NotebookType } from './notebook.ts';
import { CreateNotebookInput, createNotebookRequest, LeaseInput, leaseRequest, leaseRules } from './notebook-input.ts';
import { lookAgain, publish } from './notebook-watch.ts';

const NotebookIdInputField = {
  required: true,
  description: "Global id of the notebook, or ModelArts' own id (UUID).",
} as const;

type NotebookPayload = { readonly notebook: Notebook };

const CreateNotebookPayload = builder.objectRef<NotebookPayload>('CreateNotebookPayload').implement({
  description: 'The notebook that is being created.',
  fields: (t) => ({
    notebook: t.field({
      type: NotebookType,
      description: 'As ModelArts answered; watch it with `notebookStatusChanged` until it is RUNNING.',
      resolve: (payload) => payload.notebook,
    }),
  }),
});

const StartNotebookPayload = builder.objectRef<NotebookPayload>('StartNotebookPayload').implement({
  description: 'The notebook that is being started.',
  fields: (t) => ({
    notebook: t.field({
      type: NotebookType,
      description: 'As ModelArts answered; watch it with `notebookStatusChanged` until it is RUNNING.',
      resolve: (payload) => payload.notebook,
    }),
  }),
});

const StopNotebookPayload = builder.objectRef<NotebookPayload>('StopNotebookPayload').implement({
  description: 'The notebook that is being stopped.',
  fields: (t) => ({
    notebook: t.field({
      type: NotebookType,
      description: 'As ModelArts answered; watch it with `notebookStatusChanged` until it is STOPPED.',
      resolve: (payload) => payload.notebook,
    }),
  }),
});

const DeleteNotebookPayload = builder
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

const RenewLeasePayload = builder
  .objectRef<{ readonly id: string; readonly lease: Lease }>('RenewLeasePayload')
  .implement({
    description: 'The renewed lease.',
    fields: (t) => ({
      notebookId: t.exposeString('id', { description: "ModelArts' own id of the notebook (UUID)." }),
      lease: t.expose('lease', {
        type: LeaseType,
        description: 'As ModelArts stored it: `expiresAt` is the time to show, not the request plus now.',
      }),
      notebook: t.field({
        type: NotebookType,
        description: 'The notebook, read again when selected.',
        resolve: (payload) => payload.id,
      }),
    }),
  });

const StartNotebookInput = builder.inputType('StartNotebookInput', {
  description: 'Which notebook to start.',
  fields: (t) => ({
    id: t.id(NotebookIdInputField),
    lease: t.field({ type: LeaseInput, description: 'Auto-stop; one hour when left out.' }),
  }),
});

const StopNotebookInput = builder.inputType('StopNotebookInput', {
  description: 'Which notebook to stop.',
  fields: (t) => ({ id: t.id(NotebookIdInputField) }),
});

const DeleteNotebookInput = builder.inputType('DeleteNotebookInput', {
  description: 'Which notebook to delete.',
  fields: (t) => ({ id: t.id(NotebookIdInputField) }),
});

const RenewLeaseInput = builder.inputType('RenewLeaseInput', {
  description: 'Which lease to renew, and for how long.',
  fields: (t) => ({
    id: t.id(NotebookIdInputField),
    durationSeconds: t.int({
      description:
        'Seconds until the notebook stops, counted from now: 3600 (the default) to 86400. Renewals do not add up; one can also shorten.',
    }),
    type: t.field({ type: LeaseTypeRequestEnum, description: 'What ends the lease; TIMING when left out.' }),
  }),
});

builder.mutationFields((t) => ({
  createNotebook: t.field({
    type: CreateNotebookPayload,
    description: 'Create a notebook. It takes minutes; the answer is only the start. REST: CreateNotebook, tried once.',
    args: { input: t.arg({ type: CreateNotebookInput, required: true, description: 'The notebook to create.' }) },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, QuotaExceededError, CapacityError, BillingError],
      union: { name: 'CreateNotebookResult', description: 'The notebook, or why it was not created.' },
    },
    resolve: async (_root, args, context) => {
      const request = createNotebookRequest(args.input);
      const access = await context.access();
      const notebook = await createNotebook(access.session, access.projectId, request);
      publish(context, access, notebook);
      return { notebook };
    },
  }),
  startNotebook: t.field({
    type: StartNotebookPayload,
    description:
      'Start a STOPPED notebook. It takes minutes; the answer is only the start. REST: StartNotebook, tried once.',
    args: { input: t.arg({ type: StartNotebookInput, required: true, description: 'Which notebook to start.' }) },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, CapacityError, BillingError],
      union: { name: 'StartNotebookResult', description: 'The notebook, or why it was not started.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.input.id, ['input', 'id']);
      const lease = args.input.lease
        ? leaseRequest(checked(leaseRules, args.input.lease, ['input', 'lease']))
        : undefined;
      const access = await context.access();
      const notebook = await startNotebook(access.session, access.projectId, id, lease);
      publish(context, access, notebook);
      return { notebook };
    },
  }),
  stopNotebook: t.field({
    type: StopNotebookPayload,
    description: 'Stop a RUNNING notebook. Only what lies under its volume survives. REST: StopNotebook, tried once.',
    args: { input: t.arg({ type: StopNotebookInput, required: true, description: 'Which notebook to stop.' }) },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, BillingError],
      union: { name: 'StopNotebookResult', description: 'The notebook, or why it was not stopped.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.input.id, ['input', 'id']);
      const access = await context.access();
      const notebook = await stopNotebook(access.session, access.projectId, id);
      publish(context, access, notebook);
      return { notebook };
    },
  }),
  renewLease: t.field({
    type: RenewLeasePayload,
    description: 'Restart the auto-stop countdown of a RUNNING notebook. REST: RenewLease, tried once.',
    args: { input: t.arg({ type: RenewLeaseInput, required: true, description: 'Which lease, and for how long.' }) },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, BillingError, UpstreamTimeoutError],
      union: { name: 'RenewLeaseResult', description: 'The renewed lease, or why it was not renewed.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.input.id, ['input', 'id']);
      const lease = leaseRequest(checked(leaseRules, { ...args.input }, ['input']));
      const { session, projectId } = await context.access();
      const renewed = await renewLease(session, projectId, id, lease ?? {});
      lookAgain(context, { session, projectId });
      return { id, lease: renewed ?? (await showLease(session, projectId, id)) };
    },
  }),
  deleteNotebook: t.field({
    type: DeleteNotebookPayload,
    description: 'Delete a notebook with all its storage; this cannot be undone. REST: DeleteNotebook, tried once.',
    args: { input: t.arg({ type: DeleteNotebookInput, required: true, description: 'Which notebook to delete.' }) },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, BillingError],
      union: { name: 'DeleteNotebookResult', description: 'The notebook, or why it was not deleted.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.input.id, ['input', 'id']);
      const access = await context.access();
      const notebook = await deleteNotebook(access.session, access.projectId, id);
      if (notebook !== null) publish(context, access, notebook);
      else lookAgain(context, access);
      return { id, notebook };
    },
  }),
}));
