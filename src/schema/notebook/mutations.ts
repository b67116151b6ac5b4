import { renewLease } from '../../modelarts/leases.ts';
import {
  deleteNotebook,
  startNotebook,
  stopNotebook,
  type UpdateNotebookRequest,
  updateNotebook,
} from '../../modelarts/notebook-changes.ts';
import type { Notebook, NotebookStatus } from '../../modelarts/notebooks.ts';
import type { NotebookAction } from '../../modelarts/state-machine.ts';
import {
  BillingError,
  CapacityError,
  ConflictError,
  NotFoundError,
  QuotaExceededError,
} from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import { changeErrors } from '../core/error.ts';
import { once } from '../loading/cost.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { changing } from './conflict.ts';
import { createOnce } from './create/create.ts';
import { assertCreatable } from './create/preflight.ts';
import { CreateNotebookInput, UpdateNotebookInput } from './input.ts';
import { notebookLoader } from './notebook.ts';
import {
  CreateNotebookPayload,
  DeleteNotebookInput,
  DeleteNotebookPayload,
  RenewLeaseInput,
  RenewLeasePayload,
  StartNotebookInput,
  StartNotebookPayload,
  StopNotebookInput,
  StopNotebookPayload,
  UpdateNotebookPayload,
} from './payloads.ts';
import { createNotebookRequest, leaseRequest, updateNotebookRequest } from './rules.ts';
import { afterWait, waitRequest, waitUntilArg } from './wait.ts';
import { notebookWatch } from './watch.ts';

/** With SUCCEED, a notebook in one of the statuses is as good as the change. */
const unlessFail =
  (ifAlready: 'FAIL' | 'SUCCEED' | null | undefined, statuses: readonly NotebookStatus[]) =>
  (notebook: Notebook): Notebook | null =>
    ifAlready === 'SUCCEED' && statuses.includes(notebook.status) ? notebook : null;

