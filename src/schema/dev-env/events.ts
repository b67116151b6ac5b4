import type { DevEnvInstance, DevEnvironmentStatus } from '../../modelarts/dev-environments.ts';
import { builder } from '../core/builder.ts';
import { deliver } from '../events/event-delivery.ts';
import { isShort } from '../events/item-codec.ts';
import { eventDescriptions, StatusEventInterface } from '../events/status-event.ts';
import type { StatusEvent } from '../events/status-events.ts';
import { statusStream } from '../events/status-stream.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { DevEnvStatusEnum } from './enums.ts';
import { DevEnvInstanceType, devEnvInstanceLoader } from './instance.ts';
import { devEnvStatusRules, devEnvWatch } from './watch.ts';

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
      'The status of a development environment: first as it is, then every change of it, of its name, description, auto stop and place in the queue. Ends at a status of `until`, at a failure, or when the instance is gone. Subscribers with one token share one poll: of this instance alone when no other is watched, else of the list. REST: ShowDevEnvironment, ListDevEnvironments.',
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
