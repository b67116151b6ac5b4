import {
  type ActionState,
  type DevEnvironmentAction,
  devEnvironmentActions,
  isTransitional,
} from '../../modelarts/state-machine.ts';
import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import { DevEnvInstanceType } from './instance.ts';

const DevEnvActionEnum = requestEnum('DevEnvAction', {
  description: 'What can be done to a development environment.',
  values: {
    START: '`startDevEnvInstance`.',
    STOP: '`stopDevEnvInstance`.',
    DELETE: '`deleteDevEnvInstance`.',
    UPDATE: '`updateDevEnvInstance`: description and auto stop.',
  },
});

const AvailableDevEnvActionType = builder
  .objectRef<ActionState<DevEnvironmentAction>>('AvailableDevEnvAction')
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

builder.objectFields(DevEnvInstanceType, (t) => ({
  isTransitional: t.boolean({
    description: 'Whether the status will change by itself: read it again after a while.',
    resolve: (instance) => isTransitional(instance.status),
  }),
  availableActions: t.field({
    type: [AvailableDevEnvActionType],
    description:
      'Everything that can be done to a development environment, and whether the status allows it now; costs no call.',
    resolve: (instance) => devEnvironmentActions(instance.status),
  }),
}));