builder.mutationFields((t) => ({
  createNotebook: t.field({
    type: CreateNotebookPayload,
    description:
      'Create a notebook. It takes minutes; the answer is only the start. Image and flavor are checked first, as `validateCreateNotebook` does. REST: CreateNotebook, tried once: after a lost answer the notebook is looked for (ListNotebooks, ShowNotebook), never asked for again; ShowImage and ListFlavors for the check.',
    extensions: { cost: once(5) },
    args: {
      input: t.arg({ type: CreateNotebookInput, required: true, description: 'The notebook to create.' }),
      idempotencyKey: t.arg.string({
        description:
          'Your own name for this one create, 1 to 128 characters: for 24 hours the same key with the same token and input gives the same notebook.',
      }),
      tagDescription: t.arg.boolean({
        defaultValue: false,
        description:
          'Whether to add a short tag to the description, by which the notebook can be found for certain after a lost answer.',
      }),
      waitUntil: t.arg(waitUntilArg),
    },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, QuotaExceededError, CapacityError, BillingError],
      union: { name: 'CreateNotebookResult', description: 'The notebook, or why it was not created.' },
    },
    resolve: async (_root, args, context) => {
      const request = createNotebookRequest(args.input, context.leaseMaxHours);
      const wait = waitRequest(args.waitUntil, ['RUNNING']);
      const access = await context.access();
      const notebook = await createOnce(access, request, {
        idempotencyKey: args.idempotencyKey ?? null,
        isTagged: args.tagDescription ?? false,
        assertCreatable: () => assertCreatable(request, context),
        creates: context.creates(),
      });
      notebookWatch.publish(context, access, notebook);
      return afterWait(context, notebook, wait);
    },
  }),
  startNotebook: t.field({
    type: StartNotebookPayload,
    description:
      'Start a STOPPED notebook. It takes minutes; the answer is only the start. REST: StartNotebook, tried once; ShowNotebook to explain a conflict.',
    args: {
      input: t.arg({ type: StartNotebookInput, required: true, description: 'Which notebook to start.' }),
      waitUntil: t.arg(waitUntilArg),
    },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, CapacityError, BillingError],
      union: { name: 'StartNotebookResult', description: 'The notebook, or why it was not started.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.input.id, ['input', 'id']);
      const lease = leaseRequest(args.input.lease ?? {}, context.leaseMaxHours, ['input', 'lease']);
      const wait = waitRequest(args.waitUntil, ['RUNNING']);
      const access = await context.access();
      const settled = unlessFail(args.input.ifAlready, ['STARTING', 'RUNNING']);
      const notebook = await changing({ access, id, action: 'START', settled }, () =>
        startNotebook(access.session, access.projectId, id, lease),
      );
      notebookWatch.publish(context, access, notebook);
      return afterWait(context, notebook, wait);
    },
  }),
  stopNotebook: t.field({
    type: StopNotebookPayload,
    description:
      'Stop a RUNNING notebook. Only what lies under its volume survives. REST: StopNotebook, tried once; ShowNotebook to explain a conflict.',
    args: {
      input: t.arg({ type: StopNotebookInput, required: true, description: 'Which notebook to stop.' }),
      waitUntil: t.arg(waitUntilArg),
    },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, BillingError],
      union: { name: 'StopNotebookResult', description: 'The notebook, or why it was not stopped.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.input.id, ['input', 'id']);
      const wait = waitRequest(args.waitUntil, ['STOPPED']);
      const access = await context.access();
      const settled = unlessFail(args.input.ifAlready, ['STOPPING', 'STOPPED']);
      const notebook = await changing({ access, id, action: 'STOP', settled }, () =>
        stopNotebook(access.session, access.projectId, id),
      );
      notebookWatch.publish(context, access, notebook);
      return afterWait(context, notebook, wait);
    },
  }),
  renewLease: t.field({
    type: RenewLeasePayload,
    description:
      'Restart the auto-stop countdown of a RUNNING notebook. REST: RenewLease, tried once; ShowNotebook to explain a conflict.',
    args: { input: t.arg({ type: RenewLeaseInput, required: true, description: 'Which lease, and for how long.' }) },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, BillingError],
      union: { name: 'RenewLeaseResult', description: 'The renewed lease, or why it was not renewed.' },
    },
    resolve: async (_root, args, context) => {
      const { id: givenId, ...wanted } = args.input;
      const id = rawIdOf('Notebook', givenId, ['input', 'id']);
      const lease = leaseRequest(wanted, context.leaseMaxHours, ['input']);
      const access = await context.access();
      const { session, projectId } = access;
      const renewed = await changing({ access, id, action: 'RENEW_LEASE' }, () =>
        renewLease(session, projectId, id, lease),
      );
      notebookLoader(context).clear(id);
      notebookWatch.pollAgain(context, access);
      return { id, lease: renewed };
    },
  }),
  updateNotebook: t.field({
    type: UpdateNotebookPayload,
    description:
      'Change a notebook; what is left out stays. REST: UpdateNotebook, tried once; ShowNotebook to explain a conflict.',
    extensions: { cost: once(3) },
    args: {
      input: t.arg({ type: UpdateNotebookInput, required: true, description: 'Which notebook, and what to change.' }),
    },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, CapacityError, BillingError],
      union: { name: 'UpdateNotebookResult', description: 'The notebook, or why it was not changed.' },
    },
    resolve: async (_root, args, context) => {
      const { id, request } = updateNotebookRequest(args.input);
      const access = await context.access();
      await changing({ access, id, action: actionsOf(request) }, () =>
        updateNotebook(access.session, access.projectId, id, request),
      );
      notebookLoader(context).clear(id);
      notebookWatch.pollAgain(context, access);
      return { id };
    },
  }),
  deleteNotebook: t.field({
    type: DeleteNotebookPayload,
    description:
      'Delete a notebook with all its storage; this cannot be undone. REST: DeleteNotebook, tried once; ShowNotebook to explain a conflict.',
    args: { input: t.arg({ type: DeleteNotebookInput, required: true, description: 'Which notebook to delete.' }) },
    errors: {
      types: [...changeErrors, NotFoundError, ConflictError, BillingError],
      union: { name: 'DeleteNotebookResult', description: 'The notebook, or why it was not deleted.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.input.id, ['input', 'id']);
      const access = await context.access();
      const notebook = await changing({ access, id, action: 'DELETE' }, () =>
        deleteNotebook(access.session, access.projectId, id),
      );
      if (notebook === null) notebookWatch.pollAgain(context, access);
      else notebookWatch.publish(context, access, notebook);
      return { id, notebook };
    },
  }),
}));

/** Every change that is asked for, the strictest first. */
function actionsOf({ flavorId, imageId, endpoints, hooks, capacityGib }: UpdateNotebookRequest): NotebookAction[] {
  const actions: NotebookAction[] = [];
  if (flavorId !== undefined) actions.push('UPDATE_FLAVOR');
  if (imageId !== undefined) actions.push('UPDATE_IMAGE');
  if (endpoints !== undefined) actions.push('UPDATE_ENDPOINTS');
  if (hooks !== undefined) actions.push('UPDATE_HOOKS');
  if (capacityGib !== undefined) actions.push('GROW_VOLUME');
  return [...actions, 'UPDATE'];
}
