import {
  actOnDevEnvironment,
  createDevEnvironment,
  type DevEnvironmentTransition,
  deleteDevEnvironment,
  updateDevEnvironment,
} from '../../modelarts/dev-environment-changes.ts';
import type { DevEnvInstance } from '../../modelarts/dev-environments.ts';
import {
  BillingError,
  CapacityError,
  ConflictError,
  NotFoundError,
  QuotaExceededError,
} from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import type { Context } from '../core/context.ts';
import { changeErrors } from '../core/error.ts';
import { ofTheChange } from '../loading/cost.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { DevEnvStatusEnum } from './enums.ts';
import { CreateDevEnvInstanceInput, UpdateDevEnvInstanceInput } from './input.ts';
import { DevEnvInstanceType, devEnvInstanceLoader } from './instance.ts';
import { createDevEnvRequest, updateDevEnvRequest } from './rules.ts';
import { devEnvWatch } from './watch.ts';

const devEnvChangeErrors = [...changeErrors, NotFoundError, ConflictError, BillingError];

const idField = {
  required: true,
  description: "Global id of the instance, or ModelArts' own id (`DE-` and a UUID).",
} as const;

const rawIdDescription = "ModelArts' own id of the instance.";

/** Nullable, so that a change that took effect is told even when reading the instance after it fails. */
const rereadDescription =
  'The instance, read again when selected; null, with an error of its own, when that read fails, though the change took effect. REST: ShowDevEnvironment.';

const CreateDevEnvInstancePayload = builder
  .objectRef<{ readonly devEnvInstance: DevEnvInstance }>('CreateDevEnvInstancePayload')
  .implement({
    description: 'The development environment that is being created.',
    fields: (t) => ({
      devEnvInstance: t.field({
        type: DevEnvInstanceType,
        description: 'As ModelArts answered; watch it with `devEnvInstanceStatusChanged` until it is RUNNING.',
        resolve: (payload) => payload.devEnvInstance,
      }),
    }),
  });

const UpdateDevEnvInstancePayload = builder
  .objectRef<{ readonly id: string }>('UpdateDevEnvInstancePayload')
  .implement({
    description: 'The changed development environment.',
    fields: (t) => ({
      devEnvInstanceId: t.exposeString('id', { description: rawIdDescription }),
      devEnvInstance: t.field({
        type: DevEnvInstanceType,
        nullable: true,
        description: rereadDescription,
        extensions: { cost: ofTheChange },
        resolve: ({ id }, _args, context) => devEnvInstanceLoader(context).load(id),
      }),
    }),
  });

const DeleteDevEnvInstancePayload = builder
  .objectRef<{ readonly id: string }>('DeleteDevEnvInstancePayload')
  .implement({
    description: 'The development environment that is gone.',
    fields: (t) => ({ devEnvInstanceId: t.exposeString('id', { description: rawIdDescription }) }),
  });

type Transition = DevEnvironmentTransition & { readonly id: string };

const transitionPayload = (name: string, description: string) =>
  builder.objectRef<Transition>(name).implement({
    description,
    fields: (t) => ({
      devEnvInstanceId: t.exposeString('id', { description: rawIdDescription }),
      devEnvInstance: t.field({
        type: DevEnvInstanceType,
        nullable: true,
        description: rereadDescription,
        extensions: { cost: ofTheChange },
        resolve: ({ id }, _args, context) => devEnvInstanceLoader(context).load(id),
      }),
      currentStatus: t.expose('currentStatus', {
        type: DevEnvStatusEnum,
        description: 'Status the instance was put in (`current_status`); it may have moved on since.',
      }),
      currentStatusRaw: t.exposeString('currentStatusRaw', { description: '`currentStatus` as ModelArts wrote it.' }),
      previousStatus: t.expose('previousStatus', {
        type: DevEnvStatusEnum,
        nullable: true,
        description: 'Status it was in before (`previous_state`).',
      }),
      previousStatusRaw: t.exposeString('previousStatusRaw', {
        nullable: true,
        description: '`previousStatus` as ModelArts wrote it.',
      }),
    }),
  });

const StartDevEnvInstancePayload = transitionPayload(
  'StartDevEnvInstancePayload',
  'The development environment that is being started.',
);

const StopDevEnvInstancePayload = transitionPayload(
  'StopDevEnvInstancePayload',
  'The development environment that is being stopped.',
);

const StartDevEnvInstanceInput = builder.inputType('StartDevEnvInstanceInput', {
  description: 'Which development environment to start.',
  fields: (t) => ({ id: t.id(idField) }),
});

const StopDevEnvInstanceInput = builder.inputType('StopDevEnvInstanceInput', {
  description: 'Which development environment to stop.',
  fields: (t) => ({ id: t.id(idField) }),
});

