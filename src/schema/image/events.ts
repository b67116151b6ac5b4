import type { Image, ImageStatus } from '../../modelarts/images.ts';
import { builder } from '../core/builder.ts';
import { deliver } from '../events/event-delivery.ts';
import { isShort } from '../events/item-codec.ts';
import { eventDescriptions, StatusEventInterface } from '../events/status-event.ts';
import type { StatusEvent } from '../events/status-events.ts';
import { statusStream } from '../events/status-stream.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { ImageStatusEnum, ImageType, imageLoader } from './image.ts';
import { imageStatusRules, imageWatch } from './watch.ts';

const ImageStatusEventType = builder.objectRef<StatusEvent<Image, ImageStatus>>('ImageStatusEvent').implement({
  description: 'The state of an image, or a change of it.',
  interfaces: [StatusEventInterface],
  fields: (t) => ({
    imageId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
    image: t.field({
      type: ImageType,
      nullable: true,
      description: 'The image as last read; null when it is gone.',
      resolve: ({ item }, _args, context) =>
        item !== null && isShort(item) ? imageLoader(context).load(item.id) : item,
    }),
    status: t.expose('status', {
      type: ImageStatusEnum,
      description: 'State; DELETED when it is gone, UNKNOWN before the first one is known.',
    }),
    previousStatus: t.expose('previousStatus', {
      type: ImageStatusEnum,
      nullable: true,
      description: eventDescriptions.previousStatus,
    }),
  }),
});

builder.subscriptionField('imageStatusChanged', (t) =>
  t.field({
    type: ImageStatusEventType,
    description:
      'The status of an image: first as it is, then every change of it, of its status message, name and tag. Ends at a status of `until`, at a failure, or when the image is gone. Subscribers with one token share one poll: of this image alone when no other is watched, else of the list. REST: ShowImage, ListImage.',
    args: {
      id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (UUID)." }),
      until: t.arg({
        type: [ImageStatusEnum],
        description: 'Statuses that end the subscription, for example `[ACTIVE]`; failures always do.',
      }),
      since: t.arg.string({ description: eventDescriptions.since }),
    },
    subscribe: async (_root, args, context) => {
      const id = rawIdOf('Image', args.id);
      return statusStream(context, imageWatch, { id, until: args.until, since: args.since, rules: imageStatusRules });
    },
    resolve: deliver,
  }),
);
