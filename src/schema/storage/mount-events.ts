import type { StorageMount, StorageMountStatus } from '../../modelarts/storage-mounts.ts';
import { BadUserInputError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import { deliver } from '../events/event-delivery.ts';
import { eventSharing } from '../events/event-identity.ts';
import { isShort } from '../events/item-codec.ts';
import { eventDescriptions, StatusEventInterface } from '../events/status-event.ts';
import type { StatusEvent } from '../events/status-events.ts';
import { statusStream } from '../events/status-stream.ts';
import { stopWithReader } from '../events/stop-with-reader.ts';
import { rawIdOf } from '../relay/global-id.ts';
import {
  mountKey,
  placed,
  readMountPlace,
  StorageMountStatusEnum,
  StorageMountType,
  storageMountLoader,
} from './mount.ts';
import { storageMountStatusRules, storageMountWatch } from './mount-watch.ts';

type StorageMountStatusEvent = StatusEvent<StorageMount, StorageMountStatus> & { readonly notebookId: string };

const StorageMountStatusEventType = builder.objectRef<StorageMountStatusEvent>('StorageMountStatusEvent').implement({
  description: 'The state of a storage mount, or a change of it.',
  interfaces: [StatusEventInterface],
  fields: (t) => ({
    storageMountId: t.exposeString('id', { description: "ModelArts' own id of the mount (UUID)." }),
    notebookId: t.exposeString('notebookId', { description: "ModelArts' own id of the notebook (UUID)." }),
    storageMount: t.field({
      type: StorageMountType,
      nullable: true,
      description: 'The mount as last read; null when it is gone.',
      resolve: ({ notebookId, item }, _args, context) =>
        item !== null && isShort(item)
          ? storageMountLoader(context).load(mountKey({ notebookId, mountId: item.id }))
          : item && placed(notebookId, item),
    }),
    status: t.expose('status', {
      type: StorageMountStatusEnum,
      description: 'State; UNMOUNTED when it is gone, UNKNOWN before the first one is known.',
    }),
    previousStatus: t.expose('previousStatus', {
      type: StorageMountStatusEnum,
      nullable: true,
      description: eventDescriptions.previousStatus,
    }),
  }),
});

const shareEvent = eventSharing();

async function* inNotebook(
  notebookId: string,
  events: AsyncIterable<StatusEvent<StorageMount, StorageMountStatus>>,
): AsyncGenerator<StorageMountStatusEvent> {
  for await (const event of events) yield shareEvent(event, [notebookId], { ...event, notebookId });
}

builder.subscriptionField('storageMountStatusChanged', (t) =>
  t.field({
    type: StorageMountStatusEventType,
    description:
      'The status of a storage mount: first as it is, then every change of it. Ends at a status of `until`, at a failure, or when the mount is gone, which a stop of the notebook brings about as well. Subscribers with one token share one poll for all mounts of a notebook. REST: ListAttachableObss.',
    args: {
      id: t.arg.id({
        required: true,
        description: "Global id of the mount, or ModelArts' own id (UUID) together with `notebookId`.",
      }),
      notebookId: t.arg.id({
        description: "Global id of the notebook, or ModelArts' own id (UUID); can be left out beside a global `id`.",
      }),
      until: t.arg({
        type: [StorageMountStatusEnum],
        description: 'Statuses that end the subscription, for example `[MOUNTED]`; failures always do.',
      }),
      since: t.arg.string({ description: eventDescriptions.since }),
    },
    subscribe: async (_root, args, context) => {
      const notebookId = args.notebookId ? rawIdOf('Notebook', args.notebookId, ['notebookId']) : undefined;
      const { place, problem } = readMountPlace(rawIdOf('StorageMount', args.id), notebookId);
      if (problem !== null) throw BadUserInputError.of([{ path: ['id'], message: problem }]);
      const id = place.mountId;
      const { until, since } = args;
      const watch = storageMountWatch(place.notebookId);
      const events = await statusStream(context, watch, { id, until, since, rules: storageMountStatusRules });
      return stopWithReader(inNotebook(place.notebookId, events), events);
    },
    resolve: deliver,
  }),
);
