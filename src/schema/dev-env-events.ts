import type { DevEnvInstance, DevEnvironmentStatus } from '../modelarts/dev-environments.ts';
import { builder } from './builder.ts';
import { DevEnvStatusEnum } from './dev-env-enums.ts';
import { DevEnvInstanceType, devEnvInstanceLoader } from './dev-env-instance.ts';
import { devEnvStatusRules, devEnvWatch } from './dev-env-watch.ts';
import { deliver } from './event-delivery.ts';
import { rawIdOf } from './global-id.ts';
import { isShort } from './shared-item.ts';
import { eventDescriptions, StatusEventInterface } from './status-event.ts';
import type { StatusEvent } from './status-events.ts';
import { statusStream } from './status-stream.ts';

const DevEnvInstanceStatusEventType = builder
  .objectRef<StatusEvent<DevEnvInstance, DevEnvironmentStatus>>('DevEnvInstanceStatusEvent')
  .implement({
    description: 'The state of a development environment, or a change of it.',
    interfaces: [StatusEventInterface],
    fields: (t) => ({
      devEnvInstanceId: t.exposeString('id', { description: "ModelArts' own id of the instance." }),
      devEnvInstance: t.field({
        type: DevEnvInstanceType,
        nullable: true,
        description: 'The instance as last read; null when it is gone.',
        resolve: ({ item }, _args, context) =>
          item !== null && isShort(item) ? devEnvInstanceLoader(context).load(item.id) : item,
      }),
      status: t.expose('status', {
        type: DevEnvStatusEnum,
        description: 'State; DELETED when it is gone, UNKNOWN before the first one is known.',
      }),
      previousStatus: t.expose('previousStatus', {
        type: DevEnvStatusEnum,
        nullable: true,
        description: eventDescriptions.previousStatus,
      }),
    }),
  });

builder.subscriptionField('devEnvInstanceStatusChanged', (t) =>
  t.field({
    type: DevEnvInstanceStatusEventType,
    description:
      'The status of a development environment: first as it is, then every change of it, of its name, description, auto stop and place in the queue. Ends at a status of `until`, at a failure, or when the instance is gone. Subscribers with one token share one poll: of this instance alone when no other is watched, else of the list.',
    args: {
      id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (`DE-` and a UUID)." }),
      until: t.arg({
        type: [DevEnvStatusEnum],
        description: 'Statuses that end the subscription, for example `[RUNNING]`; failures always do.',
      }),
      since: t.arg.string({ description: eventDescriptions.since }),
    },
    subscribe: async (_root, args, context) => {
      const id = rawIdOf('DevEnvInstance', args.id);
      return statusStream(context, devEnvWatch, { id, until: args.until, since: args.since, rules: devEnvStatusRules });
    },
    resolve: deliver,
  }),
);