const DeleteDevEnvInstanceInput = builder.inputType('DeleteDevEnvInstanceInput', {
  description: 'Which development environment to delete.',
  fields: (t) => ({ id: t.id(idField) }),
});

/** What this operation has read of the instance before the change must not answer for it afterwards. */
const forget = (context: Context, id: string): void => {
  devEnvInstanceLoader(context).clear(id);
};

async function act(context: Context, givenId: string, action: 'START' | 'STOP'): Promise<Transition> {
  const id = rawIdOf('DevEnvInstance', givenId, ['input', 'id']);
  const access = await context.access();
  const transition = await actOnDevEnvironment(access.session, access.projectId, id, action);
  forget(context, id);
  devEnvWatch.pollAgain(context, access);
  return { ...transition, id };
}

builder.mutationFields((t) => ({
  createDevEnvInstance: t.field({
    type: CreateDevEnvInstancePayload,
    description:
      'Create a development environment. It takes minutes; the answer is only the start. REST: CreateDevEnvironment, tried once.',
    args: {
      input: t.arg({ type: CreateDevEnvInstanceInput, required: true, description: 'The instance to create.' }),
    },
    errors: {
      types: [...devEnvChangeErrors, QuotaExceededError, CapacityError],
      union: { name: 'CreateDevEnvInstanceResult', description: 'The instance, or why it was not created.' },
    },
    resolve: async (_root, args, context) => {
      const request = createDevEnvRequest(args.input);
      const access = await context.access();
      const devEnvInstance = await createDevEnvironment(access.session, access.projectId, request);
      devEnvWatch.publish(context, access, devEnvInstance);
      return { devEnvInstance };
    },
  }),
  updateDevEnvInstance: t.field({
    type: UpdateDevEnvInstancePayload,
    description:
      'Change description or auto stop of a development environment that is STOPPED or RUNNING. REST: UpdateDevEnvironment, tried once.',
    args: {
      input: t.arg({ type: UpdateDevEnvInstanceInput, required: true, description: 'Which instance, and what of it.' }),
    },
    errors: {
      types: devEnvChangeErrors,
      union: { name: 'UpdateDevEnvInstanceResult', description: 'The instance, or why it was not changed.' },
    },
    resolve: async (_root, args, context) => {
      const { id, ...request } = updateDevEnvRequest(args.input);
      const access = await context.access();
      await updateDevEnvironment(access.session, access.projectId, id, request);
      forget(context, id);
      devEnvWatch.pollAgain(context, access);
      return { id };
    },
  }),
  startDevEnvInstance: t.field({
    type: StartDevEnvInstancePayload,
    description:
      'Start a STOPPED development environment. It takes minutes; the answer is only the start. REST: ActOnDevEnvironment, tried once.',
    args: { input: t.arg({ type: StartDevEnvInstanceInput, required: true, description: 'Which instance to start.' }) },
    errors: {
      types: [...devEnvChangeErrors, CapacityError],
      union: { name: 'StartDevEnvInstanceResult', description: 'The instance, or why it was not started.' },
    },
    resolve: (_root, args, context) => act(context, args.input.id, 'START'),
  }),
  stopDevEnvInstance: t.field({
    type: StopDevEnvInstancePayload,
    description:
      'Stop a RUNNING development environment; the answer is only the start. REST: ActOnDevEnvironment, tried once.',
    args: { input: t.arg({ type: StopDevEnvInstanceInput, required: true, description: 'Which instance to stop.' }) },
    errors: {
      types: devEnvChangeErrors,
      union: { name: 'StopDevEnvInstanceResult', description: 'The instance, or why it was not stopped.' },
    },
    resolve: (_root, args, context) => act(context, args.input.id, 'STOP'),
  }),
  deleteDevEnvInstance: t.field({
    type: DeleteDevEnvInstancePayload,
    description:
      'Delete a development environment; a running one has to be stopped first. Done when it answers; this cannot be undone. REST: DeleteDevEnvironment, tried once.',
    args: {
      input: t.arg({ type: DeleteDevEnvInstanceInput, required: true, description: 'Which instance to delete.' }),
    },
    errors: {
      types: devEnvChangeErrors,
      union: { name: 'DeleteDevEnvInstanceResult', description: 'The id of the instance, or why it was not deleted.' },
    },
    resolve: async (_root, args, context) => {
      const id = rawIdOf('DevEnvInstance', args.input.id, ['input', 'id']);
      const access = await context.access();
      const deletedId = await deleteDevEnvironment(access.session, access.projectId, id);
      forget(context, id);
      devEnvWatch.publishGone(context, access, id);
      return { id: deletedId };
    },
  }),
}));
