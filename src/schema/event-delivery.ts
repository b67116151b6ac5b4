import type { Context } from './context.ts';
import { DevEnvInstanceType } from './dev-env-instance.ts';
import { FlavorType } from './flavor.ts';
import { ImageType } from './image.ts';
import { NotebookType } from './notebook.ts';
import { StorageMountType } from './storage-mount.ts';

/** Where a subscription goes on: behind the event named in its argument, or by the client's transport. */
export const resumePoint = (since: string | null | undefined, context: Context): string | undefined =>
  since ?? context.resume.since ?? undefined;

/**
 * Resolver of every subscription: an event on its way to those who asked the same. Loaders remember for one operation; a
 * subscription is one operation that lasts, so each event begins with nothing remembered.
 */
export function deliver<Event>(event: Event, _args: unknown, context: Context): Event {
  for (const type of [NotebookType, ImageType, FlavorType, DevEnvInstanceType, StorageMountType]) {
    type.getDataloader(context).clearAll();
  }
  return event;
}
