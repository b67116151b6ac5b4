import type { Context } from '../core/context.ts';
import { devEnvInstanceLoader } from '../dev-env/instance.ts';
import { flavorLoader } from '../flavor/flavor.ts';
import { imageLoader } from '../image/image.ts';
import { notebookLoader } from '../notebook/notebook.ts';
import { storageMountLoader } from '../storage/mount.ts';

/** Where a subscription goes on: behind the event named in its argument, or by the client's transport. */
export const resumePoint = (since: string | null | undefined, context: Context): string | undefined =>
  since ?? context.resume.since ?? undefined;

/**
 * Resolver of every subscription: an event on its way to those who asked the same. Loaders remember for one operation; a
 * subscription is one operation that lasts, so each event begins with nothing remembered.
 */
export function deliver<Event>(event: Event, _args: unknown, context: Context): Event {
  for (const loaderOf of [notebookLoader, imageLoader, flavorLoader, devEnvInstanceLoader, storageMountLoader]) {
    loaderOf(context).clearAll();
  }
  // of an event whose execution others share, each has it set for itself
  noteEmitted(event, context);
  return event;
}

/** Notes of any event of the schema what its transport has to know. */
export function noteEmitted(event: unknown, { resume }: Pick<Context, 'resume'>): void {
  // every event of the schema is an object; most have them
  const { sequence, observedAt } = event as { readonly sequence?: unknown; readonly observedAt?: unknown };
  resume.sequence = typeof sequence === 'string' ? sequence : null;
  resume.observedAt = typeof observedAt === 'number' ? observedAt : null;
}
