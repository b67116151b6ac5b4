import { builder } from '../core/builder.ts';
import { requestEnum } from '../core/enums.ts';
import { deliver, resumePoint } from '../events/event-delivery.ts';
import { eventDescriptions } from '../events/status-event.ts';
import { stopWithReader } from '../events/stop-with-reader.ts';
import { defaultThresholds, readThresholds, thresholdsAllowed } from '../events/thresholds.ts';
import { NotebookType } from '../notebook/notebook.ts';
import { notebookWatch } from '../notebook/watch.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { LeaseType } from './lease.ts';
import { type LeaseEvent, leaseEvents } from './stream.ts';

const LeaseEventKindEnum = requestEnum('LeaseEventKind', {
  description: 'What an event about a lease says.',
  values: {
    CURRENT: 'The lease at the moment; the first event.',
    EXPIRING: 'A threshold has passed: `beforeSeconds` or less are left.',
    RENEWED: 'The countdown begins anew, after a renewal or a start; thresholds count again.',
    DISABLED: 'Auto-stop was switched off; nothing counts down.',
    EXPIRED: 'ModelArts has stopped the notebook because its lease ran out.',
    STOPPED: 'The notebook no longer runs, and not because of its lease; nothing counts down.',
    REMOVED: 'The notebook is gone; no more events follow.',
    UNREACHABLE: 'ModelArts has not answered lately: the lease may have been renewed. The subscription goes on.',
    REACHABLE: 'ModelArts answers again.',
  },
});

const LeaseEventType = builder.objectRef<LeaseEvent>('LeaseEvent').implement({
  description: 'The lease of a notebook, or what became of it.',
  fields: (t) => ({
    kind: t.expose('kind', { type: LeaseEventKindEnum, description: 'What this event says.' }),
    notebookId: t.exposeString('id', { description: "ModelArts' own id of the notebook (UUID)." }),
    notebook: t.field({
      type: NotebookType,
      nullable: true,
      description: 'The notebook as last read; null when it is gone.',
      resolve: (event) => event.notebook,
    }),
    lease: t.field({
      type: LeaseType,
      nullable: true,
      description: 'The lease as last read; null when the notebook is gone.',
      resolve: (event) => event.notebook?.lease ?? null,
    }),
    expiresAt: t.expose('expiresAtMs', {
      type: 'DateTime',
      nullable: true,
      description:
        'When ModelArts will stop the notebook; null when nothing counts down: auto-stop is off, or it does not run.',
    }),
    remainingSeconds: t.expose('remainingSeconds', {
      type: 'BigInt',
      nullable: true,
      description: 'Whole seconds until `expiresAt`, at the time of the event; 0 when it is past.',
    }),
    beforeSeconds: t.exposeInt('beforeSeconds', {
      nullable: true,
      description: 'The threshold that has passed, in EXPIRING events.',
    }),
    observedAt: t.expose('observedAt', { type: 'DateTime', description: eventDescriptions.observedAt }),
    unreachableSince: t.expose('unreachableSince', {
      type: 'DateTime',
      nullable: true,
      description: eventDescriptions.unreachableSince,
    }),
    isFinal: t.boolean({
      description: 'Whether this is the last event: the notebook is gone.',
      resolve: (event) => event.kind === 'REMOVED',
    }),
    sequence: t.exposeString('sequence', { nullable: true, description: eventDescriptions.sequence }),
    isReset: t.exposeBoolean('isReset', {
      description: 'Whether what was emitted before no longer counts: `since` was no `sequence` of this subscription.',
    }),
  }),
});

const longest = { seconds: 72 * 3600, inWords: '72 hours' };

builder.subscriptionField('leaseExpiring', (t) =>
  t.field({
    type: LeaseEventType,
    description:
      'Warns before a notebook is stopped by its lease: first the lease as it is, then an event at each threshold, once for each countdown, and whenever the lease is renewed, switched off or has run out. A threshold that is past already is emitted at once, the nearest one only. Ends when the notebook is gone. Shares the poll of `notebookStatusChanged`; between polls the time is counted here, and a renewal made elsewhere is seen by the next poll. REST: ShowNotebook, ListNotebooks.',
    args: {
      id: t.arg.id({ required: true, description: "Global id of the notebook, or ModelArts' own id (UUID)." }),
      beforeSeconds: t.arg.intList({
        defaultValue: defaultThresholds,
        description: `Thresholds in seconds before the end: ${thresholdsAllowed(longest)}.`,
      }),
      since: t.arg.string({
        description:
          '`sequence` of the last event read before a disconnect: what was emitted already is not emitted again. It does not age.',
      }),
    },
    subscribe: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.id);
      const thresholds = readThresholds(args.beforeSeconds, longest);
      const access = await context.access();
      const events = await notebookWatch.listen(context, { id, endsAt: (notebook) => notebook === undefined });
      const emitted = leaseEvents(events, {
        id,
        thresholds,
        since: resumePoint(args.since, context) ?? null,
        pollAgain: () => notebookWatch.pollAgain(context, access),
      });
      return stopWithReader(emitted, events);
    },
    resolve: deliver,
  }),
);
