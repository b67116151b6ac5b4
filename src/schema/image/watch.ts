import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../../modelarts/client/client.ts';
import {
  decodeImage,
  type Image,
  type ImageStatus,
  imagePageLimit,
  listImage,
  showImage,
} from '../../modelarts/images.ts';
import { isTransitional } from '../../modelarts/state-machine.ts';
import type { WatchSource } from '../../watch/watch-source.ts';
import { callerWatch } from '../events/caller-watch.ts';
import { shortCodec } from '../events/item-codec.ts';
import { frugalPoll } from '../events/poll-source.ts';
import type { StatusRules } from '../events/status-events.ts';
import { watchedKinds } from '../events/watched-kinds.ts';

/** What of an image is worth an event; size and times come and go between lists and detail reads. */
const comparedFields = (image: Image) => [image.statusRaw, image.statusMessage ?? '', image.name, image.tag];

const statusOf = (image: Image): ImageStatus => image.status ?? 'UNKNOWN';

/** Images one caller sees, for polling: one by itself, more with one list of built-in and own ones. */
export const imageSource = (open: (signal: AbortSignal) => Session, projectId: string): WatchSource<Image> => ({
  poll: frugalPoll(open, {
    id: (image) => image.id,
    one: (session, id) => showImage(session, projectId, id),
    all: (session) => ({
      // its total counts more than it lists (contract/NOTES.md, trap 14): to believe it would cost a second call each time
      fetch: async (offset, limit) => ({ ...(await listImage(session, projectId, { offset, limit })), total: null }),
      limits: [imagePageLimit],
      id: (image) => image.id,
    }),
  }),
  id: (image) => image.id,
  isEqual: (a, b) => isDeepStrictEqual(comparedFields(a), comparedFields(b)),
  isTransitional: (image) => isTransitional(statusOf(image)),
  codec: shortCodec(
    ({ id, name, tag, statusRaw, statusMessage }) => ({
      id,
      name,
      tag,
      status: statusRaw,
      status_message: statusMessage,
    }),
    decodeImage,
  ),
});

export const imageWatch = callerWatch(watchedKinds.images, imageSource);

export const imageStatusRules: StatusRules<Image, ImageStatus> = {
  thing: 'image',
  gone: 'DELETED',
  status: statusOf,
  statusRaw: (image) => image.statusRaw ?? '',
  failReason: (image) => image.statusMessage,
};
