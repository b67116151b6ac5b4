import type { Notebook, NotebookStatus } from '../../modelarts/notebooks.ts';
import { builder } from '../core/builder.ts';
import { deliver } from '../events/event-delivery.ts';
import { eventDescriptions, StatusEventInterface } from '../events/status-event.ts';
import type { StatusEvent } from '../events/status-events.ts';
import { statusStream } from '../events/status-stream.ts';
import { rawIdOf } from '../relay/global-id.ts';
import { NotebookStatusEnum } from './enums.ts';
import { NotebookType } from './notebook.ts';
import { notebookStatusRules, notebookWatch } from './watch.ts';

const NotebookStatusEventType = builder
  .objectRef<StatusEvent<Notebook, NotebookStatus>>('NotebookStatusEvent')
  .implement({
    description: 'The state of a notebook, or a change of it.',
    interfaces: [StatusEventInterface],
    fields: (t) => ({
      notebookId: t.exposeString('id', { description: "ModelArts' own id (UUID)." }),
      notebook: t.field({
        type: NotebookType,
        nullable: true,
        description: 'The notebook as last read; null when it is gone.',
        resolve: (event) => event.item,
      }),
      status: t.expose('status', {
        type: NotebookStatusEnum,
        description: 'State; DELETED when it is gone, UNKNOWN before the first one is known.',
      }),
      previousStatus: t.expose('previousStatus', {
        type: NotebookStatusEnum,
        nullable: true,
        description: eventDescriptions.previousStatus,
      }),
    }),
  });

builder.subscriptionField('notebookStatusChanged', (t) =>
  t.field({
    type: NotebookStatusEventType,
    description:
      'The status of a notebook: first as it is, then every change of it, of its name, lease, tags and start-up steps (`notebook.progress`). Ends at a status of `until`, at a failure, or when the notebook is gone. Subscribers with one token share one poll: of this notebook alone when no other is watched, else of the list, with one more call for each notebook that is starting. REST: ShowNotebook, ListNotebooks.',
    args: {
      id: t.arg.id({ required: true, description: "Global id, or ModelArts' own id (UUID)." }),
      until: t.arg({
        type: [NotebookStatusEnum],
        description: 'Statuses that end the subscription, for example `[RUNNING]`; failures always do.',
      }),
      since: t.arg.string({ description: eventDescriptions.since }),
    },
    subscribe: async (_root, args, context) => {
      const id = rawIdOf('Notebook', args.id);
      return statusStream(context, notebookWatch, {
        id,
        until: args.until,
        since: args.since,
        rules: notebookStatusRules,
      });
    },
    resolve: deliver,
  }),
);
