import { type ActionState, type DevEnvironmentAction, devEnvironmentActions } from '../modelarts/state-machine.ts';
import { builder } from './builder.ts';
import { DevEnvInstanceType } from './dev-env-instance.ts';
import { requestEnum } from './enums.ts';

const DevEnvActionEnum = requestEnum('DevEnvAction', {
  description: 'What can be done to a development environment.',
  values: {
    START: '`startDevEnvInstance`.',
    STOP: '`stopDevEnvInstance`.',
    DELETE: '`deleteDevEnvInstance`.',
    UPDATE: '`updateDevEnvInstance`: description and auto stop.',
  },
});

const DevEnvAvailableActionType = builder
  .objectRef<ActionState<DevEnvironmentAction>>('DevEnvAvailableAction')
  .implement({
    description: 'Whether something can be done to a development environment now: what to do with its button.',
    fields: (t) => ({
      action: t.expose('action', { type: DevEnvActionEnum, description: 'What could be done.' }),
      enabled: t.exposeBoolean('isEnabled', { description: 'Whether the status allows it.' }),
      reason: t.exposeString('reason', {
        nullable: true,
        description: 'Why not, in a sentence for people; null when enabled.',
      }),
    }),
  });

builder.objectField(DevEnvInstanceType, 'availableActions', (t) =>
  t.field({
    type: [DevEnvAvailableActionType],
    description: 'Every action, with whether the status allows it; worked out here, without a call.',
    resolve: (instance) => devEnvironmentActions(instance.status),
  }),
);
